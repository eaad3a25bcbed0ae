#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "rooms.h"
#include "session_state.h"
#include "tarn/delta/transaction.h"

// What a process that stays up does with Delta tables, one line of JSON each:
//
//   delta_rooms open ROOT                       open, filter by statistics, refresh after a commit
//   delta_rooms writers HOME TABLE THREADS SECONDS   INSERT from many sessions at once

namespace tarn {
namespace {

constexpr int kRefreshes = 21;

double Millis(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

double PeakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// A commit by another writer: an append of a file that nobody reads.
Status CommitOne(const RequestContext& request, const delta::Table& table,
                 const std::shared_ptr<const delta::Snapshot>& snapshot, int number) {
  delta::Transaction transaction(table.handlers(), snapshot);
  delta::AddFile file = snapshot->files().ToAdd(0);
  file.path = "refresh-" + std::to_string(number) + ".parquet";
  transaction.Add(std::move(file));
  transaction.SetCheckpoints(false);
  delta::FileSystemCommitter committer(table.handlers().log);
  const delta::CommitResult result = transaction.Commit(request, committer);
  TARN_CHECK(std::holds_alternative<delta::Committed>(result));
  return {};
}

Status MeasureOpen(const std::string& root) {
  RequestContext request;
  request.principal = "bench";
  const std::string home = root + "-lake";
  TARN_ASSIGN(auto instance, session::Instance::Open(request, {home}));
  TARN_ASSIGN(auto table, instance->rooms().snapshots().Open(request, root));
  Result<std::shared_ptr<const delta::Snapshot>> snapshot = Error(Condition("INTERNAL_ERROR"));
  const double open_ms = Millis([&] { snapshot = table->Latest(request); });
  if (!snapshot.ok()) return std::move(snapshot).error();
  const double open_mb = PeakMegabytes();
  std::shared_ptr<const delta::Snapshot> newest = *snapshot;
  std::vector<double> refresh_ms;
  for (int i = 0; i < kRefreshes; ++i) {
    TARN_TRY(CommitOne(request, *table, newest, static_cast<int>(newest->version())));
    refresh_ms.push_back(Millis([&] { snapshot = table->Latest(request, newest); }));
    if (!snapshot.ok()) return std::move(snapshot).error();
    TARN_CHECK((*snapshot)->version() == newest->version() + 1);
    newest = *snapshot;
  }
  std::vector<double> prune_ms;
  size_t kept = 0;
  const std::string column = newest->schema().fields[0].name;
  for (int i = 0; i < 2; ++i) {
    prune_ms.push_back(Millis([&] {
      delta::Predicate predicate;
      predicate.column = {column};
      predicate.op = delta::PredicateOp::kEqual;
      predicate.values = {Value::Long(7)};
      const delta::FilePruner pruner(newest, {predicate}, *FindTimeZone("UTC"));
      kept = pruner.Run().kept.size();
    }));
  }
  std::ranges::sort(refresh_ms);
  std::printf(
      "{\"files\": %zu, \"open_ms\": %.1f, \"open_mb\": %.0f, \"refresh_ms\": %.3f, "
      "\"refresh_max_ms\": %.3f, \"prune_ms\": %.1f, \"prune_again_ms\": %.1f, \"kept\": %zu, "
      "\"peak_mb\": %.0f}\n",
      newest->files().size(), open_ms, open_mb, refresh_ms[refresh_ms.size() / 2],
      refresh_ms.back(), prune_ms[0], prune_ms[1], kept, PeakMegabytes());
  return {};
}

Status Run(session::Session& session, const std::string& text) {
  TARN_ASSIGN(session::StatementResult result, session.Execute(session.NewContext(), text));
  while (true) {
    TARN_ASSIGN(auto rows, result.rows->Next());
    if (rows.empty()) return {};
  }
}

Status MeasureWriters(const std::string& home, const std::string& name, int threads, int seconds) {
  RequestContext request;
  request.principal = "bench";
  TARN_ASSIGN(auto instance, session::Instance::Open(request, {home}));
  std::atomic<int64_t> acknowledged{0};
  std::atomic<bool> stop{false};
  std::vector<Status> failures(threads);
  std::vector<std::vector<double>> latencies(threads);
  std::latch ready(threads + 1);
  std::vector<std::jthread> writers;
  for (int writer = 0; writer < threads; ++writer) {
    writers.emplace_back([&, writer] {
      auto session = instance->NewSession({"bench"});
      failures[writer] = Run(*session, "SELECT 1");
      ready.arrive_and_wait();
      for (int i = 0; failures[writer].ok() && !stop; ++i) {
        const std::string text = "INSERT INTO " + name + " VALUES (" + std::to_string(writer) +
                                 ", " + std::to_string(i) + ", 'a row of writer " +
                                 std::to_string(writer) + "')";
        latencies[writer].push_back(Millis([&] { failures[writer] = Run(*session, text); }));
        if (failures[writer].ok()) ++acknowledged;
      }
    });
  }
  ready.arrive_and_wait();
  const double wall_ms = Millis([&] {
    std::this_thread::sleep_for(std::chrono::seconds(seconds));  // tidy: allow(sleep) a measurement
    stop = true;
    writers.clear();
  });
  for (Status& failure : failures) TARN_TRY(std::move(failure));
  std::vector<double> all;
  for (const auto& some : latencies) all.insert(all.end(), some.begin(), some.end());
  std::ranges::sort(all);
  std::printf(
      "{\"acknowledged\": %lld, \"seconds\": %.3f, \"median_ms\": %.2f, \"p99_ms\": %.2f, "
      "\"peak_mb\": %.0f}\n",
      static_cast<long long>(acknowledged), wall_ms / 1000, all[all.size() / 2],
      all[all.size() * 99 / 100], PeakMegabytes());
  return {};
}

Status Main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "open" && argc == 3) return MeasureOpen(argv[2]);
  if (verb == "writers" && argc == 6) {
    return MeasureWriters(argv[2], argv[3], std::atoi(argv[4]), std::atoi(argv[5]));
  }
  return InternalError("usage: delta_rooms open ROOT | writers HOME TABLE THREADS SECONDS");
}

}  // namespace
}  // namespace tarn

int main(int argc, char** argv) {
  const tarn::Status status = tarn::Main(argc, argv);
  if (status.ok()) return 0;
  // tidy: allow(console) a program of its own
  std::fprintf(stderr, "%s\n", status.error().message().c_str());
  return 1;
}
