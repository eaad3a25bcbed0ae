#include <unicode/ucnv.h>

#include <vector>

#include "tarn/format/byte_source.h"
#include "tarn/types/data_type.h"

namespace tarn::format {

namespace {

constexpr size_t kInputBytes = 64 << 10;

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

class TranscodedBytes final : public ByteSource {
 public:
  TranscodedBytes(std::unique_ptr<ByteSource> source, Converter from, Converter to)
      : source_(std::move(source)), from_(std::move(from)), to_(std::move(to)) {}

  Result<size_t> Read(std::span<char> buffer) override {
    char* out = buffer.data();
    while (out == buffer.data() && !done_) {
      if (in_ == in_end_ && !at_end_) {
        bytes_.resize(kInputBytes);
        TARN_ASSIGN(const size_t count, source_->Read(bytes_));
        in_ = bytes_.data();
        in_end_ = in_ + count;
        at_end_ = count == 0;
      }
      UErrorCode code = U_ZERO_ERROR;
      ucnv_convertEx(to_.get(), from_.get(), &out, buffer.data() + buffer.size(), &in_, in_end_,
                     pivot_, &pivot_source_, &pivot_target_, pivot_ + std::size(pivot_), first_,
                     at_end_, &code);
      first_ = false;
      if (code == U_BUFFER_OVERFLOW_ERROR) break;
      // What is cut off at the end of the file has become U+FFFD already.
      done_ = at_end_;
    }
    return static_cast<size_t>(out - buffer.data());
  }

 private:
  const std::unique_ptr<ByteSource> source_;
  const Converter from_;
  const Converter to_;
  std::vector<char> bytes_;
  const char* in_ = nullptr;
  const char* in_end_ = nullptr;
  UChar pivot_[1024];
  UChar* pivot_source_ = pivot_;
  UChar* pivot_target_ = pivot_;
  bool first_ = true;
  bool at_end_ = false;
  bool done_ = false;
};

}  // namespace

bool IsUtf8(std::string_view encoding) {
  const std::string name = FoldName(encoding);
  return name.empty() || name == "utf-8" || name == "utf8" || name == "us-ascii" || name == "ascii";
}

Result<std::unique_ptr<ByteSource>> ToUtf8(std::unique_ptr<ByteSource> source,
                                           std::string_view encoding) {
  if (IsUtf8(encoding)) return source;
  UErrorCode code = U_ZERO_ERROR;
  Converter from(ucnv_open(std::string(encoding).c_str(), &code));
  if (U_FAILURE(code)) {
    return Error(Condition("INVALID_PARAMETER_VALUE.CHARSET"),
                 {{"parameter", "encoding"},
                  {"functionName", "`read_files`"},
                  {"charset", std::string(encoding)},
                  {"charsets", "the character sets of ICU, as UTF-8, UTF-16LE or ISO-8859-1"}});
  }
  Converter to(ucnv_open("UTF-8", &code));
  return std::unique_ptr<ByteSource>(
      std::make_unique<TranscodedBytes>(std::move(source), std::move(from), std::move(to)));
}

}  // namespace tarn::format
