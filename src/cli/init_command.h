#pragma once

#include <string>
#include <vector>

#include "terminal.h"

namespace CLI {
class App;
}

namespace tarn::cli {

/// tarn init: a project that runs, in a folder that has none of its files.
struct InitCommand {
  std::string form = "bundle";  ///< or spark
  std::string folder = ".";
};

/// A file of a template; NAME in its path and text stands for the project's name, FOLDER for its
/// absolute folder.
struct TemplateFile {
  const char* path;
  const char* text;
};
/// The files of a form's template.
const std::vector<TemplateFile>& TemplateOf(const std::string& form);

void AddInitVerb(CLI::App& program, InitCommand& command);
int RunInit(const InitCommand& command, const Terminal& terminal);

}  // namespace tarn::cli
