#include "tarn/format/schema_inference.h"

#include "avro_reader.h"
#include "csv_inference.h"
#include "json_inference.h"
#include "text_reader.h"

namespace tarn::format {

namespace {

/// Formats whose columns are always the same.
class FixedColumns final : public SchemaInference {
 public:
  explicit FixedColumns(std::vector<Field> fields) : fields_(std::move(fields)) {}
  Status Observe(const FilePart& part) override { return {}; }
  Result<std::vector<Field>> Finish() override { return fields_; }

 private:
  const std::vector<Field> fields_;
};

}  // namespace

Result<std::unique_ptr<SchemaInference>> NewSchemaInference(std::shared_ptr<const ReadSpec> spec) {
  const std::string format = FoldName(spec->format);
  if (format == "csv") return NewCsvInference(std::move(spec));
  if (format == "json") return NewJsonInference(std::move(spec));
  if (format == "avro") return NewAvroInference(std::move(spec));
  std::vector<Field> fields;
  if (format == "text") {
    fields = {{"value", TypeId::kString}};
  } else if (format == "binaryfile") {
    fields = BinaryFileFields();
  } else {
    return UnsupportedFeature("Reading files of the format " + spec->format);
  }
  return std::unique_ptr<SchemaInference>(std::make_unique<FixedColumns>(std::move(fields)));
}

}  // namespace tarn::format
