#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/delta/handlers.h"

namespace tarn::delta {

/// The deleted rows of a file: a set of row positions from 0. Immutable, thread-safe.
class DeletionVector {
 public:
  /// An empty set.
  DeletionVector();

  bool Contains(uint64_t row) const;
  /// Number of deleted rows.
  uint64_t cardinality() const;
  /// Number of deleted rows in [begin, end).
  uint64_t CountInRange(uint64_t begin, uint64_t end) const;
  /// Sets bit (row - begin) of `bits` (64 per word, least significant first; at least
  /// (end - begin + 63) / 64 words, all cleared first) for each deleted row in [begin, end).
  /// Answers whether any was set.
  bool FillRange(uint64_t begin, uint64_t end, uint64_t* bits) const;
  /// All rows in ascending order. Use only for small sets.
  std::vector<uint64_t> Rows() const;

  /// From rows in ascending order without repetition.
  static DeletionVector FromRows(const std::vector<uint64_t>& rows);
  /// All rows of both.
  DeletionVector Union(const DeletionVector& other) const;
  /// The rows of [0, rows) that aren't deleted.
  DeletionVector Complement(uint64_t rows) const;
  /// The bytes of a vector as stored: magic number and 64-bit roaring bitmap in the portable
  /// format. Errors: DELTA_LOG_CORRUPT, with `name` as the file.
  static Result<DeletionVector> Parse(std::string_view bytes, std::string_view table,
                                      std::string_view name);
  /// The inverse of Parse.
  std::string Serialize() const;

  struct Rep;

 private:
  explicit DeletionVector(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}
  std::shared_ptr<const Rep> rep_;
};

/// Decodes an inline vector or reads it from its file below the table's root, and checks size,
/// checksum and cardinality. Errors: DELTA_LOG_CORRUPT; DELTA_PATH_OUTSIDE_TABLE; those of the
/// store. Source: Delta protocol, "Deletion Vectors" and "Deletion Vector Format".
Result<DeletionVector> LoadDeletionVector(const RequestContext& ctx, LogStore& store,
                                          std::string_view table_root,
                                          const DeletionVectorDescriptor& descriptor);

/// Stores vectors for the files of one commit and describes them in the same order: small ones
/// inline, the others together in a new file below the table's root, durably. Empty vectors are not
/// allowed. `written` gets the file's path for removal if the commit fails; empty if there is none.
/// Errors: those of the store. Source: Delta protocol, "Deletion Vector File Storage Format".
Result<std::vector<DeletionVectorDescriptor>> StoreDeletionVectors(
    const RequestContext& ctx, const Handlers& handlers, const std::vector<DeletionVector>& vectors,
    std::string* written);

/// A vector that stands in its descriptor, of any size: for snapshots that are not in a log.
DeletionVectorDescriptor InlineDeletionVector(const DeletionVector& vector);

}  // namespace tarn::delta
