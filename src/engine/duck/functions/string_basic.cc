// Strings and binaries: cutting, padding, trimming, case.

#include <algorithm>

#include "duck/functions/casting.h"
#include "duck/functions/kernel.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

bool IsAscii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

bool IsBinary(const Call& call) { return call.info.args[0].Is(TypeId::kBinary); }

std::string_view Slice(std::string_view text, int64_t start, int64_t until, bool bytes) {
  if (until <= start || until <= 0) return {};
  start = std::max<int64_t>(start, 0);
  if (bytes || IsAscii(text)) {
    const auto size = static_cast<int64_t>(text.size());
    if (start >= size) return {};
    return text.substr(static_cast<size_t>(start),
                       static_cast<size_t>(std::min(until, size) - start));
  }
  const size_t begin = OffsetOfPoint(text, start);
  const size_t length = OffsetOfPoint(text.substr(begin), until - start);
  return text.substr(begin, length);
}

int64_t LengthOf(std::string_view text, bool bytes) {
  return bytes ? static_cast<int64_t>(text.size()) : CountPoints(text);
}

std::string_view Substring(std::string_view text, int64_t position, int64_t length, bool bytes) {
  const int64_t start = position > 0   ? position - 1
                        : position < 0 ? LengthOf(text, bytes) + position
                                       : 0;
  const int64_t end = std::clamp<int64_t>(start + length, INT32_MIN, INT32_MAX);
  return Slice(text, start, end, bytes);
}

std::string Overlay(std::string_view text, std::string_view replacement, int64_t position,
                    int64_t length, bool bytes) {
  std::string result(Substring(text, 1, position - 1, bytes));
  result += replacement;
  if (length < 0) length = LengthOf(replacement, bytes);
  result += Substring(text, position + length, INT32_MAX, bytes);
  return result;
}

std::string Padding(std::string_view pad, int64_t count, bool bytes) {
  std::string result;
  const int64_t unit = LengthOf(pad, bytes);
  for (int64_t i = 0; i < count / unit; ++i) result += pad;
  result += Slice(pad, 0, count % unit, bytes);
  return result;
}

std::string Pad(const Call& call, std::string_view text, int32_t length, std::string_view pad,
                bool left) {
  const bool bytes = IsBinary(call);
  if (length <= 0) return {};
  const int64_t present = LengthOf(text, bytes);
  if (present >= length || pad.empty()) return std::string(Slice(text, 0, length, bytes));
  const std::string filling = Padding(pad, length - present, bytes);
  return left ? filling + std::string(text) : std::string(text) + filling;
}

/// Trims the code points of `set` (bytes of a binary) from the ends that are asked for.
std::string_view TrimSet(std::string_view text, std::string_view set, bool left, bool right,
                         bool bytes) {
  if (bytes || (IsAscii(text) && IsAscii(set))) {
    while (left && !text.empty() && set.find(text.front()) != set.npos) text.remove_prefix(1);
    while (right && !text.empty() && set.find(text.back()) != set.npos) text.remove_suffix(1);
    return text;
  }
  const std::vector<std::string_view> members = SplitPoints(set);
  const auto in_set = [&](std::string_view point) {
    return std::find(members.begin(), members.end(), point) != members.end();
  };
  while (left && !text.empty()) {
    const std::string_view first = text.substr(0, SequenceLength(text[0]));
    if (!in_set(first)) break;
    text.remove_prefix(first.size());
  }
  while (right && !text.empty()) {
    size_t at = text.size() - 1;
    while (at > 0 && (text[at] & 0xC0) == 0x80) --at;
    if (!in_set(text.substr(at))) break;
    text = text.substr(0, at);
  }
  return text;
}

void Trims(FunctionSet& set) {
  set.Kernel("trim_set", [](Call& call, std::string_view text, std::string_view members) {
    const std::string& ends = call.info.extra;
    return TrimSet(text, members, ends != "right", ends != "left", IsBinary(call));
  });
  set.Kernel("trim_spaces", [](Call& call, std::string_view text) {
    const std::string& ends = call.info.extra;
    return TrimSet(text, " ", ends != "right", ends != "left", true);
  });
  constexpr std::pair<const char*, const char*> kNames[] = {
      {"trim", "both"}, {"btrim", "both"}, {"ltrim", "left"}, {"rtrim", "right"}};
  for (const auto& [name, ends] : kNames) {
    set.Template(name,
                 [ends = ends](LoweringContext& context, const plan::Expr& expr,
                               const plan::Call& call, DuckArgs args) -> DuckExpr {
                   return CallKernel(context, call.args.size() == 2 ? "trim_set" : "trim_spaces",
                                     expr, call, std::move(args), ends);
                 });
  }
}

void Lengths(FunctionSet& set) {
  for (const char* name : {"length", "len", "char_length", "character_length"}) {
    set.Kernel(name, [](Call& call, std::string_view text) {
      return static_cast<int32_t>(LengthOf(text, IsBinary(call)));
    });
    set.Use(name, name);
  }
  set.Function("octet_length",
               [](Call&, std::string_view text) { return static_cast<int32_t>(text.size()); });
  set.Function("bit_length",
               [](Call&, std::string_view text) { return static_cast<int32_t>(text.size() * 8); });
}

void Cuts(FunctionSet& set) {
  set.Kernel("substring", [](Call& call, std::string_view text, int32_t position, int32_t length) {
    return Substring(text, position, length, IsBinary(call));
  });
  set.Use("substring", "substring");
  set.Use("substr", "substring");
  set.Function("left", [](Call& call, std::string_view text, int32_t count) {
    return Slice(text, 0, count, IsBinary(call));
  });
  set.Function("right", [](Call& call, std::string_view text, int32_t count) {
    if (count <= 0) return std::string_view();
    return Substring(text, -int64_t{count}, INT32_MAX, IsBinary(call));
  });
  set.Function("overlay", [](Call& call, std::string_view text, std::string_view replacement,
                             int32_t position, int32_t length) {
    return Overlay(text, replacement, position, length, IsBinary(call));
  });
  set.Function("lpad", [](Call& call, std::string_view text, int32_t length, std::string_view pad) {
    return Pad(call, text, length, pad, true);
  });
  set.Function("rpad", [](Call& call, std::string_view text, int32_t length, std::string_view pad) {
    return Pad(call, text, length, pad, false);
  });
}

std::string InitCap(std::string_view text) {
  const std::string lower = ToLowerUtf8(text);
  std::string result;
  bool start = true;
  for (const std::string_view point : SplitPoints(lower)) {
    result += start ? ToUpperUtf8(point) : std::string(point);
    start = point == " ";
  }
  return result;
}

std::string Repeat(std::string_view text, int32_t count) {
  std::string result;
  if (count > 0 && text.size() * static_cast<size_t>(count) > (size_t{1} << 31)) {
    Raise(Condition("COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER"),
          {{"functionName", "`repeat`"},
           {"numberOfElements", std::to_string(count)},
           {"parameter", "`n`"},
           {"maxRoundedArrayLength", "2147483632"}});
  }
  for (int32_t i = 0; i < count; ++i) result += text;
  return result;
}

std::string Soundex(std::string_view text) {
  constexpr std::string_view kCodes = "01230127022455012623017202";
  const auto letter = [](char c) -> char {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 32);
    return c >= 'A' && c <= 'Z' ? c : '\0';
  };
  if (text.empty() || !letter(text[0])) return std::string(text);
  std::string code(1, letter(text[0]));
  char last = kCodes[static_cast<size_t>(code[0] - 'A')];
  for (size_t i = 1; i < text.size() && code.size() < 4; ++i) {
    const char c = letter(text[i]);
    if (!c) {
      last = '0';
      continue;
    }
    const char digit = kCodes[static_cast<size_t>(c - 'A')];
    if (digit == '7') continue;
    if (digit != '0' && digit != last) code += digit;
    last = digit;
  }
  code.resize(4, '0');
  return code;
}

void Cases(FunctionSet& set) {
  for (const char* name : {"lower", "lcase"}) {
    set.Function(name, [](Call&, std::string_view text) { return ToLowerUtf8(text); });
  }
  for (const char* name : {"upper", "ucase"}) {
    set.Function(name, [](Call&, std::string_view text) { return ToUpperUtf8(text); });
  }
  set.Function("initcap", [](Call&, std::string_view text) { return InitCap(text); });
  set.Function("soundex", [](Call&, std::string_view text) { return Soundex(text); });
}

std::string Chr(int64_t code) {
  std::string text;
  if (code >= 0) AppendPoint(static_cast<uint32_t>(code & 0xFF), &text);
  return text;
}

int32_t FirstPoint(std::string_view text) {
  if (text.empty()) return 0;
  const std::string_view point = text.substr(0, SequenceLength(text[0]));
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(point[i]); };
  if (point.size() == 1) return byte(0);
  int32_t code = byte(0) & (0xFF >> (point.size() + 1));
  for (size_t i = 1; i < point.size(); ++i) code = (code << 6) | (byte(i) & 0x3F);
  return code;
}

std::string ReversePoints(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  const auto points = SplitPoints(text);
  for (auto point = points.rbegin(); point != points.rend(); ++point) result += *point;
  return result;
}

}  // namespace

void RegisterTextKernels(FunctionSet& set) {
  Trims(set);
  Lengths(set);
  Cuts(set);
  Cases(set);
  for (const char* name : {"char", "chr"})
    set.Function(name, [](Call&, int64_t code) { return Chr(code); });
  set.Function("ascii", [](Call&, std::string_view text) { return FirstPoint(text); });
  set.Function(
      "repeat", [](Call&, std::string_view text, int32_t count) { return Repeat(text, count); },
      kFallible);
  set.Function(
      "space", [](Call&, int32_t count) { return Repeat(" ", count); }, kFallible);
  set.Kernel("reverse_text", [](Call& call, std::string_view text) {
    return IsBinary(call) ? std::string(text.rbegin(), text.rend()) : ReversePoints(text);
  });
  set.Template("reverse",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 if (expr.type.Is(TypeId::kArray))
                   return CallNative("list_reverse", std::move(args));
                 return CallKernel(context, "reverse_text", expr, call, std::move(args));
               });
  set.Function("quote", [](Call&, std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
      if (c == '\'') quoted += '\\';
      quoted += c;
    }
    return quoted + "'";
  });
  RegisterTextSearch(set);
  RegisterTextJoining(set);
  RegisterRegex(set);
  RegisterEncodings(set);
  RegisterAes(set);
  RegisterUrls(set);
  RegisterHashes(set);
  RegisterFormats(set);
}

}  // namespace tarn::engine::duck
