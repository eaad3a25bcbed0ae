#include "duck/functions/casting.h"
#include "duck/functions/kernel.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

std::string UrlEncode(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '*' || c == '_';
    if (plain) {
      result += c;
    } else if (c == ' ') {
      result += '+';
    } else {
      result += '%' + ToHex(std::string_view(&c, 1));
    }
  }
  return result;
}

std::optional<std::string> UrlDecode(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0)
        return std::nullopt;
      result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    }
  }
  return ReplaceInvalidUtf8(result);
}

struct Url {
  std::optional<std::string_view> protocol, authority, user_info, host, path, query, fragment;
};

/// The parts of a URI as java.net.URI sees them; nullopt if it isn't one.
std::optional<Url> ParseUrl(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 ||
        std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos) {
      return std::nullopt;
    }
  }
  Url url;
  if (const size_t hash = text.find('#'); hash != text.npos) {
    url.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  const size_t colon = text.find(':');
  if (colon != text.npos && colon > 0 && text.substr(0, colon).find_first_of("/?") == text.npos) {
    url.protocol = text.substr(0, colon);
    text.remove_prefix(colon + 1);
    // What doesn't go on with a slash has a scheme and nothing else.
    if (!text.starts_with('/')) return url;
  }
  if (const size_t mark = text.find('?'); mark != text.npos) {
    url.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const size_t slash = text.find('/');
    std::string_view authority = text.substr(0, slash);
    text = slash == text.npos ? std::string_view() : text.substr(slash);
    if (!authority.empty()) {
      url.authority = authority;
      if (const size_t at = authority.rfind('@'); at != authority.npos) {
        url.user_info = authority.substr(0, at);
        authority.remove_prefix(at + 1);
      }
      const size_t port = authority.starts_with('[') ? authority.find(':', authority.find(']'))
                                                     : authority.find(':');
      url.host = authority.substr(0, port);
    }
  }
  url.path = text;
  return url;
}

std::optional<std::string> Part(const Url& url, std::string_view part) {
  const auto text = [](const std::optional<std::string_view>& value) {
    return value ? std::optional(std::string(*value)) : std::nullopt;
  };
  if (part == "HOST") return text(url.host);
  if (part == "PATH") return text(url.path);
  if (part == "QUERY") return text(url.query);
  if (part == "REF") return text(url.fragment);
  if (part == "PROTOCOL") return text(url.protocol);
  if (part == "AUTHORITY") return text(url.authority);
  if (part == "USERINFO") return text(url.user_info);
  if (part == "FILE") {
    if (!url.path) return std::nullopt;
    return std::string(*url.path) + (url.query ? "?" + std::string(*url.query) : "");
  }
  return std::nullopt;
}

std::optional<std::string> ParseUrlPart(Call& call, std::string_view text, std::string_view part) {
  const auto url = ParseUrl(text);
  if (!url) {
    if (!IsTry(call)) Raise(Condition("INVALID_URL"), {{"url", std::string(text)}});
    return std::nullopt;
  }
  return Part(*url, part);
}

std::optional<std::string> QueryValue(Call& call, std::string_view text, std::string_view part,
                                      std::string_view key) {
  if (part != "QUERY") return std::nullopt;
  const auto query = ParseUrlPart(call, text, part);
  if (!query) return std::nullopt;
  std::string_view rest = *query;
  while (!rest.empty()) {
    const size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    if (pair.starts_with(key) && pair.size() > key.size() && pair[key.size()] == '=') {
      return std::string(pair.substr(key.size() + 1));
    }
    if (end == rest.npos) break;
    rest.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace

void RegisterUrls(FunctionSet& set) {
  set.Function("url_encode", [](Call&, std::string_view text) { return UrlEncode(text); });
  set.Kernel(
      "url_decode",
      [](Call& call, std::string_view text) -> std::optional<std::string> {
        auto decoded = UrlDecode(text);
        if (!decoded && !IsTry(call))
          Raise(Condition("CANNOT_DECODE_URL"), {{"url", std::string(text)}});
        return decoded;
      },
      kFallible);
  set.Use("url_decode", "url_decode");
  set.Use("try_url_decode", "url_decode", "try");
  set.Kernel("parse_url", ParseUrlPart, kFallible);
  set.Kernel("parse_url_key", QueryValue, kFallible);
  for (const bool tried : {false, true}) {
    set.Template(tried ? "try_parse_url" : "parse_url",
                 [tried](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                         DuckArgs args) -> DuckExpr {
                   return CallKernel(context, call.args.size() == 3 ? "parse_url_key" : "parse_url",
                                     expr, call, std::move(args), tried ? "try" : "");
                 });
  }
}

}  // namespace tarn::engine::duck
