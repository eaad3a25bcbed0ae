#include "usage.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "sql_command.h"
#include "tarn/base/edit_distance.h"

namespace tarn::cli {

namespace {

/// The verb that was written, and its words from "tarn" on.
struct Verb {
  const CLI::App* app = nullptr;
  std::string name = "tarn";
};

Verb InnermostVerb(const CLI::App& program) {
  Verb verb{&program};
  for (auto chosen = program.get_subcommands(); !chosen.empty();
       chosen = verb.app->get_subcommands()) {
    verb.app = chosen[0];
    verb.name += " " + verb.app->get_name();
  }
  return verb;
}

/// The nearest of the words, unless it is far away.
std::string Nearest(std::string_view typed, const std::vector<std::string>& words) {
  std::string nearest;
  size_t least = std::max<size_t>(1, typed.size() / 3) + 1;
  for (const std::string& word : words) {
    const size_t distance = EditDistance(typed, word);
    if (distance >= least) continue;
    least = distance;
    nearest = word;
  }
  return nearest;
}

std::string Listed(const std::vector<std::string>& words) {
  std::string list;
  for (size_t i = 0; i < words.size(); ++i) {
    list += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  }
  return list;
}

/// What a person reads about words that nothing was made of.
std::string AboutExtras(const Verb& verb, const std::vector<std::string>& extras) {
  const auto option = std::find_if(extras.begin(), extras.end(),
                                   [](const std::string& extra) { return extra.starts_with('-'); });
  std::string word = option != extras.end() ? *option : extras[0];
  word = word.substr(0, word.find('='));
  std::vector<std::string> known;
  if (!word.starts_with('-')) {
    for (const CLI::App* below : verb.app->get_subcommands({})) known.push_back(below->get_name());
    if (known.empty()) {
      return verb.name + " takes no word such as '" + word + "'" +
             (verb.name == "tarn sql" ? "; statements follow -e, files follow -f" : "");
    }
    const std::string nearest = Nearest(word, known);
    return "there is no verb '" + word + "'" +
           (nearest.empty() ? "; the verbs are " + Listed(known)
                            : "; did you mean '" + nearest + "'?");
  }
  for (const CLI::Option* each : verb.app->get_options()) {
    for (const std::string& name : each->get_lnames()) known.push_back("--" + name);
  }
  const std::string nearest = Nearest(word, known);
  return verb.name + " has no option '" + word + "'" +
         (nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
}

}  // namespace

int ReportUsage(const CLI::App& program, const CLI::ParseError& error) {
  const std::vector<std::string> extras = program.remaining(true);
  const bool unknown = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !extras.empty();
  const Verb verb = InnermostVerb(program);
  const std::string what = unknown ? AboutExtras(verb, extras) : error.what();
  std::fprintf(stderr, "error: %s\n'%s --help' tells more.\n", what.c_str(), verb.name.c_str());
  return kUsageError;
}

}  // namespace tarn::cli
