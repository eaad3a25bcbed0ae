#include "duck/functions/json_tree.h"

#include "duck/functions/text.h"
#include "tarn/base/json_string.h"

namespace tarn::engine::duck {

namespace {

constexpr int kDepthMax = 200;

class JsonReader {
 public:
  JsonReader(std::string_view text, const JsonOptions& options) : text_(text), options_(options) {}

  std::optional<JsonTree> ReadWhole() {
    JsonTree tree;
    if (!Read(&tree, 0)) return std::nullopt;
    Blanks();
    if (at_ != text_.size()) return std::nullopt;
    return tree;
  }

 private:
  void Blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool Take(char c) {
    Blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool TakeWord(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool Read(JsonTree* tree, int depth) {
    Blanks();
    if (at_ >= text_.size() || depth > kDepthMax) return false;
    switch (text_[at_]) {
      case '{':
        return ReadObject(tree, depth);
      case '[':
        return ReadArray(tree, depth);
      case '"':
        tree->kind = JsonTree::kString;
        return ReadString('"', &tree->text);
      case '\'':
        tree->kind = JsonTree::kString;
        return options_.single_quotes && ReadString('\'', &tree->text);
      case 't':
        tree->kind = JsonTree::kTrue;
        return TakeWord("true");
      case 'f':
        tree->kind = JsonTree::kFalse;
        return TakeWord("false");
      case 'n':
        tree->kind = JsonTree::kNull;
        return TakeWord("null");
      default:
        return ReadNumber(tree);
    }
  }

  bool ReadObject(JsonTree* tree, int depth) {
    tree->kind = JsonTree::kObject;
    ++at_;
    if (Take('}')) return true;
    do {
      Blanks();
      std::string name;
      if (!ReadName(&name) || !Take(':')) return false;
      tree->members.emplace_back(std::move(name), JsonTree());
      if (!Read(&tree->members.back().second, depth + 1)) return false;
    } while (Take(','));
    return Take('}');
  }

  bool ReadName(std::string* name) {
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '"') return ReadString('"', name);
    if (text_[at_] == '\'' && options_.single_quotes) return ReadString('\'', name);
    if (!options_.unquoted_names) return false;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) {
      *name += text_[at_++];
    }
    return !name->empty();
  }

  bool ReadArray(JsonTree* tree, int depth) {
    tree->kind = JsonTree::kArray;
    ++at_;
    if (Take(']')) return true;
    do {
      tree->items.emplace_back();
      if (!Read(&tree->items.back(), depth + 1)) return false;
    } while (Take(','));
    return Take(']');
  }

  bool ReadHex(uint32_t* code) {
    *code = 0;
    for (int i = 0; i < 4; ++i) {
      if (at_ >= text_.size()) return false;
      const char c = text_[at_++];
      uint32_t digit = 16;
      if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
      if (c >= 'a' && c <= 'f') digit = static_cast<uint32_t>(c - 'a' + 10);
      if (c >= 'A' && c <= 'F') digit = static_cast<uint32_t>(c - 'A' + 10);
      if (digit == 16) return false;
      *code = *code * 16 + digit;
    }
    return true;
  }

  bool ReadEscape(std::string* out) {
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    switch (c) {
      case 'b':
        *out += '\b';
        return true;
      case 'f':
        *out += '\f';
        return true;
      case 'n':
        *out += '\n';
        return true;
      case 'r':
        *out += '\r';
        return true;
      case 't':
        *out += '\t';
        return true;
      case '"':
      case '\\':
      case '/':
      case '\'':
        *out += c;
        return true;
      case 'u':
        break;
      default:
        return false;
    }
    uint32_t code = 0;
    if (!ReadHex(&code)) return false;
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      uint32_t low = 0;
      if (!ReadHex(&low)) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;
    AppendPoint(code, out);
    return true;
  }

  bool ReadString(char quote, std::string* out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote) return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\') {
        if (!ReadEscape(out)) return false;
      } else {
        *out += c;
      }
    }
    return false;
  }

  bool ReadNumber(JsonTree* tree) {
    tree->kind = JsonTree::kNumber;
    const size_t begin = at_;
    const auto digits = [&] {
      const size_t first = at_;
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
      return at_ - first;
    };
    if (at_ < text_.size() && text_[at_] == '-') ++at_;
    const size_t first = at_;
    const size_t whole = digits();
    if (whole == 0 || (whole > 1 && text_[first] == '0' && !options_.leading_zeros)) return false;
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      if (digits() == 0) return false;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (digits() == 0) return false;
    }
    tree->text = text_.substr(begin, at_ - begin);
    return true;
  }

  std::string_view text_;
  JsonOptions options_;
  size_t at_ = 0;
};

void Append(const JsonTree& tree, std::string* out) {
  switch (tree.kind) {
    case JsonTree::kNull:
      *out += "null";
      return;
    case JsonTree::kTrue:
      *out += "true";
      return;
    case JsonTree::kFalse:
      *out += "false";
      return;
    case JsonTree::kNumber:
      *out += tree.text;
      return;
    case JsonTree::kString:
      AppendJsonString(tree.text, out);
      return;
    case JsonTree::kArray:
      *out += '[';
      for (size_t i = 0; i < tree.items.size(); ++i) {
        if (i > 0) *out += ',';
        Append(tree.items[i], out);
      }
      *out += ']';
      return;
    case JsonTree::kObject:
      *out += '{';
      for (size_t i = 0; i < tree.members.size(); ++i) {
        if (i > 0) *out += ',';
        AppendJsonString(tree.members[i].first, out);
        *out += ':';
        Append(tree.members[i].second, out);
      }
      *out += '}';
  }
}

}  // namespace

const JsonTree* JsonTree::Find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::optional<JsonTree> ParseJson(std::string_view text, const JsonOptions& options) {
  return JsonReader(text, options).ReadWhole();
}

std::string JsonText(const JsonTree& tree) {
  std::string text;
  Append(tree, &text);
  return text;
}

}  // namespace tarn::engine::duck
