#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/engine/engine.h"
#include "terminal.h"

namespace tarn::cli {

enum class OutputFormat : uint8_t { kTable, kCsv, kJson, kJsonLines, kResults };

/// nullopt for an unknown name.
std::optional<OutputFormat> ParseOutputFormat(std::string_view name);

/// Writes statements' results to stdout in one format. Not thread-safe.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  /// Reads the stream to its end and writes it. `statement` counts from 1; `before_output` is
  /// called before anything is written, perhaps more than once.
  virtual Status Write(int statement, engine::ResultStream& rows,
                       const std::function<void()>& before_output) = 0;
  /// A statement failed. Only the `results` format shows errors among the data.
  virtual void WriteError(int /*statement*/, const Error& /*error*/) {}
};

std::unique_ptr<RowWriter> MakeRowWriter(OutputFormat format, const Terminal& terminal);

}  // namespace tarn::cli
