#pragma once

#include <optional>
#include <string>

#include "terminal.h"

namespace CLI {
class App;
}

namespace tarn::cli {

/// `tarn secrets`, with the verbs and arguments of the Databricks CLI.
struct SecretsCommand {
  std::string home;
  std::string scope;
  std::string key;
  std::optional<std::string> value;  ///< nothing: from standard input
  std::string output = "text";       ///< or json
};

void AddSecretsVerb(CLI::App& program, SecretsCommand& command);
int RunSecretsVerb(const CLI::App& program, const SecretsCommand& command,
                   const Terminal& terminal);

/// The key of the lake's secrets in the environment, TARN_SECRETS_KEY.
std::optional<std::string> SecretsKey();

}  // namespace tarn::cli
