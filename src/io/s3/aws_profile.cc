#include "s3/aws_profile.h"

#include <fstream>

namespace tarn::io {

namespace {

constexpr size_t kFileBytesMax = 1 << 20;

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string FileOf(const Environment& environment, const std::string& variable,
                   std::string_view name) {
  if (auto given = environment(variable)) return *given;
  const auto home = environment("HOME");
  return home ? *home + "/.aws/" + std::string(name) : "";
}

}  // namespace

std::string ReadSmallFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text.size() > kFileBytesMax ? "" : text;
}

AwsProfile ParseProfile(std::string_view text, std::string_view name, bool prefixed) {
  std::string wanted(name);
  if (prefixed && name != "default") wanted = "profile " + wanted;
  AwsProfile profile;
  bool inside = false;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view raw = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    const std::string_view line = Trimmed(raw);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      inside = Trimmed(line.substr(1, line.find(']') - 1)) == wanted;
      continue;
    }
    // An indented line belongs to a nested group such as "s3 =".
    const size_t equals = line.find('=');
    if (!inside || equals == line.npos || raw[0] == ' ' || raw[0] == '\t') continue;
    std::string key(Trimmed(line.substr(0, equals)));
    for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    profile[key] = Trimmed(line.substr(equals + 1));
  }
  return profile;
}

Result<AwsProfile> LoadProfile(const Environment& environment) {
  const auto named = environment("AWS_PROFILE");
  const std::string name = named && !named->empty() ? *named : "default";
  AwsProfile profile =
      ParseProfile(ReadSmallFile(FileOf(environment, "AWS_CONFIG_FILE", "config")), name, true);
  const AwsProfile secrets =
      ParseProfile(ReadSmallFile(FileOf(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")),
                   name, false);
  for (const auto& [key, value] : secrets) profile[key] = value;
  if (profile.empty() && named && !named->empty()) {
    return Error(
        Condition("PATH_NOT_ALLOWED"),
        {{"path", "s3:"},
         {"detail", "the AWS profile '" + name + "', which AWS_PROFILE names, isn't there"}});
  }
  return profile;
}

}  // namespace tarn::io
