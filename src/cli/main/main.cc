#include "tarn/cli/program.h"

int main(int argc, char** argv) { return tarn::cli::RunProgram(argc, argv); }
