#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tarn/stream/source.h"

namespace tarn::source {

/// A log of records in partitions, in memory: what a broker is, for tests. Thread-safe.
class Queue {
 public:
  explicit Queue(int partitions) : records_(static_cast<size_t>(partitions)) {}
  struct Record {
    std::string key;
    std::string value;
  };
  void Push(int partition, Record record);
  /// How many records each partition has.
  std::vector<int64_t> Ends() const;
  /// The records [from, to) of a partition.
  std::vector<Record> Read(size_t partition, int64_t from, int64_t to) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::vector<Record>> records_;  // guarded by mutex_
};

/// A queue as a stream: columns partition, offset, key, value. An offset names a position in each
/// partition ("0:5,1:7"), as those of Kafka do.
class QueueSource final : public stream::Source {
 public:
  QueueSource(std::shared_ptr<const Queue> queue, int64_t records_max);

  std::string description() const override { return "queue"; }
  const Schema& schema() const override { return schema_; }
  Result<std::optional<stream::Offset>> Plan(const RequestContext& context,
                                             const std::optional<stream::Offset>& from) override;
  Result<std::vector<plan::Relation>> Rows(const RequestContext& context,
                                           const std::optional<stream::Offset>& from,
                                           const stream::Offset& to) override;

 private:
  std::shared_ptr<const Queue> queue_;
  const int64_t records_max_;  ///< per batch
  Schema schema_;
};

}  // namespace tarn::source
