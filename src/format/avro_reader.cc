#include "avro_reader.h"

#include <algorithm>

#include "avro_values.h"
#include "read_error.h"
#include "record_columns.h"
#include "type_merge.h"

namespace tarn::format {

namespace {

class AvroReader final : public RecordReader {
 public:
  AvroReader(std::shared_ptr<const ReadSpec> spec, bool case_sensitive)
      : spec_(std::move(spec)),
        columns_(*spec_),
        exactly_(columns_.has_rescued() && case_sensitive) {}

  Status Open(FilePart part) override {
    part_ = std::move(part);
    block_.reset();
    auto file = AvroFile::Open(part_.file);
    if (!file.ok()) return InFile(std::move(file).error(), part_.path);
    file_ = std::move(*file);
    Status status = MapFields();
    if (status.ok()) return status;
    return InFile(std::move(status).error(), part_.path);
  }

  Result<bool> Read(ColumnBatch& batch) override {
    while (!batch.full()) {
      auto more = ReadRecord(batch);
      if (!more.ok()) return InFile(std::move(more).error(), part_.path);
      if (!*more) return false;
    }
    return true;
  }

 private:
  /// Where a field of the file goes.
  struct Way {
    int target = -1;    // of the columns' targets; -1: none
    bool fits = false;  // the column can take its values
  };

  Status MapFields() {
    const AvroType& record = file_->schema();
    ways_.assign(record.names.size(), {});
    std::vector<std::string> unknown;
    for (size_t i = 0; i < record.names.size(); ++i) {
      const auto& targets = columns_.targets();
      const auto found = std::ranges::find_if(
          targets, [&](const auto& target) { return SameName(target.name, record.names[i]); });
      if (found == targets.end()) {
        unknown.push_back(record.names[i]);
        continue;
      }
      // A name in another case is no new column, but rescued.
      if (exactly_ && found->name != record.names[i]) continue;
      ways_[i].target = static_cast<int>(found - targets.begin());
      const DataType& wanted = TypeOf(found->name);
      ways_[i].fits = AvroFits(record.children[i], wanted);
      if (!ways_[i].fits && !columns_.has_rescued()) {
        return ReadFailure("its field " + record.names[i] + " is " +
                           record.children[i].type.ToSql() + ", but the schema says " +
                           wanted.ToSql());
      }
    }
    if (spec_->refuse_new_fields && !unknown.empty()) return NewFields(unknown, part_.path);
    return {};
  }

  const DataType& TypeOf(const std::string& name) const {
    return std::ranges::find(spec_->fields, name, &Field::name)->type;
  }

  Result<bool> ReadRecord(ColumnBatch& batch) {
    while (!block_ || left_ == 0) {
      if (block_ && !cursor_.at_end()) return ReadFailure("a block is longer than its records");
      TARN_ASSIGN(block_, file_->Next());
      if (!block_) return false;
      left_ = block_->records;
      cursor_ = AvroCursor(block_->bytes);
    }
    --left_;
    const AvroType& record = file_->schema();
    for (size_t i = 0; i < record.children.size(); ++i) {
      Column* column = nullptr;
      if (ways_[i].target >= 0 && ways_[i].fits) {
        column = columns_.ColumnOf(columns_.targets()[static_cast<size_t>(ways_[i].target)], batch);
      }
      if (column != nullptr) {
        AppendAvro(record.children[i], cursor_, *column);
      } else if (columns_.rescues() && !ways_[i].fits) {
        std::string json;
        AppendAvroJson(record.children[i], cursor_, &json);
        if (json != "null") columns_.rescued.AddJson(record.names[i], json);
      } else {
        SkipAvro(record.children[i], cursor_);
      }
    }
    if (cursor_.bad()) return ReadFailure("a record goes beyond its block");
    TARN_TRY(columns_.Finish(false, {}, part_.path, batch));
    return true;
  }

  const std::shared_ptr<const ReadSpec> spec_;
  RecordColumns columns_;
  const bool exactly_;
  FilePart part_;
  std::unique_ptr<AvroFile> file_;
  std::vector<Way> ways_;  // by field of the file
  std::optional<AvroFile::Block> block_;
  int64_t left_ = 0;  // records of the block
  AvroCursor cursor_;
};

class AvroInference final : public SchemaInference {
 public:
  AvroInference(bool merges, std::optional<AvroType> given) : merges_(merges) {
    if (given) Add(*given);
    done_ = given.has_value();
  }

  Status Observe(const FilePart& part) override {
    if (done_) return {};
    auto file = AvroFile::Open(part.file);
    if (!file.ok()) return InFile(std::move(file).error(), part.path);
    Add((*file)->schema());
    done_ = !merges_;
    return {};
  }

  Result<std::vector<Field>> Finish() override {
    std::vector<Field> fields = fields_;
    for (Field& field : fields) {
      if (field.type.Is(TypeId::kNull)) field.type = TypeId::kString;
    }
    return fields;
  }

 private:
  void Add(const AvroType& record) {
    for (size_t i = 0; i < record.names.size(); ++i) {
      const DataType& type = record.children[i].type;
      const auto known = std::ranges::find_if(
          fields_, [&](const Field& field) { return SameName(field.name, record.names[i]); });
      if (known == fields_.end()) {
        fields_.push_back({record.names[i], type});
      } else if (known->type.Is(TypeId::kNull)) {
        known->type = type;
      } else if (known->type.Is(TypeId::kInt) && type.Is(TypeId::kLong)) {
        known->type = TypeId::kLong;
      } else if (known->type.Is(TypeId::kFloat) && type.Is(TypeId::kDouble)) {
        known->type = TypeId::kDouble;
      }
    }
  }

  const bool merges_;
  bool done_ = false;
  std::vector<Field> fields_;
};

}  // namespace

Result<std::unique_ptr<RecordReader>> NewAvroReader(std::shared_ptr<const ReadSpec> spec) {
  TARN_ASSIGN(const bool case_sensitive, spec->options.Flag("readerCaseSensitive", true));
  return std::unique_ptr<RecordReader>(
      std::make_unique<AvroReader>(std::move(spec), case_sensitive));
}

Result<std::unique_ptr<SchemaInference>> NewAvroInference(std::shared_ptr<const ReadSpec> spec) {
  TARN_ASSIGN(const bool merges, spec->options.Flag("mergeSchema", false));
  std::optional<AvroType> given;
  if (const auto json = spec->options.Find({"avroSchema"})) {
    auto parsed = ParseAvroSchema(*json);
    if (!parsed.ok() || parsed->kind != AvroKind::kRecord) {
      return InvalidOption("avroSchema", *json, "it must be the schema of a record in Avro's JSON");
    }
    given = std::move(*parsed);
  }
  return std::unique_ptr<SchemaInference>(
      std::make_unique<AvroInference>(merges, std::move(given)));
}

}  // namespace tarn::format
