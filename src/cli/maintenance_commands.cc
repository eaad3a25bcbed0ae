#include "maintenance_commands.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "environment_storage.h"
#include "error_report.h"
#include "sql_command.h"

namespace tarn::cli {

namespace {

RequestContext UserContext() {
  RequestContext context;
  context.principal = CurrentUserName();
  return context;
}

}  // namespace

void AddBackupVerb(CLI::App& program, BackupCommand& command) {
  CLI::App* verb = program.add_subcommand(
      "backup", "Copy the lake to a new folder, consistent while it is used");
  verb->add_option("--home", command.home, "The lake's folder (default: $TARN_HOME or ~/.tarn)")
      ->type_name("FOLDER");
  verb->add_option("target", command.target, "The folder to make")->type_name("FOLDER")->required();
}

int RunBackup(const BackupCommand& command, const Terminal& terminal) {
  const Status status = session::BackupLake(UserContext(), command.home, command.target);
  if (!status.ok()) return Report(status.error(), terminal);
  std::fprintf(stderr, "The lake was copied to %s; open it with --home %s\n",
               command.target.c_str(), command.target.c_str());
  return 0;
}

void AddDoctorVerb(CLI::App& program, DoctorCommand& command) {
  CLI::App* verb = program.add_subcommand("doctor", "Check the lake and this machine");
  verb->add_option("--home", command.home, "The lake's folder (default: $TARN_HOME or ~/.tarn)")
      ->type_name("FOLDER");
}

int RunDoctor(const DoctorCommand& command, const Terminal& terminal) {
  auto findings = session::Diagnose(UserContext(), command.home, EnvironmentStorage());
  if (!findings.ok()) return Report(findings.error(), terminal);
  bool healthy = true;
  for (const session::Finding& finding : *findings) {
    std::printf("%s %-12s %s\n", finding.ok ? "ok  " : "FAIL", finding.check.c_str(),
                finding.detail.c_str());
    healthy &= finding.ok;
  }
  return healthy ? 0 : 1;
}

}  // namespace tarn::cli
