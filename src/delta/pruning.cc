#include "tarn/delta/pruning.h"

#include <cmath>
#include <map>
#include <optional>
#include <unordered_map>

#include "checkpoint_statistics.h"
#include "file_set.h"
#include "stats_reader.h"

namespace tarn::delta {
namespace {

constexpr size_t kStringBoundBytesMin = 32;

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// -1, 0, 1; nullopt if the two can't be brought to one scale.
std::optional<int> CompareDecimals(const Value& a, const Value& b) {
  const int scale = std::max(a.type().scale(), b.type().scale());
  const Int128 limit = PowerOfTen(38);
  const auto raised = [&](const Value& value) -> std::optional<Int128> {
    const Int128 factor = PowerOfTen(scale - value.type().scale());
    const Int128 number = value.decimal();
    if (number >= limit / factor || number <= -(limit / factor)) return std::nullopt;
    return number * factor;
  };
  const auto left = raised(a);
  const auto right = raised(b);
  if (!left || !right) return std::nullopt;
  return *left < *right ? -1 : *left > *right ? 1 : 0;
}

/// Whether a literal can be compared with values of a column.
bool Comparable(const DataType& column, const DataType& literal) {
  if (column.IsIntegral() && literal.IsIntegral()) return true;
  if (column.Is(TypeId::kDecimal) && literal.Is(TypeId::kDecimal)) return true;
  if (column.IsFractional() && literal.IsFractional()) return true;
  if (column.IsString() && literal.IsString()) return true;
  return column.id() == literal.id();
}

/// Types whose order we know; CHAR compares with padding.
bool Prunable(const DataType& type) {
  return type.IsNumeric() || type.IsDatetime() || type.Is(TypeId::kBoolean) ||
         type.Is(TypeId::kString) || type.Is(TypeId::kVarchar);
}

std::optional<int> CompareValues(const Value& a, const Value& b) {
  if (a.type().Is(TypeId::kDecimal)) return CompareDecimals(a, b);
  if (a.type().IsIntegral()) {
    return a.integer() < b.integer() ? -1 : a.integer() > b.integer() ? 1 : 0;
  }
  if (a.type().IsString()) {
    const int order = a.text().compare(b.text());
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
  if (a.type().IsFractional()) {
    // Spark's order: NaN equals NaN and is greater than all else.
    if (std::isnan(a.real()) || std::isnan(b.real())) {
      return static_cast<int>(std::isnan(a.real())) - static_cast<int>(std::isnan(b.real()));
    }
    return a.real() < b.real() ? -1 : a.real() > b.real() ? 1 : 0;
  }
  return Compare(a, b);
}

/// Whether one known value satisfies a comparison.
bool Holds(PredicateOp op, const std::vector<Value>& literals, const Value& value) {
  const auto compare = [&](const Value& literal) -> std::optional<int> {
    if (value.is_null() || literal.is_null()) return std::nullopt;
    return CompareValues(value, literal);
  };
  const auto incomparable = [&](const Value& literal) {
    return !value.is_null() && !literal.is_null() && !CompareValues(value, literal);
  };
  for (const Value& literal : literals) {
    if (incomparable(literal)) return true;
  }
  switch (op) {
    case PredicateOp::kIsNull:
      return value.is_null();
    case PredicateOp::kIsNotNull:
      return !value.is_null();
    case PredicateOp::kNullSafeEqual:
      if (literals[0].is_null() || value.is_null()) return literals[0].is_null() && value.is_null();
      return compare(literals[0]) == 0;
    case PredicateOp::kEqual:
      return compare(literals[0]) == 0;
    case PredicateOp::kNotEqual:
      return compare(literals[0]).value_or(0) != 0;
    case PredicateOp::kLess:
      return compare(literals[0]) == -1;
    case PredicateOp::kLessOrEqual:
      return compare(literals[0]).value_or(1) <= 0;
    case PredicateOp::kGreater:
      return compare(literals[0]) == 1;
    case PredicateOp::kGreaterOrEqual:
      return compare(literals[0]).value_or(-1) >= 0;
    case PredicateOp::kIn:
      for (const Value& literal : literals) {
        if (compare(literal) == 0) return true;
      }
      return false;
    case PredicateOp::kStartsWith:
      return !value.is_null() && !literals[0].is_null() &&
             value.text().starts_with(literals[0].text());
    case PredicateOp::kAny:
    case PredicateOp::kFalse:
      return false;
  }
  return true;
}

/// The bounds of a column in one file.
class Bounds {
 public:
  Bounds(const LeafStatistics& leaf, std::optional<int64_t> num_records, const DataType& type)
      : null_count_(leaf.null_count), num_records_(num_records), type_(type) {
    if (leaf.min) min_ = ParseBound(*leaf.min, type, false);
    if (leaf.max) max_ = ParseBound(*leaf.max, type, true);
    if (min_ && IsNan(*min_)) min_.reset();
    if (max_ && IsNan(*max_)) max_.reset();
  }

  bool all_null() const {
    return null_count_ && num_records_ && *num_records_ > 0 && *null_count_ == *num_records_;
  }
  bool no_null() const { return null_count_ && *null_count_ == 0; }

  /// Whether some value may be less than (or equal to) the literal.
  bool MayBeLess(const Value& literal, bool or_equal) const {
    if (!min_) return true;
    const auto order = CompareValues(*min_, literal);
    return !order || *order < 0 || (or_equal && *order == 0);
  }
  bool MayBeGreater(const Value& literal, bool or_equal) const {
    // Writers differ in whether NaN counts for the maximum, and it is greater than all else.
    if (!max_ || type_.IsFractional()) return true;
    const auto order = CompareValues(*max_, literal);
    return !order || *order > 0 || (or_equal && *order == 0) || CutOffBefore(literal);
  }
  bool MayBeEqual(const Value& literal) const {
    if (type_.IsFractional() && IsNan(literal)) return true;
    if (!MayBeLess(literal, true)) return false;
    if (!max_) return true;
    const auto order = CompareValues(*max_, literal);
    return !order || *order >= 0 || CutOffBefore(literal);
  }
  /// Whether all values that aren't NULL are the literal.
  bool IsOnly(const Value& literal) const {
    if (!min_ || !max_ || type_.IsFractional() || type_.IsDatetime()) return false;
    if (type_.IsString() && max_->text().size() >= kStringBoundBytesMin) return false;
    return CompareValues(*min_, literal) == 0 && CompareValues(*max_, literal) == 0;
  }
  bool MayStartWith(const Value& prefix) const {
    if (!MayBeGreater(prefix, true)) return false;
    return MayBeLess(prefix, true) || min_->text().starts_with(prefix.text());
  }

 private:
  static bool IsNan(const Value& value) {
    return value.type().IsFractional() && std::isnan(value.real());
  }
  /// Some writers cut a long maximum without raising it: it then bounds only what it isn't a prefix
  /// of.
  bool CutOffBefore(const Value& literal) const {
    return type_.IsString() && max_->text().size() >= kStringBoundBytesMin &&
           literal.text().starts_with(max_->text());
  }

  std::optional<int64_t> null_count_;
  std::optional<int64_t> num_records_;
  const DataType& type_;
  std::optional<Value> min_;
  std::optional<Value> max_;
};

bool MayHold(PredicateOp op, const std::vector<Value>& literals, const Bounds& bounds) {
  if (op == PredicateOp::kIsNull) return !bounds.no_null();
  if (op == PredicateOp::kNullSafeEqual && literals[0].is_null()) return !bounds.no_null();
  if (bounds.all_null()) return false;
  if (op == PredicateOp::kIsNotNull) return true;
  if (op == PredicateOp::kIn) {
    for (const Value& literal : literals) {
      if (!literal.is_null() && bounds.MayBeEqual(literal)) return true;
    }
    return false;
  }
  // A comparison with NULL never selects.
  if (literals[0].is_null()) return false;
  switch (op) {
    case PredicateOp::kEqual:
    case PredicateOp::kNullSafeEqual:
      return bounds.MayBeEqual(literals[0]);
    case PredicateOp::kNotEqual:
      return !bounds.IsOnly(literals[0]);
    case PredicateOp::kLess:
      return bounds.MayBeLess(literals[0], false);
    case PredicateOp::kLessOrEqual:
      return bounds.MayBeLess(literals[0], true);
    case PredicateOp::kGreater:
      return bounds.MayBeGreater(literals[0], false);
    case PredicateOp::kGreaterOrEqual:
      return bounds.MayBeGreater(literals[0], true);
    case PredicateOp::kStartsWith:
      return bounds.MayStartWith(literals[0]);
    default:
      return true;
  }
}

/// A predicate bound to columns.
struct Bound {
  enum class Kind : uint8_t { kVoid, kFalse, kPartition, kStatistics, kAny };
  Kind kind = Kind::kVoid;
  PredicateOp op = PredicateOp::kEqual;
  DataType type;
  size_t index = 0;  ///< partition column, or leaf of the statistics
  size_t cache = 0;  ///< kPartition: which cache of outcomes
  std::vector<Value> literals;
  std::vector<std::vector<Bound>> alternatives;
};

}  // namespace

struct FilePruner::Rep {
  std::shared_ptr<const Snapshot> snapshot;
  std::shared_ptr<const TimeZone> zone;
  std::vector<Bound> predicates;
  std::vector<std::vector<std::string>> leaves;
  size_t caches = 0;
  bool partition_only = true;

  Bound Bind(const Predicate& predicate);
  size_t LeafOf(std::vector<std::string> path);
};

namespace {

/// One walk over files: keeps what repeats from file to file. For one thread.
class Walk {
 public:
  Walk(const FileSet& files, const TimeZone& zone,
       const std::vector<std::vector<std::string>>& leaves, size_t caches)
      : files_(files),
        rep_(files.rep()),
        zone_(zone),
        leaves_(leaves),
        reader_(leaves),
        caches_(caches) {}

  PruneReason Check(const std::vector<Bound>& predicates, size_t file) {
    file_ = file;
    place_ = rep_.At(file);
    stats_read_ = false;
    if (!May(predicates, false)) return PruneReason::kPartition;
    return May(predicates, true) ? PruneReason::kKept : PruneReason::kStatistics;
  }

  bool AllRowsMatch(const std::vector<Bound>& predicates, size_t file) {
    file_ = file;
    place_ = rep_.At(file);
    for (const Bound& predicate : predicates) {
      if (predicate.kind == Bound::Kind::kAny) {
        bool any = false;
        for (const auto& alternative : predicate.alternatives) {
          any = any || AllRowsMatch(alternative, file);
        }
        if (!any) return false;
      } else if (predicate.kind != Bound::Kind::kPartition || !PartitionHolds(predicate, false)) {
        return false;
      }
    }
    return true;
  }

 private:
  bool May(const std::vector<Bound>& predicates, bool with_stats) {
    for (const Bound& predicate : predicates) {
      if (!May(predicate, with_stats)) return false;
    }
    return true;
  }

  bool May(const Bound& predicate, bool with_stats) {
    switch (predicate.kind) {
      case Bound::Kind::kVoid:
        return true;
      case Bound::Kind::kFalse:
        return false;
      case Bound::Kind::kPartition:
        return PartitionHolds(predicate, true);
      case Bound::Kind::kStatistics:
        return !with_stats || StatisticsMayHold(predicate);
      case Bound::Kind::kAny:
        for (const auto& alternative : predicate.alternatives) {
          if (May(alternative, with_stats)) return true;
        }
        return false;
    }
    return true;
  }

  /// `otherwise` is the answer for a partition value that can't be read.
  bool PartitionHolds(const Bound& predicate, bool otherwise) {
    const std::string_view text = rep_.RawPartition(place_, predicate.index);
    auto& cache = caches_[predicate.cache];
    const std::string_view key = text.data() == nullptr ? std::string_view() : text;
    // NULL and "" mean the same.
    if (const auto found = cache.find(key); found != cache.end()) {
      return found->second.value_or(otherwise);
    }
    std::optional<bool> outcome;
    auto value = files_.partition_value(file_, predicate.index, zone_);
    if (value.ok()) outcome = Holds(predicate.op, predicate.literals, *value);
    cache.emplace(key, outcome);
    return outcome.value_or(otherwise);
  }

  bool StatisticsMayHold(const Bound& predicate) {
    if (const CheckpointStatistics* later = place_.block->later_stats.get()) {
      const LeafColumn* column = ColumnOf(*later, predicate.index);
      if (column == nullptr) return true;
      const Bounds bounds(column->Row(place_.row), later->NumRecords(place_.row), predicate.type);
      return MayHold(predicate.op, predicate.literals, bounds);
    }
    if (!stats_read_) {
      reader_.Read(place_.block->StatsOf(place_.row), place_.block->stats_escaped);
      stats_read_ = true;
    }
    const Bounds bounds(reader_.leaf(predicate.index), reader_.num_records(), predicate.type);
    return MayHold(predicate.op, predicate.literals, bounds);
  }

  const LeafColumn* ColumnOf(const CheckpointStatistics& later, size_t leaf) {
    auto [entry, fresh] = columns_.try_emplace({&later, leaf});
    if (fresh) entry->second = later.Column(leaves_[leaf]);
    return entry->second.get();
  }

  const FileSet& files_;
  const FileSet::Rep& rep_;
  const TimeZone& zone_;
  const std::vector<std::vector<std::string>>& leaves_;
  StatsReader reader_;
  std::map<std::pair<const CheckpointStatistics*, size_t>, std::shared_ptr<const LeafColumn>>
      columns_;
  std::vector<std::unordered_map<std::string_view, std::optional<bool>>> caches_;
  size_t file_ = 0;
  FileSet::Rep::Place place_;
  bool stats_read_ = false;
};

void Count(PruneReason reason, uint32_t file, const FileSet& files, PruneResult& result) {
  ++result.total;
  if (reason == PruneReason::kPartition) {
    ++result.pruned_by_partition;
  } else if (reason == PruneReason::kStatistics) {
    ++result.pruned_by_statistics;
  } else {
    result.kept.push_back(file);
    result.kept_bytes = SaturatingSum(result.kept_bytes, files.file_size(file));
  }
}

bool NeedsLiteral(PredicateOp op) {
  return op != PredicateOp::kIsNull && op != PredicateOp::kIsNotNull;
}

bool HasCollation(const Schema& schema, std::string_view column) {
  const int at = schema.Find(column);
  return at >= 0 && !schema.fields[at].Metadata("__COLLATIONS").empty();
}

}  // namespace

size_t FilePruner::Rep::LeafOf(std::vector<std::string> path) {
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i] == path) return i;
  }
  leaves.push_back(std::move(path));
  return leaves.size() - 1;
}

Bound FilePruner::Rep::Bind(const Predicate& predicate) {
  Bound bound;
  bound.op = predicate.op;
  if (predicate.op == PredicateOp::kFalse) {
    bound.kind = Bound::Kind::kFalse;
    return bound;
  }
  if (predicate.op == PredicateOp::kAny) {
    bound.kind = Bound::Kind::kAny;
    for (const Conjunction& alternative : predicate.alternatives) {
      std::vector<Bound> all;
      for (const Predicate& part : alternative) all.push_back(Bind(part));
      bound.alternatives.push_back(std::move(all));
    }
    return bound;
  }
  const PhysicalSchema& schema = snapshot->physical_schema();
  const PhysicalField* field = schema.Find(predicate.column);
  partition_only = partition_only && field != nullptr;
  if (field == nullptr || HasCollation(snapshot->schema(), predicate.column[0])) return bound;
  bound.type = field->type;
  if (NeedsLiteral(predicate.op)) {
    if (predicate.values.empty() && predicate.op != PredicateOp::kIn) return bound;
    if (!Prunable(field->type)) return bound;
    for (const Value& value : predicate.values) {
      if (!value.is_null() && !Comparable(field->type, value.type())) return bound;
    }
    if (predicate.op == PredicateOp::kStartsWith && !field->type.IsString()) return bound;
  }
  bound.literals = predicate.values;
  const auto& partitions = snapshot->metadata().partition_columns;
  for (size_t k = 0; k < partitions.size() && predicate.column.size() == 1; ++k) {
    if (!SameName(partitions[k], predicate.column[0])) continue;
    bound.kind = Bound::Kind::kPartition;
    bound.index = k;
    bound.cache = caches++;
    return bound;
  }
  partition_only = false;
  if (field->type.Is(TypeId::kStruct)) return bound;
  bound.kind = Bound::Kind::kStatistics;
  bound.index = LeafOf(schema.PhysicalPath(predicate.column));
  return bound;
}

FilePruner::FilePruner(std::shared_ptr<const Snapshot> snapshot, Conjunction predicates,
                       std::shared_ptr<const TimeZone> zone) {
  auto rep = std::make_unique<Rep>();
  rep->snapshot = std::move(snapshot);
  rep->zone = std::move(zone);
  for (const Predicate& predicate : predicates) rep->predicates.push_back(rep->Bind(predicate));
  rep_ = std::move(rep);
}

FilePruner::~FilePruner() = default;

PruneReason FilePruner::Check(size_t file) const {
  Walk walk(rep_->snapshot->files(), *rep_->zone, rep_->leaves, rep_->caches);
  return walk.Check(rep_->predicates, file);
}

PruneResult FilePruner::Run() const {
  const FileSet& files = rep_->snapshot->files();
  Walk walk(files, *rep_->zone, rep_->leaves, rep_->caches);
  PruneResult result;
  for (size_t i = 0; i < files.size(); ++i) {
    Count(walk.Check(rep_->predicates, i), static_cast<uint32_t>(i), files, result);
  }
  return result;
}

PruneResult FilePruner::Run(const std::vector<uint32_t>& some) const {
  const FileSet& files = rep_->snapshot->files();
  Walk walk(files, *rep_->zone, rep_->leaves, rep_->caches);
  PruneResult result;
  for (const uint32_t file : some) {
    Count(walk.Check(rep_->predicates, file), file, files, result);
  }
  return result;
}

bool FilePruner::partition_only() const { return rep_->partition_only; }

bool FilePruner::AllRowsMatch(size_t file) const {
  Walk walk(rep_->snapshot->files(), *rep_->zone, rep_->leaves, rep_->caches);
  return walk.AllRowsMatch(rep_->predicates, file);
}

}  // namespace tarn::delta
