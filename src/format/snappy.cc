#include "snappy.h"

#include "read_error.h"

namespace tarn::format {

namespace {

Error Damaged() { return ReadFailure("its compression (snappy) is damaged"); }

/// Little-endian, of `count` bytes; moves past them.
bool TakeNumber(std::string_view& rest, size_t count, size_t* number) {
  if (rest.size() < count) return false;
  *number = 0;
  for (size_t i = 0; i < count; ++i) {
    *number |= static_cast<size_t>(static_cast<unsigned char>(rest[i])) << (8 * i);
  }
  rest.remove_prefix(count);
  return true;
}

bool TakeLength(std::string_view& rest, size_t* length) {
  *length = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (rest.empty()) return false;
    const auto byte = static_cast<unsigned char>(rest[0]);
    rest.remove_prefix(1);
    *length |= static_cast<size_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

bool AppendLiteral(std::string_view& rest, unsigned char tag, std::string* out) {
  size_t length = tag >> 2;
  if (length >= 60 && !TakeNumber(rest, length - 59, &length)) return false;
  ++length;
  if (rest.size() < length) return false;
  out->append(rest.substr(0, length));
  rest.remove_prefix(length);
  return true;
}

bool AppendCopy(std::string_view& rest, unsigned char tag, std::string* out) {
  size_t length = (tag >> 2) + 1;
  size_t offset = 0;
  if ((tag & 3) == 1) {
    length = ((tag >> 2) & 7) + 4;
    if (!TakeNumber(rest, 1, &offset)) return false;
    offset |= static_cast<size_t>(tag >> 5) << 8;
  } else if (!TakeNumber(rest, (tag & 3) == 2 ? 2 : 4, &offset)) {
    return false;
  }
  if (offset == 0 || offset > out->size()) return false;
  // The copy may overlap what it makes.
  for (size_t i = 0; i < length; ++i) out->push_back((*out)[out->size() - offset]);
  return true;
}

}  // namespace

Result<std::string> DecompressSnappy(std::string_view block, size_t bytes_max) {
  size_t length = 0;
  if (!TakeLength(block, &length) || length > bytes_max) return Damaged();
  std::string out;
  out.reserve(length);
  while (!block.empty() && out.size() <= length) {
    const auto tag = static_cast<unsigned char>(block[0]);
    block.remove_prefix(1);
    const bool whole =
        (tag & 3) == 0 ? AppendLiteral(block, tag, &out) : AppendCopy(block, tag, &out);
    if (!whole) return Damaged();
  }
  if (out.size() != length) return Damaged();
  return out;
}

}  // namespace tarn::format
