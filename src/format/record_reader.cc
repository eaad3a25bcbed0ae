#include "tarn/format/record_reader.h"

#include "avro_reader.h"
#include "csv_reader.h"
#include "json_reader.h"
#include "tarn/format/byte_source.h"
#include "text_reader.h"

namespace tarn::format {

Result<std::unique_ptr<RecordReader>> NewRecordReader(std::shared_ptr<const ReadSpec> spec) {
  const std::string format = FoldName(spec->format);
  if (format == "csv") return NewCsvReader(std::move(spec));
  if (format == "json") return NewJsonReader(std::move(spec));
  if (format == "avro") return NewAvroReader(std::move(spec));
  if (format == "text") return NewTextReader(std::move(spec));
  if (format == "binaryfile") return NewBinaryReader(std::move(spec));
  return UnsupportedFeature("Reading files of the format " + spec->format);
}

ColumnBatch NewBatch(const ReadSpec& spec) {
  ColumnBatch batch;
  for (const size_t field : spec.wanted) batch.columns.emplace_back(spec.fields[field].type);
  return batch;
}

bool Splittable(const ReadSpec& spec, const std::string& path) {
  const std::string format = FoldName(spec.format);
  if (format == "binaryfile" || format == "avro") return false;
  for (const char* whole : {"multiLine", "wholeText"}) {
    const auto flag = spec.options.Flag(whole, false);
    if (!flag.ok() || *flag) return false;
  }
  if (!IsUtf8(spec.options.Find({"encoding", "charset"}).value_or(std::string()))) return false;
  const auto compression =
      CompressionOf(spec.options.Find({"compression", "codec"}).value_or(std::string()), path);
  return compression.ok() && *compression == Compression::kNone;
}

}  // namespace tarn::format
