#include "tarn/cli/program.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "history_command.h"
#include "maintenance_commands.h"
#include "sql_command.h"
#include "tarn/delta/table_properties.h"
#include "terminal.h"

namespace tarn::cli {

namespace {

constexpr int kUsageError = 2;

std::string DefaultHome() {
  if (const char* home = std::getenv("TARN_HOME"); home != nullptr && *home != '\0') return home;
  const char* user_home = std::getenv("HOME");
  return std::string(user_home != nullptr ? user_home : ".") + "/.tarn";
}

std::string Absolute(const std::string& path) {
  if (!path.empty() && path[0] == '/') return path;
  char* current = realpath(".", nullptr);
  const std::string absolute = std::string(current != nullptr ? current : "") + "/" + path;
  std::free(current);
  return absolute;
}

void AddHome(CLI::App* verb, std::string& home) {
  verb->add_option("--home", home, "The lake's folder (default: $TARN_HOME or ~/.tarn)");
}

/// "2 GB", "512mb" or bytes.
std::string SizeError(const std::string& text) {
  return delta::ParseByteSize(text) ? "" : "'" + text + "' is no size; write for example 2gb";
}

void AddSqlVerb(CLI::App& program, SqlCommand& command, std::string& format, std::string& memory,
                std::vector<std::string>& parameters) {
  CLI::App* verb =
      program.add_subcommand("sql", "Run SQL: interactively, from -e, a file or standard input");
  AddHome(verb, command.home);
  verb->add_option("-e,--execute", command.expressions, "Run these statements")
      ->allow_extra_args(false);
  verb->add_option("-f,--file", command.files,
                   "Run the statements of this file ('-': standard input)")
      ->allow_extra_args(false);
  verb->add_option("--output", format, "table, csv, json, jsonl or results")
      ->check(CLI::IsMember({"table", "csv", "json", "jsonl", "results"}));
  verb->add_option("--param", parameters, "name=value: the value of :name, a string (repeatable)")
      ->allow_extra_args(false)
      ->check([](const std::string& text) {
        return text.find('=') == text.npos ? "'" + text + "' is not name=value" : std::string();
      });
  verb->add_flag("--keep-going", command.keep_going, "Go on after a statement that failed");
  verb->add_flag("--check", command.check_only, "Check the syntax, run nothing");
  verb->add_flag("--deny-paths", command.deny_paths, "No statement reads files by their path");
  verb->add_option("--memory-limit", memory, "Memory of all statements, e.g. 2gb")
      ->check(SizeError);
  verb->add_option("--threads", command.threads, "Worker threads")->check(CLI::Range(1, 1024));
  verb->add_option("--timeout", command.timeout_ms, "Deadline of each statement, in milliseconds")
      ->check(CLI::PositiveNumber);
}

}  // namespace

int RunProgram(int argc, char** argv) {
  const Terminal terminal = DetectTerminal();
  CLI::App program{"Tarn: a lakehouse in one program", "tarn"};
  program.require_subcommand(1);
  program.set_version_flag("--version", "tarn " TARN_VERSION);

  SqlCommand sql;
  sql.home = DefaultHome();
  std::string format = "table";
  std::string memory;
  std::vector<std::string> parameters;
  AddSqlVerb(program, sql, format, memory, parameters);
  HistoryCommand history;
  history.home = DefaultHome();
  AddHistoryVerb(program, history);
  BackupCommand backup;
  backup.home = DefaultHome();
  AddBackupVerb(program, backup);
  DoctorCommand doctor;
  doctor.home = DefaultHome();
  AddDoctorVerb(program, doctor);

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = program.exit(error);
    return code == 0 ? 0 : kUsageError;
  }
  if (program.got_subcommand("sql")) {
    sql.home = Absolute(sql.home);
    sql.format = *ParseOutputFormat(format);
    if (!memory.empty()) sql.memory_bytes_max = *delta::ParseByteSize(memory);
    for (const std::string& text : parameters) {
      const size_t equals = text.find('=');
      sql.parameters.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return RunSql(sql, terminal);
  }
  history.home = Absolute(history.home);
  backup.home = Absolute(backup.home);
  backup.target = Absolute(backup.target);
  doctor.home = Absolute(doctor.home);
  if (program.got_subcommand("history")) return RunHistory(history, terminal);
  if (program.got_subcommand("backup")) return RunBackup(backup, terminal);
  return RunDoctor(doctor, terminal);
}

}  // namespace tarn::cli
