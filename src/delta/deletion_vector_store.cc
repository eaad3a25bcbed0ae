#include "tarn/base/fault_point.h"
#include "tarn/delta/deletion_vector.h"
#include "vector_file.h"

namespace tarn::delta {

namespace {

/// A vector of up to so many bytes stands in the log: it needs no file and no sync.
constexpr size_t kInlineBytesMax = 128;
constexpr char kFileFormatVersion = 1;

DeletionVectorDescriptor Inline(const std::string& bytes, uint64_t cardinality) {
  DeletionVectorDescriptor out;
  out.storage_type = 'i';
  out.path_or_inline = EncodeZ85(bytes);
  out.size_in_bytes = static_cast<int32_t>(bytes.size());
  out.cardinality = static_cast<int64_t>(cardinality);
  return out;
}

}  // namespace

DeletionVectorDescriptor InlineDeletionVector(const DeletionVector& vector) {
  return Inline(vector.Serialize(), vector.cardinality());
}

Result<std::vector<DeletionVectorDescriptor>> StoreDeletionVectors(
    const RequestContext& ctx, const Handlers& handlers, const std::vector<DeletionVector>& vectors,
    std::string* written) {
  std::vector<DeletionVectorDescriptor> out;
  const std::string uuid = handlers.ids->NewUuid();
  const std::string name = EncodeVectorUuid(uuid);
  std::string file(1, kFileFormatVersion);
  for (const DeletionVector& vector : vectors) {
    const std::string bytes = vector.Serialize();
    if (bytes.size() <= kInlineBytesMax) {
      out.push_back(Inline(bytes, vector.cardinality()));
      continue;
    }
    DeletionVectorDescriptor stored;
    stored.storage_type = 'u';
    stored.path_or_inline = name;
    if (file.size() > INT32_MAX - bytes.size()) {
      return UnsupportedFeature("deletion vectors of more than 2 GiB in one commit");
    }
    stored.offset = static_cast<int32_t>(file.size());
    stored.size_in_bytes = static_cast<int32_t>(bytes.size());
    stored.cardinality = static_cast<int64_t>(vector.cardinality());
    out.push_back(std::move(stored));
    AppendBigEndian32(static_cast<uint32_t>(bytes.size()), file);
    file += bytes;
    AppendBigEndian32(Crc32(bytes), file);
  }
  written->clear();
  if (file.size() == 1) return out;
  const std::string path = *VectorFilePath(name);
  TARN_FAULT_POINT("delta.deletion_vectors.before_put");
  *written = path;
  TARN_TRY(handlers.log->Put(ctx, path, file));
  return out;
}

}  // namespace tarn::delta
