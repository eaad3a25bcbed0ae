#include "secrets_command.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "error_report.h"
#include "interrupt.h"
#include "sql_command.h"
#include "tarn/catalog/lake.h"

namespace tarn::cli {

namespace {

/// What is typed isn't shown while this lives.
class NoEcho {
 public:
  NoEcho() {
    known_ = isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!known_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~NoEcho() {
    if (known_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  bool on_terminal() const { return known_; }

 private:
  termios before_{};
  bool known_ = false;
};

/// What a terminal hands on of a line; the rest is lost.
constexpr size_t kLineBytesMax = 4095;
/// How often it is looked whether Ctrl-C came.
constexpr int kCheckMs = 100;

/// Standard input to its end, as it is; of a terminal, one line. No more than is needed to see that
/// it is too much. OPERATION_CANCELED.
Result<std::string> ReadValue(const RequestContext& context) {
  const InterruptScope interrupt(context.cancellation,
                                 InterruptScope::Signals::kInterruptAndTerminate);
  const NoEcho quiet;
  if (quiet.on_terminal()) std::fputs("The secret's value: ", stderr);
  std::string value;
  char buffer[4096];
  while (value.size() <= catalog::Secrets::kValueBytesMax) {
    // A signal that comes just before the call wouldn't end it.
    pollfd input{STDIN_FILENO, POLLIN, 0};
    const int ready = poll(&input, 1, kCheckMs);
    TARN_TRY(context.Check());
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t count = read(STDIN_FILENO, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return Error(
          Condition("IO_ERROR"),
          {{"operation", "Reading"}, {"path", "standard input"}, {"detail", std::strerror(errno)}});
    }
    value.append(buffer, static_cast<size_t>(count));
    if (count == 0 || (quiet.on_terminal() && value.ends_with('\n'))) break;
  }
  if (quiet.on_terminal()) {
    std::fputs("\n", stderr);
    if (value.size() >= kLineBytesMax) {
      return Error(Condition("INVALID_PARAMETER_VALUE"),
                   {{"value", "[REDACTED]"},
                    {"parameter", "the secret"},
                    {"detail", "a terminal takes lines of up to 4095 bytes"}})
          .WithHint("Give it by standard input: tarn secrets put-secret SCOPE KEY < FILE.");
    }
    if (value.ends_with('\n')) value.pop_back();
  }
  return value;
}

Status PutSecret(const RequestContext& context, const catalog::Secrets& secrets,
                 const SecretsCommand& command) {
  if (command.value) return secrets.Put(context, command.scope, command.key, *command.value);
  TARN_ASSIGN(const std::string value, ReadValue(context));
  return secrets.Put(context, command.scope, command.key, value);
}

Status ListScopes(const RequestContext& context, const catalog::Secrets& secrets,
                  const SecretsCommand& command) {
  TARN_ASSIGN(const std::vector<std::string> scopes, secrets.ListScopes(context));
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const std::string& scope : scopes) {
    json.push_back({{"name", scope}});
    if (command.output == "text") std::printf("%s\n", scope.c_str());
  }
  if (command.output == "json") std::printf("%s\n", json.dump().c_str());
  return {};
}

Status ListSecrets(const RequestContext& context, const catalog::Secrets& secrets,
                   const SecretsCommand& command) {
  TARN_ASSIGN(const std::vector<catalog::SecretInfo> infos, secrets.List(context, command.scope));
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const catalog::SecretInfo& info : infos) {
    json.push_back({{"key", info.key}, {"last_updated_timestamp", info.updated_us / 1000}});
    if (command.output == "text") std::printf("%s\n", info.key.c_str());
  }
  if (command.output == "json") std::printf("%s\n", json.dump().c_str());
  return {};
}

Status Run(const std::string& verb, const SecretsCommand& command) {
  RequestContext context;
  context.principal = CurrentUserName();
  catalog::LakeOptions options;
  options.secrets_key = SecretsKey();
  TARN_ASSIGN(const auto lake, catalog::Lake::Open(context, command.home, options));
  const catalog::Secrets& secrets = lake->secrets();
  if (verb == "create-scope") return secrets.CreateScope(context, command.scope);
  if (verb == "delete-scope") return secrets.DeleteScope(context, command.scope);
  if (verb == "list-scopes") return ListScopes(context, secrets, command);
  if (verb == "put-secret") return PutSecret(context, secrets, command);
  if (verb == "delete-secret") return secrets.Delete(context, command.scope, command.key);
  return ListSecrets(context, secrets, command);
}

}  // namespace

std::optional<std::string> SecretsKey() {
  const char* key = std::getenv("TARN_SECRETS_KEY");
  if (key == nullptr || *key == '\0') return std::nullopt;
  return key;
}

void AddSecretsVerb(CLI::App& program, SecretsCommand& command) {
  CLI::App* noun = program.add_subcommand("secrets", "Keep secrets that pipelines use");
  const auto add = [&](const char* name, const char* description, int words) {
    CLI::App* verb = noun->add_subcommand(name, description);
    verb->add_option("--home", command.home, "The lake's folder (default: $TARN_HOME or ~/.tarn)")
        ->type_name("FOLDER");
    if (words > 0) {
      verb->add_option("scope", command.scope, "The scope")->type_name("SCOPE")->required();
    }
    if (words > 1) {
      verb->add_option("key", command.key, "The secret's name")->type_name("KEY")->required();
    }
    return verb;
  };
  const auto add_output = [&](CLI::App* verb) {
    verb->add_option("-o,--output", command.output, "text (the default) or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json"}).description(""));
  };
  add("create-scope", "Make a scope, which holds secrets", 1);
  add("delete-scope", "Delete a scope and its secrets", 1);
  add_output(add("list-scopes", "Show the names of the scopes", 0));
  add("put-secret", "Make or replace a secret: --string-value, else standard input as it is", 2)
      ->add_option("--string-value", command.value, "The value; others may see it as you run this")
      ->type_name("VALUE");
  add("delete-secret", "Delete a secret", 2);
  add_output(add("list-secrets", "Show the names of a scope's secrets", 1));
}

int RunSecretsVerb(const CLI::App& program, const SecretsCommand& command,
                   const Terminal& terminal) {
  const CLI::App* noun = program.get_subcommand("secrets");
  const Status status = Run(noun->get_subcommands()[0]->get_name(), command);
  return status.ok() ? 0 : Report(status.error(), terminal);
}

}  // namespace tarn::cli
