#pragma once

#include <memory>
#include <string>

#include "tarn/delta/handlers.h"
#include "tarn/io/object_store.h"
#include "test/memory_handlers.h"

namespace tarn::sim {

/// "Parquet files" on a simulated disk: the object holds only a mark that names batches kept aside,
/// in a form whose every proper prefix is invalid, as a Parquet file without its footer is.
class SimParquet : public delta::ParquetHandler {
 public:
  explicit SimParquet(std::shared_ptr<io::ObjectStore> disk)
      : disk_(delta::NewObjectLogStore(std::move(disk))),
        batches_(delta::NewObjectLogStore(io::NewMemoryStore())) {}

  Status Read(const RequestContext& ctx, std::string_view path, const Schema& projection,
              const delta::BatchSink& sink) override {
    TARN_ASSIGN(const std::string mark, disk_->Read(ctx, path, 1000));
    if (!mark.starts_with("PAR1 ") || !mark.ends_with(" 1RAP")) {
      return Error(Condition("DELTA_LOG_CORRUPT"),
                   {{"table", "sim"}, {"file", std::string(path)}, {"detail", "no footer"}});
    }
    return batches_.Read(ctx, mark, projection, sink);
  }

  Result<int64_t> Write(const RequestContext& ctx, std::string_view path, const Schema& schema,
                        const delta::BatchSource& source) override {
    const std::string mark = "PAR1 " + std::to_string(++written_) + " 1RAP";
    TARN_ASSIGN(const int64_t size, batches_.Write(ctx, mark, schema, source));
    (void)size;
    TARN_TRY(disk_->Put(ctx, path, mark));
    return static_cast<int64_t>(mark.size());
  }

 private:
  std::shared_ptr<delta::LogStore> disk_;
  delta::test::MemoryParquet batches_;
  int64_t written_ = 0;
};

}  // namespace tarn::sim
