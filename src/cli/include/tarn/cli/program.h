#pragma once

namespace tarn::cli {

/// The whole program; returns its exit code.
int RunProgram(int argc, char** argv);

}  // namespace tarn::cli
