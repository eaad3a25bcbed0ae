#include "init_command.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "error_report.h"
#include "tarn/base/result.h"

namespace tarn::cli {

namespace {

/// A name that a pipeline and a schema can have, of the folder's.
std::string NameOf(const std::filesystem::path& folder) {
  std::string name;
  for (const char c : folder.filename().string()) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (upper || kept) {
      name += upper ? static_cast<char>(c | 0x20) : c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (name.ends_with('_')) name.pop_back();
  if (name.empty()) return "my_project";
  return name[0] >= '0' && name[0] <= '9' ? "project_" + name : name;
}

void Replace(std::string* text, std::string_view place, const std::string& value) {
  for (size_t at = text->find(place); at != text->npos; at = text->find(place, at + value.size())) {
    text->replace(at, place.size(), value);
  }
}

std::string Filled(std::string text, const std::string& name, const std::string& folder) {
  Replace(&text, "NAME", name);
  Replace(&text, "FOLDER", folder);
  return text;
}

Error CannotWrite(const std::filesystem::path& path, const std::string& detail) {
  return Error(Condition("IO_ERROR"),
               {{"operation", "Writing"}, {"path", path.string()}, {"detail", detail}});
}

/// Never writes over a file, not even over one that appears meanwhile.
Status WriteNew(const std::filesystem::path& path, const std::string& text) {
  std::error_code code;
  std::filesystem::create_directories(path.parent_path(), code);
  if (code) return CannotWrite(path, code.message());
  std::FILE* file = std::fopen(path.c_str(), "wx");
  if (file == nullptr) return CannotWrite(path, std::strerror(errno));
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) != 0 || !written) return CannotWrite(path, std::strerror(errno));
  return {};
}

Status MakeProject(const InitCommand& command, std::vector<std::string>* made) {
  std::error_code code;
  const std::filesystem::path folder =
      std::filesystem::weakly_canonical(std::filesystem::absolute(command.folder, code), code);
  if (code) return CannotWrite(command.folder, code.message());
  const std::string name = NameOf(folder);
  for (const TemplateFile& file : TemplateOf(command.form)) {
    const std::filesystem::path path = folder / Filled(file.path, name, "");
    if (std::filesystem::exists(path, code)) {
      return Error(Condition("PROJECT_FILE_EXISTS"), {{"path", path.string()}});
    }
  }
  for (const TemplateFile& file : TemplateOf(command.form)) {
    const std::string path = Filled(file.path, name, "");
    TARN_TRY(WriteNew(folder / path, Filled(file.text, name, folder.string())));
    made->push_back(path);
  }
  return {};
}

}  // namespace

void AddInitVerb(CLI::App& program, InitCommand& command) {
  CLI::App* verb = program.add_subcommand("init", "Make a new pipeline project that runs");
  verb->add_option("FOLDER", command.folder, "Where (default: the current folder); made if needed");
  verb->add_option("--form", command.form,
                   "bundle (a Databricks bundle, the default) or spark (spark-pipeline.yml)")
      ->type_name("FORM")
      ->check(CLI::IsMember({"bundle", "spark"}).description(""));
  verb->footer(
      "\nExamples:\n"
      "  tarn init shop && cd shop && tarn pipeline run\n"
      "  tarn init --form spark shop\n"
      "\nFiles that are there already are never overwritten.");
}

int RunInit(const InitCommand& command, const Terminal& terminal) {
  std::vector<std::string> made;
  const Status status = MakeProject(command, &made);
  if (!status.ok()) {
    std::fputs(DescribeError(status.error(), "", "", terminal).c_str(), stderr);
    return ExitCodeOf(status.error());
  }
  for (const std::string& path : made) std::printf("%s\n", path.c_str());
  std::fflush(stdout);
  const std::string enter = command.folder == "." ? "" : "cd '" + command.folder + "' && ";
  std::fprintf(stderr, "\nNext: %starn pipeline run\n", enter.c_str());
  return 0;
}

}  // namespace tarn::cli
