#include "sql_command.h"

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "environment_storage.h"
#include "error_report.h"
#include "interactive.h"
#include "script_runner.h"

namespace tarn::cli {

namespace {

constexpr size_t kScriptBytesMax = 256 << 20;

Result<std::string> ReadScript(const std::string& file) {
  std::FILE* stream = file == "-" ? stdin : std::fopen(file.c_str(), "rb");
  if (stream == nullptr) {
    if (errno == ENOENT) return Error(Condition("PATH_NOT_FOUND"), {{"path", file}});
    return Error(Condition("IO_ERROR"),
                 {{"operation", "Reading"}, {"path", file}, {"detail", std::strerror(errno)}});
  }
  std::string text;
  char buffer[65536];
  size_t count = 0;
  while (text.size() <= kScriptBytesMax &&
         (count = std::fread(buffer, 1, sizeof buffer, stream)) > 0) {
    text.append(buffer, count);
  }
  const bool failed = std::ferror(stream) != 0;
  const int code = errno;
  if (stream != stdin) std::fclose(stream);
  if (failed || text.size() > kScriptBytesMax) {
    return Error(Condition("IO_ERROR"),
                 {{"operation", "Reading"},
                  {"path", file},
                  {"detail", failed ? std::strerror(code) : "the script is larger than 256 MiB"}});
  }
  return text;
}

struct Script {
  std::string text;
  std::string name;
};

Result<std::vector<Script>> ReadScripts(const SqlCommand& command) {
  std::vector<Script> scripts;
  for (const std::string& text : command.expressions) scripts.push_back({text, ""});
  for (const std::string& file : command.files) {
    TARN_ASSIGN(std::string text, ReadScript(file));
    scripts.push_back({std::move(text), file == "-" ? "standard input" : file});
  }
  if (scripts.empty() && isatty(STDIN_FILENO) == 0) {
    TARN_ASSIGN(std::string text, ReadScript("-"));
    scripts.push_back({std::move(text), "standard input"});
  }
  return scripts;
}

/// What SET TIME ZONE LOCAL means: the zone that TZ names.
std::string LocalZone() {
  const char* zone = std::getenv("TZ");
  return zone != nullptr && *zone != '\0' ? zone : "UTC";
}

/// Only tests set it, as TARN_FAULT.
std::string TestEngineSettings() {
  const char* settings = std::getenv("TARN_TEST_ENGINE");
  return settings != nullptr ? settings : "";
}

}  // namespace

std::string CurrentUserName() {
  const passwd* entry = getpwuid(geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(geteuid());
}

int RunSql(const SqlCommand& command, const Terminal& terminal) {
  auto scripts = ReadScripts(command);
  if (!scripts.ok()) return Report(scripts.error(), terminal);
  int exit_code = 0;
  if (command.check_only && scripts->empty()) {
    std::fputs("error: --check needs something to check: -e, -f or standard input\n", stderr);
    return kUsageError;
  }
  if (command.check_only) {
    for (const Script& script : *scripts) {
      const int code = CheckScript(script.text, script.name, terminal);
      if (exit_code == 0) exit_code = code;
    }
    return exit_code;
  }
  RequestContext context;
  context.principal = CurrentUserName();
  session::InstanceOptions options;
  options.home = command.home;
  options.memory_bytes_max = command.memory_bytes_max;
  options.threads = command.threads;
  options.test_engine_settings = TestEngineSettings();
  options.storage = EnvironmentStorage();
  auto instance = session::Instance::Open(context, options);
  if (!instance.ok()) return Report(instance.error(), terminal);
  auto session = (*instance)->NewSession(
      {context.principal, command.deny_paths, command.timeout_ms, LocalZone()});
  if (scripts->empty()) {
    exit_code = RunInteractive(*session, command, terminal);
    ReportRollback(*session);
    return exit_code;
  }
  ScriptRunner runner(*session, command, terminal);
  for (const Script& script : *scripts) {
    const int code = runner.RunScript(script.text, script.name);
    if (exit_code == 0) exit_code = code;
    if (code != 0 && (!command.keep_going || code == kCancelled)) break;
  }
  ReportRollback(*session);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    return Report(Error(Condition("IO_ERROR"), {{"operation", "Writing"},
                                                {"path", "standard output"},
                                                {"detail", std::strerror(errno)}}),
                  terminal);
  }
  return exit_code;
}

}  // namespace tarn::cli
