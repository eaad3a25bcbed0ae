#include "naive_log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace tarn::sim {

namespace {

std::string Decoded(const nlohmann::json& path) {
  return io::ObjectPath::ParseEncoded(path.get<std::string>())->str();
}

NaiveCommit Parse(const std::string& text) {
  NaiveCommit commit;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.empty()) continue;
    const auto action = nlohmann::json::parse(line, nullptr, false);
    if (!action.is_object()) {
      ADD_FAILURE() << "a line of the log isn't JSON: " << line;
      continue;
    }
    if (action.contains("commitInfo")) commit.txn_id = action["commitInfo"]["txnId"];
    if (action.contains("add")) {
      commit.added[Decoded(action["add"]["path"])] = action["add"]["size"];
    }
    if (action.contains("remove")) commit.removed.insert(Decoded(action["remove"]["path"]));
    if (action.contains("txn")) {
      commit.transactions[action["txn"]["appId"]] = action["txn"]["version"];
    }
  }
  for (const std::string& path : commit.removed) {
    EXPECT_FALSE(commit.added.contains(path)) << "one version adds and removes " << path;
  }
  return commit;
}

}  // namespace

std::map<std::string, int64_t> NaiveLog::LiveAt(int64_t version) const {
  std::map<std::string, int64_t> live;
  for (int64_t v = 0; v <= version; ++v) {
    const NaiveCommit& commit = commits[static_cast<size_t>(v)];
    for (const std::string& path : commit.removed) live.erase(path);
    for (const auto& [path, size] : commit.added) live[path] = size;
  }
  return live;
}

std::map<std::string, int64_t> NaiveLog::TransactionsAt(int64_t version) const {
  std::map<std::string, int64_t> last;
  for (int64_t v = 0; v <= version; ++v) {
    for (const auto& [app, number] : commits[static_cast<size_t>(v)].transactions) {
      EXPECT_LT(last.contains(app) ? last[app] : -1, number) << "txn of " << app << " went back";
      last[app] = number;
    }
  }
  return last;
}

NaiveLog ReadNaively(const RequestContext& ctx, io::ObjectStore& store,
                     const io::ObjectPath& root) {
  NaiveLog log;
  const auto files = store.ListAll(ctx, root / "_delta_log");
  EXPECT_TRUE(files.ok());
  if (!files.ok()) return log;
  for (const io::ObjectInfo& file : *files) {
    const std::string name(file.path.Name());
    if (name.size() != 25 || !name.ends_with(".json")) continue;
    EXPECT_EQ(std::stoll(name), static_cast<int64_t>(log.commits.size())) << "a gap in the log";
    const auto text = store.ReadAll(ctx, file.path, 1 << 24);
    EXPECT_TRUE(text.ok());
    log.commits.push_back(text.ok() ? Parse(*text) : NaiveCommit());
  }
  return log;
}

}  // namespace tarn::sim
