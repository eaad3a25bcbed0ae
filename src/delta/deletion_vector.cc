#include "tarn/delta/deletion_vector.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "log_reader.h"
#include "roaring_format.h"
#include "row_containers.h"
#include "tarn/delta/needed_files.h"
#include "vector_file.h"

namespace tarn::delta {

using Containers = std::vector<RowContainer>;

struct DeletionVector::Rep {
  Containers containers;  ///< by ascending key
  uint64_t cardinality = 0;
};

namespace {

constexpr uint32_t kMagic = 1681511377;
/// Of the older format, in either byte order.
constexpr uint32_t kSequenceMagic = 1681511376;
constexpr uint64_t kContainerRows = uint64_t{1} << 16;

std::shared_ptr<const DeletionVector::Rep> MakeRep(Containers containers) {
  auto rep = std::make_shared<DeletionVector::Rep>();
  rep->containers = std::move(containers);
  for (const RowContainer& container : rep->containers) rep->cardinality += container.cardinality;
  return rep;
}

/// The first container whose key isn't less.
Containers::const_iterator FirstAt(const Containers& containers, uint64_t key) {
  return std::lower_bound(
      containers.begin(), containers.end(), key,
      [](const RowContainer& container, uint64_t wanted) { return container.key < wanted; });
}

/// Calls visit(first, last) for the runs of rows of a container within [low, high].
template <typename Visit>
void VisitRuns(const RowContainer& container, uint32_t low, uint32_t high, Visit visit) {
  if (container.is_bitmap()) {
    for (uint32_t row = low; row <= high;) {
      const uint64_t word = container.bits[row >> 6] >> (row & 63);
      if (word == 0) {
        row = (row | 63) + 1;
        continue;
      }
      row += static_cast<uint32_t>(std::countr_zero(word));
      if (row > high) return;
      uint32_t last = row;
      while (last < high && (container.bits[(last + 1) >> 6] >> ((last + 1) & 63) & 1) != 0) ++last;
      visit(row, last);
      row = last + 1;
    }
    return;
  }
  auto run = std::lower_bound(container.runs.begin(), container.runs.end(), low,
                              [](const RowRun& r, uint32_t wanted) { return r.last < wanted; });
  for (; run != container.runs.end() && run->first <= high; ++run) {
    visit(std::max<uint32_t>(run->first, low), std::min<uint32_t>(run->last, high));
  }
}

/// Calls visit(first, last) for the runs of deleted rows in [begin, end), in 64-bit positions.
template <typename Visit>
void VisitRange(const Containers& containers, uint64_t begin, uint64_t end, Visit visit) {
  if (begin >= end) return;
  for (auto it = FirstAt(containers, begin >> 16); it != containers.end(); ++it) {
    const uint64_t base = it->key << 16;
    if (base >= end) return;
    const auto low = static_cast<uint32_t>(begin > base ? begin - base : 0);
    const auto high = static_cast<uint32_t>(std::min(end - base, kContainerRows) - 1);
    if (low > high) continue;
    VisitRuns(*it, low, high,
              [&](uint32_t first, uint32_t last) { visit(base + first, base + last); });
  }
}

Result<std::string> ReadVectorFile(const RequestContext& ctx, LogStore& store,
                                   std::string_view root, const std::string& path,
                                   const DeletionVectorDescriptor& descriptor) {
  // Version byte, then by vector: size, data, checksum; the offset points at a size.
  const int64_t offset = descriptor.offset.value_or(1);
  const int64_t size = descriptor.size_in_bytes;
  if (offset < 0) return LogCorrupt(root, path, "the deletion vector has a negative offset");
  TARN_ASSIGN(std::string bytes, store.ReadRange(ctx, path, offset, size + 8));
  if (static_cast<int64_t>(bytes.size()) != size + 8) {
    return LogCorrupt(root, path, "the file is too short for the deletion vector");
  }
  if (ReadBigEndian32(bytes) != static_cast<uint32_t>(size)) {
    return LogCorrupt(root, path, "the size of the deletion vector isn't the one in the log");
  }
  const std::string_view data = std::string_view(bytes).substr(4, static_cast<size_t>(size));
  if (ReadBigEndian32(std::string_view(bytes).substr(4 + data.size())) != Crc32(data)) {
    return LogCorrupt(root, path, "the checksum of the deletion vector is wrong");
  }
  return std::string(data);
}

}  // namespace

DeletionVector::DeletionVector() : rep_(std::make_shared<Rep>()) {}

uint64_t DeletionVector::cardinality() const { return rep_->cardinality; }

bool DeletionVector::Contains(uint64_t row) const { return CountInRange(row, row + 1) == 1; }

uint64_t DeletionVector::CountInRange(uint64_t begin, uint64_t end) const {
  uint64_t count = 0;
  VisitRange(rep_->containers, begin, end,
             [&](uint64_t first, uint64_t last) { count += last - first + 1; });
  return count;
}

bool DeletionVector::FillRange(uint64_t begin, uint64_t end, uint64_t* bits) const {
  if (begin >= end) return false;
  std::memset(bits, 0, (end - begin + 63) / 64 * sizeof(uint64_t));
  bool any = false;
  VisitRange(rep_->containers, begin, end, [&](uint64_t first, uint64_t last) {
    any = true;
    for (uint64_t row = first - begin; row <= last - begin; ++row) {
      bits[row / 64] |= uint64_t{1} << (row % 64);
    }
  });
  return any;
}

std::vector<uint64_t> DeletionVector::Rows() const {
  std::vector<uint64_t> rows;
  rows.reserve(rep_->cardinality);
  VisitRange(rep_->containers, 0, UINT64_MAX, [&](uint64_t first, uint64_t last) {
    for (uint64_t row = first; row <= last; ++row) rows.push_back(row);
  });
  return rows;
}

DeletionVector DeletionVector::FromRows(const std::vector<uint64_t>& rows) {
  Containers containers;
  for (const uint64_t row : rows) {
    const uint64_t key = row >> 16;
    if (containers.empty() || containers.back().key != key) {
      containers.emplace_back();
      containers.back().key = key;
    }
    containers.back().Append(static_cast<uint16_t>(row & 0xFFFF));
  }
  return DeletionVector(MakeRep(std::move(containers)));
}

Result<DeletionVector> DeletionVector::Parse(std::string_view bytes, std::string_view table,
                                             std::string_view name) {
  uint32_t magic = 0;
  if (bytes.size() >= 4) std::memcpy(&magic, bytes.data(), 4);
  Containers containers;
  const char* fault = nullptr;
  if (magic == kMagic) {
    fault = ParseRoaring64(bytes.substr(4), containers);
  } else if (magic == kSequenceMagic || magic == __builtin_bswap32(kSequenceMagic)) {
    fault = ParseRoaringSequence(bytes.substr(4), magic != kSequenceMagic, containers);
  } else {
    return LogCorrupt(table, name, "the deletion vector has an unknown format");
  }
  if (fault != nullptr) {
    return LogCorrupt(table, name, std::string("the deletion vector is malformed: ") + fault);
  }
  return DeletionVector(MakeRep(std::move(containers)));
}

namespace {

/// Calls visit(first, last) for all runs of rows in ascending order.
template <typename Visit>
void VisitAll(const Containers& containers, Visit visit) {
  VisitRange(containers, 0, UINT64_MAX, visit);
}

/// Adds the rows first … last, all greater than those before.
void AppendRun(uint64_t first, uint64_t last, Containers& containers) {
  while (true) {
    const uint64_t key = first >> 16;
    const uint64_t end = std::min(last, (key << 16) | 0xFFFF);
    if (containers.empty() || containers.back().key != key) {
      containers.emplace_back();
      containers.back().key = key;
    }
    containers.back().AppendRun(static_cast<uint16_t>(first & 0xFFFF),
                                static_cast<uint16_t>(end & 0xFFFF));
    if (end == last) return;
    first = end + 1;
  }
}

}  // namespace

DeletionVector DeletionVector::Union(const DeletionVector& other) const {
  using Run = std::pair<uint64_t, uint64_t>;
  std::vector<Run> runs;
  const auto collect = [&](uint64_t first, uint64_t last) { runs.emplace_back(first, last); };
  VisitAll(rep_->containers, collect);
  const auto middle = static_cast<ptrdiff_t>(runs.size());
  VisitAll(other.rep_->containers, collect);
  std::inplace_merge(runs.begin(), runs.begin() + middle, runs.end());
  Containers containers;
  for (size_t i = 0; i < runs.size();) {
    auto [first, last] = runs[i];
    for (++i; i < runs.size() && runs[i].first <= last + 1; ++i) {
      last = std::max(last, runs[i].second);
    }
    AppendRun(first, last, containers);
  }
  return DeletionVector(MakeRep(std::move(containers)));
}

DeletionVector DeletionVector::Complement(uint64_t rows) const {
  Containers containers;
  uint64_t next = 0;
  VisitRange(rep_->containers, 0, rows, [&](uint64_t first, uint64_t last) {
    if (first > next) AppendRun(next, first - 1, containers);
    next = last + 1;
  });
  if (next < rows) AppendRun(next, rows - 1, containers);
  return DeletionVector(MakeRep(std::move(containers)));
}

std::string DeletionVector::Serialize() const {
  std::string out(4, '\0');
  std::memcpy(out.data(), &kMagic, 4);
  AppendRoaring64(rep_->containers, out);
  return out;
}

Result<DeletionVector> LoadDeletionVector(const RequestContext& ctx, LogStore& store,
                                          std::string_view table_root,
                                          const DeletionVectorDescriptor& descriptor) {
  std::string name = "deletion vector";
  std::string bytes;
  if (descriptor.storage_type == 'i') {
    auto decoded = DecodeZ85(descriptor.path_or_inline);
    if (!decoded || static_cast<int64_t>(decoded->size()) < descriptor.size_in_bytes) {
      return LogCorrupt(table_root, name, "the inline text isn't Z85 of the size given");
    }
    bytes = decoded->substr(0, static_cast<size_t>(descriptor.size_in_bytes));
  } else if (descriptor.storage_type == 'u' || descriptor.storage_type == 'p') {
    TARN_ASSIGN(auto file, DeletionVectorFile(descriptor, table_root));
    name = std::move(*file);
    TARN_ASSIGN(bytes, ReadVectorFile(ctx, store, table_root, name, descriptor));
  } else {
    return LogCorrupt(table_root, name,
                      std::string("unknown storage type ") + descriptor.storage_type);
  }
  TARN_ASSIGN(DeletionVector vector, DeletionVector::Parse(bytes, table_root, name));
  if (descriptor.cardinality >= 0 &&
      vector.cardinality() != static_cast<uint64_t>(descriptor.cardinality)) {
    return LogCorrupt(table_root, name,
                      "it deletes " + std::to_string(vector.cardinality()) +
                          " rows, but the log says " + std::to_string(descriptor.cardinality));
  }
  return vector;
}

}  // namespace tarn::delta
