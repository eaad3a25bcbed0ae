#include "s3/s3_answers.h"

#include <pugixml.hpp>

#include "s3/time_text.h"
#include "tarn/base/parse_number.h"
#include "tarn/io/object_path.h"

namespace tarn::io {

namespace {

constexpr size_t kMessageBytesMax = 300;

// Foreign text for a message: one line, not endless.
std::string Shown(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, kMessageBytesMax)) {
    shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  }
  return shown;
}

S3Refusal RefusalOf(const pugi::xml_node& node) {
  return {Shown(node.child_value("Code")), Shown(node.child_value("Message"))};
}

bool Load(std::string_view xml, pugi::xml_document& document) {
  // Doctypes and entities of their own aren't looked at.
  return document.load_buffer(xml.data(), xml.size()).status == pugi::status_ok;
}

void AppendEscaped(std::string_view text, std::string* out) {
  for (const char c : text) {
    switch (c) {
      case '&':
        *out += "&amp;";
        break;
      case '<':
        *out += "&lt;";
        break;
      case '>':
        *out += "&gt;";
        break;
      case '\r':
        *out += "&#13;";
        break;
      default:
        *out += c;
    }
  }
}

// '+' is a blank in what some servers call URL encoding.
std::optional<std::string> DecodeKey(std::string_view text, bool encoded) {
  if (!encoded) return std::string(text);
  std::string plain(text);
  for (char& c : plain) c = c == '+' ? ' ' : c;
  auto decoded = PercentDecode(plain);
  if (!decoded.ok()) return std::nullopt;
  return *std::move(decoded);
}

}  // namespace

std::optional<S3Refusal> ParseRefusal(std::string_view xml) {
  pugi::xml_document document;
  if (!Load(xml, document)) return std::nullopt;
  pugi::xml_node error = document.child("Error");
  // That of STS stands one level deeper.
  if (!error) error = document.child("ErrorResponse").child("Error");
  if (!error) return std::nullopt;
  return RefusalOf(error);
}

std::string ShortRefusal(const HttpAnswer& answer) {
  std::string text;
  if (const auto refusal = ParseRefusal(answer.body)) {
    text = refusal->code;
    if (!refusal->message.empty()) text += ": " + refusal->message;
  }
  const std::string status = "HTTP " + std::to_string(answer.status);
  return text.empty() ? status : text + " (" + status + ")";
}

std::optional<ListPage> ParseListPage(std::string_view xml, std::string_view prefix,
                                      std::string* why) {
  const auto refuse = [&](const char* reason) -> std::optional<ListPage> {
    *why = reason;
    return std::nullopt;
  };
  pugi::xml_document document;
  if (!Load(xml, document)) return refuse("the answer is no XML");
  const pugi::xml_node root = document.child("ListBucketResult");
  if (!root) return refuse("the answer is no list of objects");
  const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
  ListPage page;
  for (const pugi::xml_node& node : root.children("Contents")) {
    auto key = DecodeKey(node.child_value("Key"), encoded);
    const auto size = ParseNumber<int64_t>(node.child_value("Size"));
    const auto modified = ParseIsoTime(node.child_value("LastModified"));
    if (!key || !key->starts_with(prefix)) return refuse("a key isn't below what was asked for");
    if (!size || *size < 0 || !modified) return refuse("an object has no size or no time");
    page.objects.push_back({*std::move(key), *size, *modified / 1'000'000 * 1'000'000});
  }
  for (const pugi::xml_node& node : root.children("CommonPrefixes")) {
    auto found = DecodeKey(node.child_value("Prefix"), encoded);
    const bool good = found && found->starts_with(prefix) && found->size() > prefix.size() &&
                      found->ends_with('/');
    if (!good) return refuse("a prefix isn't below what was asked for");
    page.prefixes.push_back(*std::move(found));
  }
  if (std::string_view(root.child_value("IsTruncated")) == "true") {
    page.next = root.child_value("NextContinuationToken");
    if (page.next->empty()) return refuse("the list goes on but doesn't say where");
  }
  return page;
}

std::string ParseElement(std::string_view xml, const char* root, const char* element) {
  pugi::xml_document document;
  if (!Load(xml, document)) return {};
  return document.child(root).child_value(element);
}

std::string DeleteBody(const std::vector<std::string>& keys) {
  std::string body = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const std::string& key : keys) {
    body += "<Object><Key>";
    AppendEscaped(key, &body);
    body += "</Key></Object>";
  }
  return body + "<Quiet>true</Quiet></Delete>";
}

std::optional<S3Refusal> ParseDeleteAnswer(std::string_view xml) {
  pugi::xml_document document;
  if (!Load(xml, document)) return S3Refusal{"", "the answer is no XML"};
  const pugi::xml_node error = document.child("DeleteResult").child("Error");
  if (!error) return std::nullopt;
  return RefusalOf(error);
}

std::string CompleteBody(const std::vector<std::string>& etags) {
  std::string body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (size_t i = 0; i < etags.size(); ++i) {
    body += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>";
    AppendEscaped(etags[i], &body);
    body += "</ETag></Part>";
  }
  return body + "</CompleteMultipartUpload>";
}

}  // namespace tarn::io
