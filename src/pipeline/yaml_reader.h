#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"

namespace tarn::pipeline {

/// A project file, as values read from it remember it.
struct YamlFile {
  std::string path;  ///< absolute
  std::string name;  ///< seen from the project's folder, for messages
};

struct YamlPlace {
  std::shared_ptr<const YamlFile> file;  ///< null: of no file
  int line = 0;
  int column = 0;

  /// "resources/a.yml:3".
  std::string ToString() const;
};

struct YamlMember;

/// A value of a project file with its place. Scalars are texts: nothing is read into their types.
struct Yaml {
  enum class Kind : uint8_t { kNull, kText, kList, kMap };

  Kind kind = Kind::kNull;
  std::string text;
  std::vector<Yaml> items;
  std::vector<YamlMember> members;  ///< in the order of the file
  YamlPlace place;

  bool IsText() const { return kind == Kind::kText; }
  bool IsList() const { return kind == Kind::kList; }
  bool IsMap() const { return kind == Kind::kMap; }

  static Yaml Text(std::string text, YamlPlace place = {});

  /// The member, or null (also where this is no map).
  const Yaml* Find(std::string_view key) const;
  Yaml* Find(std::string_view key);
  /// What stands at a path of keys parted by dots, or null.
  const Yaml* FindPath(std::string_view path) const;
  /// The text of a scalar member, or `otherwise`.
  std::string TextOf(std::string_view key, std::string otherwise = {}) const;
  /// The member, made if it isn't there; this becomes a map.
  Yaml& Member(std::string_view key);
};

struct YamlMember {
  std::string key;
  Yaml value;
  YamlPlace place;  ///< of the key
};

/// PROJECT_INVALID at a place.
Error InvalidProject(const YamlPlace& place, std::string detail);

/// Reads a YAML file; `<<` merges maps. At most 16 MiB, 200,000 nodes and 100 levels, aliases
/// counted as often as they stand for something. Errors: PROJECT_NOT_FOUND, PROJECT_INVALID with
/// the line.
Result<Yaml> ReadYaml(const YamlFile& file);

}  // namespace tarn::pipeline
