#pragma once

#include <memory>
#include <optional>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/io/object_store.h"
#include "tarn/types/data_type.h"

namespace tarn::source {

/// The versions of a stream's columns, in its state (`docs/formats/stream-checkpoint.md`). For one
/// thread.
class SchemaLog {
 public:
  /// Finds the newest version; null: there is none, and nothing can be written.
  static Result<SchemaLog> Open(const RequestContext& context,
                                std::shared_ptr<io::ObjectStore> state);
  const std::optional<Schema>& newest() const { return newest_; }
  /// Durable.
  Status Add(const RequestContext& context, const Schema& schema);

 private:
  explicit SchemaLog(std::shared_ptr<io::ObjectStore> state) : state_(std::move(state)) {}
  std::shared_ptr<io::ObjectStore> state_;
  int64_t version_ = -1;
  std::optional<Schema> newest_;
};

}  // namespace tarn::source
