#include "tarn/cli/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "history_command.h"
#include "init_command.h"
#include "maintenance_commands.h"
#include "pipeline_command.h"
#include "secrets_command.h"
#include "sql_command.h"
#include "tarn/delta/table_properties.h"
#include "terminal.h"
#include "usage.h"

namespace tarn::cli {

namespace {

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
  verb->add_option("--home", home, "The lake's folder (default: $TARN_HOME or ~/.tarn)")
      ->type_name("FOLDER");
}

CLI::Validator OneOf(std::vector<std::string> words) {
  return CLI::Validator(
      [words = std::move(words)](const std::string& text) {
        std::string all;
        for (const std::string& word : words) {
          if (word == text) return std::string();
          all += (all.empty() ? "" : ", ") + word;
        }
        return "'" + text + "' is none of " + all;
      },
      "");
}

CLI::Validator NumberFrom(int64_t least, int64_t greatest) {
  return CLI::Validator(
      [=](const std::string& text) {
        char* end = nullptr;
        errno = 0;
        const long long number = std::strtoll(text.c_str(), &end, 10);
        const bool good =
            errno == 0 && !text.empty() && *end == '\0' && number >= least && number <= greatest;
        return good ? std::string()
                    : "'" + text + "' is no whole number from " + std::to_string(least) + " to " +
                          std::to_string(greatest);
      },
      "");
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
  CLI::Option* execute =
      verb->add_option("-e,--execute", command.expressions, "Run these statements (repeatable)")
          ->type_name("SQL")
          ->allow_extra_args(false);
  verb->add_option("-f,--file", command.files,
                   "Run the statements of this file; '-' is standard input (repeatable)")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->excludes(execute);
  verb->add_option("-o,--output", format,
                   "table (the default), csv, json (an array of objects), jsonl (an object a\n"
                   "line), or results (for programs: a line a statement, errors too)")
      ->type_name("FORMAT")
      ->check(OneOf({"table", "csv", "json", "jsonl", "results"}));
  verb->add_option("-p,--param", parameters,
                   "The value of :NAME in the statements, a string (repeatable)")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->check([](const std::string& text) {
        const size_t equals = text.find('=');
        return equals == text.npos || equals == 0 ? "'" + text + "' is not NAME=VALUE"
                                                  : std::string();
      });
  CLI::Option* keep_going =
      verb->add_flag("--keep-going", command.keep_going, "Go on after a statement that failed");
  verb->add_flag("--check", command.check_only, "Check the syntax of all, run nothing")
      ->excludes(keep_going);
  verb->add_flag("--deny-paths", command.deny_paths, "No statement reads or writes by path");
  verb->add_option("--memory-limit", memory, "Memory of all statements (default: half of it all)")
      ->type_name("SIZE")
      ->check(SizeError);
  verb->add_option("--threads", command.threads, "Worker threads (default: one a processor)")
      ->type_name("N")
      ->check(NumberFrom(1, 1024));
  verb->add_option("--timeout", command.timeout_ms, "Deadline of each statement")
      ->type_name("MS")
      ->check(NumberFrom(1, std::numeric_limits<int>::max()));
  verb->footer(
      "\nExamples:\n"
      "  tarn sql                                         the prompt\n"
      "  tarn sql -e \"SELECT 1 + 1\"\n"
      "  tarn sql -f etl.sql --param day=2024-01-31\n"
      "  tarn sql -e \"FROM sales\" --output csv > sales.csv\n"
      "\nExit codes: 0 done, 1 a statement failed, 2 wrong usage, 3 a disk or service failed,\n"
      "70 a bug in Tarn, 130 cancelled.");
}

int RunSqlVerb(SqlCommand& sql, const std::string& format, const std::string& memory,
               const std::vector<std::string>& parameters, const Terminal& terminal) {
  sql.home = Absolute(sql.home);
  sql.format = *ParseOutputFormat(format);
  if (!memory.empty()) sql.memory_bytes_max = *delta::ParseByteSize(memory);
  for (const std::string& text : parameters) {
    const size_t equals = text.find('=');
    sql.parameters.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return RunSql(sql, terminal);
}

}  // namespace

int RunProgram(int argc, char** argv) {
  const Terminal terminal = DetectTerminal();
  CLI::App program{"Tarn: a lakehouse in one program. Databricks SQL on Delta tables.", "tarn"};
  program.set_version_flag("--version", "tarn " TARN_VERSION, "Show the version");
  program.set_help_flag("-h,--help", "Show this help");
  program.get_formatter()->label("SUBCOMMAND", "VERB");
  program.get_formatter()->label("SUBCOMMANDS", "VERB");
  program.get_formatter()->column_width(26);
  program.footer("\n'tarn VERB --help' tells about a verb. 'tarn sql' is the way in.");

  SqlCommand sql;
  sql.home = DefaultHome();
  std::string format = "table";
  std::string memory;
  std::vector<std::string> parameters;
  AddSqlVerb(program, sql, format, memory, parameters);
  InitCommand init;
  AddInitVerb(program, init);
  PipelineCommand pipeline;
  pipeline.home = DefaultHome();
  AddPipelineVerb(program, pipeline);
  SecretsCommand secrets;
  secrets.home = DefaultHome();
  AddSecretsVerb(program, secrets);
  HistoryCommand history;
  history.home = DefaultHome();
  AddHistoryVerb(program, history);
  BackupCommand backup;
  backup.home = DefaultHome();
  AddBackupVerb(program, backup);
  DoctorCommand doctor;
  doctor.home = DefaultHome();
  AddDoctorVerb(program, doctor);

  for (CLI::App* verb : program.get_subcommands({})) verb->group("Verbs");

  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return program.exit(asked);  // --help or --version
  } catch (const CLI::ParseError& error) {
    return ReportUsage(program, error);
  }
  if (program.get_subcommands().empty()) {
    std::fputs(program.help().c_str(), stderr);
    return kUsageError;
  }
  if (program.got_subcommand("sql")) {
    return RunSqlVerb(sql, format, memory, parameters, terminal);
  }
  if (program.got_subcommand("init")) return RunInit(init, terminal);
  for (const char* name : {"pipeline", "secrets"}) {
    if (program.got_subcommand(name) && program.get_subcommand(name)->get_subcommands().empty()) {
      std::fputs(program.get_subcommand(name)->help().c_str(), stderr);
      return kUsageError;
    }
  }
  pipeline.home = Absolute(pipeline.home);
  secrets.home = Absolute(secrets.home);
  if (program.got_subcommand("pipeline")) return RunPipelineVerb(program, pipeline, terminal);
  if (program.got_subcommand("secrets")) return RunSecretsVerb(program, secrets, terminal);
  history.home = Absolute(history.home);
  backup.home = Absolute(backup.home);
  backup.target = Absolute(backup.target);
  doctor.home = Absolute(doctor.home);
  if (program.got_subcommand("history")) return RunHistory(history, terminal);
  if (program.got_subcommand("backup")) return RunBackup(backup, terminal);
  return RunDoctor(doctor, terminal);
}

}  // namespace tarn::cli
