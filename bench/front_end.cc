#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "rooms.h"
#include "session_state.h"
#include "statement_scope.h"
#include "tarn/sql/parser.h"

// front_end HOME FILE: parse and analyse time of each statement of FILE (one a line) over the lake
// at HOME, one line of JSON per statement.

namespace tarn {
namespace {

constexpr int kRuns = 301;

double MedianMicros(std::vector<double>& times) {
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

template <typename F>
double Micros(F&& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Prints the medians of one statement.
Status Measure(session::SessionState& state, const std::string& text) {
  std::vector<double> parse_us, analyse_us;
  const session::Parameters parameters;
  RequestContext request;
  request.principal = state.options.principal;
  for (int run = 0; run < kRuns; ++run) {
    session::StatementScope scope(request, state, parameters, text);
    Result<sql::Statement> statement = Error(Condition("INTERNAL_ERROR"));
    parse_us.push_back(Micros([&] { statement = sql::ParseStatement(text); }));
    if (!statement.ok()) return std::move(statement).error();
    const auto* query = statement->As<sql::QueryStatement>();
    TARN_CHECK(query != nullptr);
    Status status;
    analyse_us.push_back(Micros([&] {
      auto plan = analyze::AnalyzeQuery(request, scope.AnalyzerView(), *query->query);
      if (!plan.ok()) status = std::move(plan).error();
    }));
    TARN_TRY(std::move(status));
  }
  std::printf("{\"parse_us\": %.2f, \"analyse_us\": %.2f}\n", MedianMicros(parse_us),
              MedianMicros(analyse_us));
  return {};
}

Status Run(const std::string& home, const std::string& file) {
  RequestContext request;
  request.principal = "bench";
  TARN_ASSIGN(auto instance, session::Instance::Open(request, {home}));
  session::SessionState state(*instance, {request.principal});
  std::ifstream statements(file);
  std::string text;
  while (std::getline(statements, text)) TARN_TRY(Measure(state, text));
  return {};
}

}  // namespace
}  // namespace tarn

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: front_end HOME FILE\n", stderr);
    return 2;
  }
  const auto status = tarn::Run(argv[1], argv[2]);
  if (status.ok()) return 0;
  // tidy: allow(console) a program of its own
  std::fprintf(stderr, "%s\n", status.error().message().c_str());
  return 1;
}
