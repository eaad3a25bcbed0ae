#pragma once

#include <string>

#include "terminal.h"

namespace CLI {
class App;
}

namespace tarn::cli {

struct BackupCommand {
  std::string home;
  std::string target;
};
void AddBackupVerb(CLI::App& program, BackupCommand& command);
int RunBackup(const BackupCommand& command, const Terminal& terminal);

struct DoctorCommand {
  std::string home;
};
void AddDoctorVerb(CLI::App& program, DoctorCommand& command);
int RunDoctor(const DoctorCommand& command, const Terminal& terminal);

}  // namespace tarn::cli
