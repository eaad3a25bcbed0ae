#include "tarn/delta/path.h"

#include <cstdio>
#include <optional>

namespace tarn::delta {
namespace {

/// No store has longer ones; each message and look-up would carry it.
constexpr size_t kPathBytesMax = 16 << 10;
constexpr char kHexDigits[] = "0123456789ABCDEF";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool PercentDecode(std::string_view in, std::string& out) {
  out.clear();
  out.reserve(in.size());
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '%') {
      out.push_back(in[i]);
      continue;
    }
    if (i + 2 >= in.size()) return false;
    const int high = HexValue(in[i + 1]);
    const int low = HexValue(in[i + 2]);
    if (high < 0 || low < 0) return false;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return true;
}

/// Length of "scheme:" at the start (RFC 3986), or 0.
size_t SchemeLength(std::string_view text) {
  if (text.empty() || !IsAlpha(text[0])) return 0;
  for (size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return i + 1;
    if (!IsAlpha(c) && !IsDigit(c) && c != '+' && c != '-' && c != '.') return 0;
  }
  return 0;
}

/// The path part of "/x", "file:/x" or "file:///x" for comparison of local roots; other schemes
/// stay with scheme and authority.
std::string_view WithoutFileScheme(std::string_view text) {
  if (text.substr(0, 5) != "file:") return text;
  text.remove_prefix(5);
  if (text.substr(0, 3) == "///") text.remove_prefix(2);
  return text;
}

bool SegmentsAreClean(std::string_view path) {
  size_t begin = 0;
  while (begin <= path.size()) {
    size_t end = path.find('/', begin);
    if (end == std::string_view::npos) end = path.size();
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment.empty() || segment == "." || segment == "..") return false;
    begin = end + 1;
  }
  return true;
}

bool CharactersAreClean(std::string_view path) {
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') return false;
  }
  return true;
}

Error Outside(std::string_view log_path, std::string_view table_root) {
  // A control character must not reach a terminal by way of a message.
  std::string shown;
  for (const char c : log_path.substr(0, 512)) {
    shown.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c);
  }
  return Error(Condition("DELTA_PATH_OUTSIDE_TABLE"),
               {{"table", std::string(table_root)}, {"path", shown}});
}

bool NeedsHiveEscape(char c) {
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  return std::string_view("\"#%'*/:=?\\{[]^").find(c) != std::string_view::npos;
}

void AppendHiveEscaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (NeedsHiveEscape(c)) {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    } else {
      out.push_back(c);
    }
  }
}

/// The remainder of an absolute path below the root, or nullopt.
std::optional<std::string> BelowRoot(std::string_view absolute, std::string_view table_root) {
  std::string_view root = WithoutFileScheme(table_root);
  std::string_view path = WithoutFileScheme(absolute);
  while (root.size() > 1 && root.back() == '/') root.remove_suffix(1);
  if (root.empty() || path.size() <= root.size() + 1) return std::nullopt;
  if (path.substr(0, root.size()) != root || path[root.size()] != '/') return std::nullopt;
  return std::string(path.substr(root.size() + 1));
}

}  // namespace

Result<std::string> DecodeLogPath(std::string_view log_path, std::string_view table_root) {
  if (log_path.size() > kPathBytesMax) {
    return Error(Condition("DELTA_LOG_CORRUPT"),
                 {{"table", std::string(table_root)},
                  {"file", "a file's path"},
                  {"detail", "it has " + std::to_string(log_path.size()) + " bytes"}});
  }
  std::string decoded;
  // '?' and '#' would start a query or fragment in a URI; no writer leaves them unescaped.
  const bool plain = log_path.find_first_of("?#") == std::string_view::npos;
  if (log_path.empty() || !plain || !PercentDecode(log_path, decoded)) {
    return Outside(log_path, table_root);
  }
  if (!CharactersAreClean(decoded)) return Outside(log_path, table_root);
  if (decoded.front() == '/' || SchemeLength(decoded) > 0) {
    if (SchemeLength(log_path) != SchemeLength(decoded)) return Outside(log_path, table_root);
    std::optional<std::string> below = BelowRoot(decoded, table_root);
    if (!below) return Outside(log_path, table_root);
    decoded = std::move(*below);
  }
  if (!SegmentsAreClean(decoded)) return Outside(log_path, table_root);
  return decoded;
}

std::string EncodeLogPath(std::string_view path) {
  constexpr std::string_view kPlain = "-_.!~*'(),;$&+=/@";
  std::string out;
  out.reserve(path.size());
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsAlpha(c) || IsDigit(c) || byte >= 0x80 || kPlain.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    }
  }
  return out;
}

std::string PartitionDirectory(const std::vector<std::pair<std::string, PartitionText>>& values) {
  std::string out;
  for (const auto& [name, value] : values) {
    if (!out.empty()) out.push_back('/');
    AppendHiveEscaped(name, out);
    out.push_back('=');
    if (!value || value->empty()) {
      out += "__HIVE_DEFAULT_PARTITION__";
    } else {
      AppendHiveEscaped(*value, out);
    }
  }
  return out;
}

std::string DataFileName(int number, std::string_view uuid, std::string_view codec) {
  char prefix[32];
  std::snprintf(prefix, sizeof(prefix), "part-%05d-", number);
  std::string name = prefix;
  name += uuid;
  name += ".c000";
  if (!codec.empty()) {
    name.push_back('.');
    name += codec;
  }
  return name + ".parquet";
}

}  // namespace tarn::delta
