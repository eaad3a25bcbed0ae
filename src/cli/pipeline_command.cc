#include "pipeline_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "environment_storage.h"
#include "error_report.h"
#include "interrupt.h"
#include "pipeline_events.h"
#include "row_writer.h"
#include "secrets_command.h"
#include "sql_command.h"
#include "tarn/catalog/pipelines.h"
#include "tarn/delta/table_properties.h"
#include "tarn/pipeline/update.h"
#include "update_display.h"
#include "webhook.h"

namespace tarn::cli {

namespace {

int ReportProblems(const std::vector<pipeline::Problem>& problems, const Terminal& terminal) {
  int exit_code = 0;
  for (const pipeline::Problem& problem : problems) {
    const std::string_view text = problem.script != nullptr ? *problem.script : std::string_view();
    std::fputs(DescribeError(problem.error, text, problem.file, terminal).c_str(), stderr);
    exit_code = std::max(exit_code, ExitCodeOf(problem.error));
  }
  return exit_code;
}

/// A project read from the disk, and the pipeline of it that was named.
struct Chosen {
  pipeline::Project project;
  const pipeline::PipelineSpec* spec = nullptr;
};

std::string KeysOf(const pipeline::Project& project) {
  std::string keys;
  for (const pipeline::PipelineSpec& spec : project.pipelines) {
    keys += (keys.empty() ? "" : ", ") + spec.key;
  }
  return keys;
}

/// Variables of a bundle as its pipelines in CI are given them: BUNDLE_VAR_name=value.
std::vector<std::pair<std::string, std::string>> BundleVariables() {
  constexpr std::string_view kPrefix = "BUNDLE_VAR_";
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == text.npos) continue;
    variables.emplace_back(text.substr(kPrefix.size(), equals - kPrefix.size()),
                           text.substr(equals + 1));
  }
  return variables;
}

Result<Chosen> ChoosePipeline(const RequestContext& context, const PipelineCommand& command) {
  pipeline::ProjectOptions options;
  std::error_code code;
  options.folder = std::filesystem::canonical(command.folder, code).string();
  if (code) return Error(Condition("PATH_NOT_FOUND"), {{"path", command.folder}});
  options.search_parents = command.folder == ".";
  options.target = command.target;
  options.user = context.principal;
  for (const std::string& variable : command.variables) {
    const size_t equals = variable.find('=');
    options.variables.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
  }
  options.environment_variables = BundleVariables();
  Chosen chosen;
  TARN_ASSIGN(chosen.project, pipeline::LoadProject(context, options));
  // Relative paths in a project's SQL are those of its folder.
  if (chdir(chosen.project.folder.c_str()) != 0) {
    return Error(Condition("IO_ERROR"), {{"operation", "Entering"},
                                         {"path", chosen.project.folder},
                                         {"detail", std::strerror(errno)}});
  }
  for (const pipeline::ProjectWarning& warning : chosen.project.warnings) {
    std::fprintf(stderr, "warning: %s:%d: %s\n", warning.file.c_str(), warning.line,
                 Printable(warning.text).c_str());
  }
  const auto& pipelines = chosen.project.pipelines;
  if (command.pipeline.empty() && pipelines.size() == 1) {
    chosen.spec = pipelines.data();
    return chosen;
  }
  if (command.pipeline.empty()) {
    return Error(Condition("PIPELINE_NOT_CHOSEN"), {{"known", KeysOf(chosen.project)}});
  }
  for (const pipeline::PipelineSpec& spec : pipelines) {
    if (spec.key == command.pipeline || spec.name == command.pipeline) chosen.spec = &spec;
  }
  if (chosen.spec != nullptr) return chosen;
  return Error(Condition("PIPELINE_NOT_FOUND"),
               {{"pipeline", command.pipeline},
                {"known", "The project has " + KeysOf(chosen.project) + "."}});
}

pipeline::UpdateOptions OptionsOf(const PipelineCommand& command) {
  pipeline::UpdateOptions options;
  options.selection = {command.refresh, command.full_refresh, command.full_refresh_all};
  return options;
}

Result<std::unique_ptr<session::Instance>> OpenLake(const RequestContext& context,
                                                    const PipelineCommand& command) {
  session::InstanceOptions options;
  options.home = command.home;
  options.secrets_key = SecretsKey();
  options.storage = EnvironmentStorage();
  options.threads = command.threads;
  if (!command.memory.empty()) options.memory_bytes_max = *delta::ParseByteSize(command.memory);
  return session::Instance::Open(context, options);
}

pipeline::Definitions ReadDefinitions(const RequestContext& context, session::Instance& instance,
                                      const pipeline::PipelineSpec& spec) {
  return pipeline::Definitions::Read(spec, [&](const std::string& scope, const std::string& key) {
    return session::SecretsOf(instance).Get(context, scope, key);
  });
}

int RunUpdate(const RequestContext& context, const PipelineCommand& command,
              const Terminal& terminal) {
  auto chosen = ChoosePipeline(context, command);
  if (!chosen.ok()) return Report(chosen.error(), terminal);
  auto instance = OpenLake(context, command);
  if (!instance.ok()) return Report(instance.error(), terminal);
  const pipeline::Definitions definitions = ReadDefinitions(context, **instance, *chosen->spec);
  const pipeline::UpdateOptions options = OptionsOf(command);
  const bool continuous = chosen->spec->continuous;
  InterruptScope interrupt(continuous ? options.stop : context.cancellation,
                           InterruptScope::Signals::kInterruptAndTerminate);
  if (continuous) {
    std::fprintf(stderr, "Pipeline %s is updated continuously; Ctrl-C or SIGTERM stops it.\n",
                 Printable(chosen->spec->name).c_str());
  }
  UpdateDisplay display(terminal);
  auto report =
      pipeline::RunUpdate(context, **instance, *chosen->spec, definitions, options, display);
  display.Stop();
  if (!report.ok()) return Report(report.error(), terminal);
  if (command.output == "json") {
    std::printf("%s\n", UpdateAsJson(*report).c_str());
  } else {
    PrintUpdate(*report, terminal);
  }
  std::vector<pipeline::Problem> problems = report->problems;
  for (const pipeline::FlowReport& flow : report->flows) {
    if (flow.problem) problems.push_back(*flow.problem);
  }
  const int exit_code = ReportProblems(problems, terminal);
  const bool as_asked = report->state == pipeline::UpdateState::kCompleted ||
                        (continuous && report->state == pipeline::UpdateState::kCanceled);
  if (!command.webhook.empty() && !as_asked) {
    const Status told = PostJson(command.webhook, UpdateAsJson(*report));
    if (!told.ok()) Report(told.error(), terminal);
  }
  if (report->event_log_error) {
    return std::max(exit_code, Report(*report->event_log_error, terminal));
  }
  return exit_code;
}

std::string InputsOf(const pipeline::Graph& graph, const pipeline::Node& node) {
  std::string inputs;
  for (const size_t input : node.inputs) {
    inputs += (inputs.empty() ? "" : ", ") + graph.nodes[input].definition->name.ToString();
  }
  for (const std::string& external : node.externals) {
    inputs += (inputs.empty() ? "" : ", ") + external;
  }
  return inputs;
}

/// A pipeline as it is checked: what its graph points into comes first.
struct Analysed {
  std::string name;
  std::unique_ptr<pipeline::Definitions> definitions;
  pipeline::Graph graph;
};

Result<Analysed> AnalysePipeline(const RequestContext& context, const PipelineCommand& command) {
  TARN_ASSIGN(const Chosen chosen, ChoosePipeline(context, command));
  Analysed analysed;
  analysed.name = chosen.spec->name;
  TARN_ASSIGN(const auto instance, OpenLake(context, command));
  analysed.definitions =
      std::make_unique<pipeline::Definitions>(ReadDefinitions(context, *instance, *chosen.spec));
  TARN_ASSIGN(analysed.graph, pipeline::DryRun(context, *instance, *chosen.spec,
                                               *analysed.definitions, OptionsOf(command)));
  return analysed;
}

int RunDryRun(const RequestContext& context, const PipelineCommand& command,
              const Terminal& terminal) {
  const auto analysed = AnalysePipeline(context, command);
  if (!analysed.ok()) return Report(analysed.error(), terminal);
  const pipeline::Graph& graph = analysed->graph;
  if (!graph.problems.empty()) {
    const int exit_code = ReportProblems(graph.problems, terminal);
    std::fprintf(stderr, "%zu %s in pipeline %s.\n", graph.problems.size(),
                 graph.problems.size() == 1 ? "problem" : "problems", analysed->name.c_str());
    return exit_code;
  }
  size_t flows = 0;
  for (const pipeline::Node& node : graph.nodes) flows += node.definition->flows.size();
  std::printf("Pipeline %s is valid: %zu datasets, %zu flows.\n", analysed->name.c_str(),
              graph.nodes.size(), flows);
  return 0;
}

void PrintGraphText(const pipeline::Graph& graph) {
  for (const size_t index : graph.order) {
    const pipeline::Node& node = graph.nodes[index];
    const std::string inputs = InputsOf(graph, node);
    std::printf("%-17s %s%s%s\n", std::string(NameOf(node.definition->kind)).c_str(),
                node.definition->name.ToString().c_str(), inputs.empty() ? "" : "  ← ",
                inputs.c_str());
  }
}

void PrintGraphMermaid(const pipeline::Graph& graph) {
  const auto quoted = [](std::string text) {
    std::replace(text.begin(), text.end(), '"', '\'');
    return "\"" + text + "\"";
  };
  std::printf("flowchart LR\n");
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    std::printf("  d%zu[%s]\n", i, quoted(graph.nodes[i].definition->name.ToString()).c_str());
  }
  size_t externals = 0;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const size_t input : graph.nodes[i].inputs) std::printf("  d%zu --> d%zu\n", input, i);
    for (const std::string& external : graph.nodes[i].externals) {
      std::printf("  e%zu[(%s)] --> d%zu\n", externals++, quoted(external).c_str(), i);
    }
  }
}

void PrintGraphJson(const pipeline::Graph& graph) {
  using Json = nlohmann::ordered_json;
  Json datasets = Json::array();
  for (const size_t index : graph.order) {
    const pipeline::Node& node = graph.nodes[index];
    Json inputs = Json::array();
    for (const size_t input : node.inputs) {
      inputs.push_back(graph.nodes[input].definition->name.ToString());
    }
    Json columns = Json::array();
    for (const Field& field : node.schema.fields) {
      columns.push_back({{"name", field.name}, {"type", field.type.ToString()}});
    }
    datasets.push_back({{"name", node.definition->name.ToString()},
                        {"kind", NameOf(node.definition->kind)},
                        {"inputs", std::move(inputs)},
                        {"externals", node.externals},
                        {"columns", std::move(columns)}});
  }
  std::printf("%s\n", datasets.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

int RunGraph(const RequestContext& context, const PipelineCommand& command,
             const Terminal& terminal) {
  const auto analysed = AnalysePipeline(context, command);
  if (!analysed.ok()) return Report(analysed.error(), terminal);
  const pipeline::Graph& graph = analysed->graph;
  if (command.output == "mermaid") {
    PrintGraphMermaid(graph);
  } else if (command.output == "json") {
    PrintGraphJson(graph);
  } else {
    PrintGraphText(graph);
  }
  return ReportProblems(graph.problems, terminal);
}

Result<std::string> PipelineNameOf(const RequestContext& context, const PipelineCommand& command) {
  TARN_ASSIGN(const Chosen chosen, ChoosePipeline(context, command));
  return chosen.spec->name;
}

int RunEvents(const RequestContext& context, const PipelineCommand& command,
              const Terminal& terminal) {
  auto name = PipelineNameOf(context, command);
  if (!name.ok()) return Report(name.error(), terminal);
  auto instance = OpenLake(context, command);
  if (!instance.ok()) return Report(instance.error(), terminal);
  const catalog::Pipelines& pipelines = session::PipelinesOf(**instance);
  auto pipeline = pipelines.Find(context, *name);
  if (!pipeline.ok()) return Report(pipeline.error(), terminal);
  if (!*pipeline) {
    return Report(Error(Condition("PIPELINE_NOT_FOUND"),
                        {{"pipeline", *name}, {"known", "It hasn't run in this lake yet."}}),
                  terminal);
  }
  auto session = (*instance)->NewSession({context.principal});
  if (command.follow) {
    InterruptScope interrupt(context.cancellation);
    return FollowEvents(context, *session, (*pipeline)->id, command.limit, terminal);
  }
  return ShowEvents(*session, (*pipeline)->id, command.limit, *ParseOutputFormat(command.output),
                    terminal);
}

void AddProject(CLI::App* verb, PipelineCommand& command) {
  verb->add_option("pipeline", command.pipeline, "The pipeline's key, if the project has several")
      ->type_name("PIPELINE");
  verb->add_option("--home", command.home, "The lake's folder (default: $TARN_HOME or ~/.tarn)")
      ->type_name("FOLDER");
  verb->add_option("--project", command.folder,
                   "The folder of databricks.yml or spark-pipeline.yml (default: this one)")
      ->type_name("FOLDER");
  verb->add_option("-t,--target", command.target, "The bundle's target (default: its own default)")
      ->type_name("TARGET");
  verb->add_option("--var", command.variables, "The value of a bundle's variable (repeatable)")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->check([](const std::string& text) {
        const size_t equals = text.find('=');
        return equals == text.npos || equals == 0 ? "'" + text + "' is not NAME=VALUE"
                                                  : std::string();
      });
}

void AddSelection(CLI::App* verb, PipelineCommand& command) {
  verb->add_option("--refresh", command.refresh, "Refresh these datasets alone (a,b,…)")
      ->type_name("DATASETS")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb->add_option("--full-refresh", command.full_refresh,
                   "Empty these streaming tables and read their sources again (a,b,…)")
      ->type_name("DATASETS")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb->add_flag("--full-refresh-all", command.full_refresh_all, "Do so with all of them");
}

}  // namespace

void AddPipelineVerb(CLI::App& program, PipelineCommand& command) {
  CLI::App* noun =
      program.add_subcommand("pipeline", "Run, check and look at declarative pipelines");
  CLI::App* run = noun->add_subcommand("run", "Update the pipeline's tables");
  AddProject(run, command);
  AddSelection(run, command);
  run->add_option("--webhook", command.webhook,
                  "Post the result as JSON there if the update doesn't complete")
      ->type_name("URL");
  run->add_option("-o,--output", command.output, "text (the default) or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}).description(""));
  CLI::App* dry_run =
      noun->add_subcommand("dry-run", "Check all names, types and files; read no data");
  AddProject(dry_run, command);
  CLI::App* graph = noun->add_subcommand("graph", "Show what reads what");
  AddProject(graph, command);
  graph->add_option("-o,--output", command.output, "text (the default), mermaid or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "mermaid", "json"}).description(""));
  CLI::App* events = noun->add_subcommand("events", "Show the pipeline's event log");
  AddProject(events, command);
  events->add_option("--limit", command.limit, "How many of the newest (default 100)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000).description(""));
  CLI::Option* follow =
      events->add_flag("--follow", command.follow, "Go on with those that come, until Ctrl-C");
  events->add_option("-o,--output", command.output, "table (the default), csv, json or jsonl")
      ->excludes(follow)
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "csv", "json", "jsonl"}).description(""));
}

int RunPipelineVerb(const CLI::App& program, PipelineCommand command, const Terminal& terminal) {
  const CLI::App* noun = program.get_subcommand("pipeline");
  RequestContext context;
  context.principal = CurrentUserName();
  if (noun->got_subcommand("run")) return RunUpdate(context, command, terminal);
  if (noun->got_subcommand("dry-run")) return RunDryRun(context, command, terminal);
  if (noun->got_subcommand("graph")) return RunGraph(context, command, terminal);
  if (command.output == "text") command.output = "table";
  return RunEvents(context, command, terminal);
}

}  // namespace tarn::cli
