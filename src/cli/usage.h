#pragma once

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace tarn::cli {

/// Tells on stderr what of a command line can't be understood, with the nearest known word. Returns
/// the exit code.
int ReportUsage(const CLI::App& program, const CLI::ParseError& error);

}  // namespace tarn::cli
