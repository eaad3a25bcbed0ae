#include "tarn/io/file_listing.h"

#include <algorithm>
#include <memory>

#include "tarn/io/location.h"
#include "tarn/io/object_store.h"

namespace tarn::io {

namespace {

constexpr std::string_view kGlobCharacters = "*?[{";

/// Matches [a-z], [^a] at the head of `pattern`; moves past it. A lone '[' matches itself.
bool MatchClass(char c, std::string_view& pattern) {
  const size_t close = pattern.find(']', 2);
  if (close == pattern.npos) {
    const bool same = c == pattern[0];
    pattern.remove_prefix(1);
    return same;
  }
  std::string_view members = pattern.substr(1, close - 1);
  pattern.remove_prefix(close + 1);
  const bool negated = !members.empty() && (members[0] == '^' || members[0] == '!');
  if (negated) members.remove_prefix(1);
  bool found = false;
  for (size_t i = 0; i < members.size(); ++i) {
    if (i + 2 < members.size() && members[i + 1] == '-') {
      found |= members[i] <= c && c <= members[i + 2];
      i += 2;
    } else {
      found |= members[i] == c;
    }
  }
  return found != negated;
}

/// Splits "{a,b}rest" into its alternatives with the rest appended.
std::vector<std::string> Alternatives(std::string_view pattern) {
  std::vector<std::string_view> members;
  size_t begin = 1;
  int depth = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    depth += c == '{' ? 1 : 0;
    depth -= c == '}' ? 1 : 0;
    if (depth > 1 || (depth == 1 && c != ',')) continue;
    members.push_back(pattern.substr(begin, i - begin));
    begin = i + 1;
    if (depth == 0) break;
  }
  if (depth != 0) return {};
  std::vector<std::string> all;
  for (const std::string_view member : members) {
    all.push_back(std::string(member) + std::string(pattern.substr(begin)));
  }
  return all;
}

class Lister {
 public:
  Lister(const RequestContext& context, ObjectStore& store, std::string_view root,
         const ListingOptions& options)
      : context_(context), store_(store), options_(options) {
    if (!options.leave_out) return;
    leave_out_ = [this, root = std::string(root)](const ObjectPath& path) {
      return options_.leave_out(root + path.str());
    };
  }

  /// Walks the pattern's segments from `folder`.
  Status Walk(const ObjectPath& folder, std::string_view rest) {
    if (rest.empty()) return Take(folder);
    const size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    rest = slash == rest.npos ? std::string_view() : rest.substr(slash + 1);
    if (segment.empty()) return Walk(folder, rest);
    if (segment.find_first_of(kGlobCharacters) == segment.npos) {
      TARN_ASSIGN(ObjectPath next, folder.Join(segment));
      return Walk(next, rest);
    }
    ListOptions list;
    list.directories = true;
    std::vector<ObjectPath> matches;
    TARN_TRY(store_.List(context_, folder, list, [&](const ObjectInfo& info) -> Result<ListNext> {
      // Below a file there is nothing.
      const bool leads_on = rest.empty() || info.is_directory;
      if (leads_on && MatchesGlob(info.path.Name(), segment)) matches.push_back(info.path);
      return ListNext::kContinue;
    }));
    for (const ObjectPath& match : matches) TARN_TRY(Walk(match, rest));
    return {};
  }

  /// Finds everything below `base` whose path behind it begins as `pattern` says.
  Status WalkLoosely(const ObjectPath& base, std::string_view pattern) {
    while (pattern.ends_with('/')) pattern.remove_suffix(1);
    const std::string prefix = std::string(pattern) + "*";
    ListOptions list;
    list.recursive = true;
    list.leave_out = leave_out_;
    return store_.List(context_, base, list, [&](const ObjectInfo& found) -> Result<ListNext> {
      const std::string relative(found.path.RelativeTo(base).str());
      if (!found.is_directory && !Hidden(relative) && MatchesGlob(relative, prefix)) {
        TARN_TRY(Add(found, true));
      }
      return ListNext::kContinue;
    });
  }

  std::vector<ObjectInfo> files;

 private:
  Status Take(const ObjectPath& path) {
    auto info = store_.Stat(context_, path);
    if (!info.ok()) {
      if (info.error().condition() == Condition("PATH_NOT_FOUND")) return {};
      return std::move(info).error();
    }
    if (!info->is_directory) return Add(*std::move(info), false);
    ListOptions list;
    list.recursive = options_.recursive;
    list.leave_out = leave_out_;
    return store_.List(context_, path, list, [&](const ObjectInfo& found) -> Result<ListNext> {
      if (!found.is_directory && !Hidden(found.path.RelativeTo(path).str())) {
        TARN_TRY(Add(found, true));
      }
      return ListNext::kContinue;
    });
  }

  Status Add(ObjectInfo info, bool filtered) {
    const ObjectPath& path = info.path;
    if (filtered && !options_.name_glob.empty() && !MatchesGlob(path.Name(), options_.name_glob)) {
      return {};
    }
    if (options_.modified_after_us && info.modified_us <= *options_.modified_after_us) return {};
    if (options_.modified_before_us && info.modified_us >= *options_.modified_before_us) return {};
    if (files.size() >= kFilesMax) {
      return Error(Condition("INVALID_PARAMETER_VALUE"),
                   {{"parameter", "path"},
                    {"value", path.str()},
                    {"detail", "it stands for more than " + std::to_string(kFilesMax) + " files"}});
    }
    files.push_back(std::move(info));
    return {};
  }

  /// Spark hides files and folders that start with '_' (but for partition folders) or '.'.
  static bool Hidden(std::string_view relative) {
    while (!relative.empty()) {
      const size_t slash = relative.find('/');
      const std::string_view segment = relative.substr(0, slash);
      const bool partition_folder = slash != relative.npos && segment.find('=') != segment.npos;
      if (segment.starts_with('.') || (segment.starts_with('_') && !partition_folder)) return true;
      relative = slash == relative.npos ? std::string_view() : relative.substr(slash + 1);
    }
    return false;
  }

  const RequestContext& context_;
  ObjectStore& store_;
  const ListingOptions& options_;
  std::function<bool(const ObjectPath&)> leave_out_;
};

}  // namespace

bool MatchesGlob(std::string_view name, std::string_view pattern) {
  while (!pattern.empty()) {
    const char p = pattern[0];
    if (p == '*') {
      while (!pattern.empty() && pattern[0] == '*') pattern.remove_prefix(1);
      if (pattern.empty()) return true;
      for (size_t skip = 0; skip <= name.size(); ++skip) {
        if (MatchesGlob(name.substr(skip), pattern)) return true;
      }
      return false;
    }
    if (p == '{') {
      for (const std::string& alternative : Alternatives(pattern)) {
        if (MatchesGlob(name, alternative)) return true;
      }
      return false;
    }
    if (name.empty()) return false;
    const char c = name[0];
    if (p == '[') {
      if (!MatchClass(c, pattern)) return false;
    } else {
      if (p != '?' && p != c) return false;
      pattern.remove_prefix(1);
    }
    name.remove_prefix(1);
  }
  return name.empty();
}

std::string_view BaseOfPattern(std::string_view path) {
  const size_t glob = path.find_first_of(kGlobCharacters);
  if (glob == path.npos) return path;
  const size_t cut = path.rfind('/', glob);
  return path.substr(0, cut == path.npos || cut == 0 ? 1 : cut);
}

Result<std::vector<ObjectInfo>> ListFiles(const RequestContext& context, std::string_view path,
                                          const ListingOptions& options, const Storage& storage) {
  // The part before the first pattern is normalised as a path ("..", "file:"), the rest is the
  // pattern.
  const size_t glob = path.find_first_of(kGlobCharacters);
  const size_t cut = glob == path.npos ? path.size() : path.rfind('/', glob);
  TARN_ASSIGN(const std::string base, NormalLocation(path.substr(0, cut == 0 ? 1 : cut)));
  TARN_ASSIGN(const std::shared_ptr<ObjectStore> store, storage.OpenRoot(base));
  TARN_ASSIGN(const ObjectPath folder, PathBelowRoot(base));
  Lister lister(context, *store, RootOf(base), options);
  const std::string_view pattern = glob == path.npos ? std::string_view() : path.substr(cut + 1);
  TARN_TRY(options.strict_glob || pattern.empty() ? lister.Walk(folder, pattern)
                                                  : lister.WalkLoosely(folder, pattern));
  std::sort(lister.files.begin(), lister.files.end(),
            [](const ObjectInfo& a, const ObjectInfo& b) { return a.path < b.path; });
  return std::move(lister.files);
}

}  // namespace tarn::io
