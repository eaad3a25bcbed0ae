#include "tarn/source/queue_source.h"

#include <algorithm>

#include "tarn/base/parse_number.h"

namespace tarn::source {

namespace {

using Positions = std::vector<int64_t>;

stream::Offset ToOffset(const Positions& positions) {
  stream::Offset offset;
  for (size_t i = 0; i < positions.size(); ++i) {
    offset.text += (i == 0 ? "" : ",") + std::to_string(i) + ":" + std::to_string(positions[i]);
  }
  return offset;
}

Result<Positions> ToPositions(const std::optional<stream::Offset>& offset, size_t partitions) {
  // A partition that the offset doesn't name is new.
  Positions positions(partitions, 0);
  std::string_view rest = offset ? std::string_view(offset->text) : std::string_view();
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    const size_t colon = entry.find(':');
    const auto partition = ParseNumber<size_t>(entry.substr(0, colon));
    const auto position =
        colon == entry.npos ? std::nullopt : ParseNumber<int64_t>(entry.substr(colon + 1));
    if (!partition || !position || *partition >= partitions) {
      return InternalError("the offset " + offset->text + " isn't one of this queue");
    }
    positions[*partition] = *position;
  }
  return positions;
}

}  // namespace

void Queue::Push(int partition, Record record) {
  const std::lock_guard lock(mutex_);
  records_[static_cast<size_t>(partition)].push_back(std::move(record));
}

std::vector<int64_t> Queue::Ends() const {
  const std::lock_guard lock(mutex_);
  std::vector<int64_t> ends;
  for (const auto& records : records_) ends.push_back(static_cast<int64_t>(records.size()));
  return ends;
}

std::vector<Queue::Record> Queue::Read(size_t partition, int64_t from, int64_t to) const {
  const std::lock_guard lock(mutex_);
  const auto begin = records_[partition].begin();
  return {begin + from, begin + to};
}

QueueSource::QueueSource(std::shared_ptr<const Queue> queue, int64_t records_max)
    : queue_(std::move(queue)), records_max_(records_max) {
  schema_.fields = {{"partition", TypeId::kInt, false, {}},
                    {"offset", TypeId::kLong, false, {}},
                    {"key", TypeId::kString, true, {}},
                    {"value", TypeId::kString, true, {}}};
}

Result<std::optional<stream::Offset>> QueueSource::Plan(const RequestContext& context,
                                                        const std::optional<stream::Offset>& from) {
  const Positions ends = queue_->Ends();
  TARN_ASSIGN(Positions positions, ToPositions(from, ends.size()));
  int64_t left = records_max_;
  for (size_t i = 0; i < ends.size(); ++i) {
    const int64_t taken = std::min(left, ends[i] - positions[i]);
    positions[i] += taken;
    left -= taken;
  }
  if (left == records_max_) return std::optional<stream::Offset>();
  return std::optional(ToOffset(positions));
}

Result<std::vector<plan::Relation>> QueueSource::Rows(const RequestContext& context,
                                                      const std::optional<stream::Offset>& from,
                                                      const stream::Offset& to) {
  const size_t partitions = queue_->Ends().size();
  TARN_ASSIGN(const Positions begin, ToPositions(from, partitions));
  TARN_ASSIGN(const Positions end, ToPositions(to, partitions));
  auto rows = std::make_shared<std::vector<std::vector<Value>>>();
  for (size_t i = 0; i < partitions; ++i) {
    int64_t offset = begin[i];
    for (Queue::Record& record : queue_->Read(i, begin[i], end[i])) {
      rows->push_back({Value::Int(static_cast<int32_t>(i)), Value::Long(offset++),
                       Value::String(std::move(record.key)),
                       Value::String(std::move(record.value))});
    }
  }
  plan::Relation relation;
  relation.name = "queue";
  relation.schema = schema_;
  relation.source = plan::RowsRelation{std::move(rows)};
  return std::vector{std::move(relation)};
}

}  // namespace tarn::source
