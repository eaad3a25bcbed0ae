#include "s3/key_walk.h"

#include <optional>

namespace tarn::io {

namespace {

constexpr std::string_view kTemporaryPrefix = ".tarn-";

// Segments that a path of ours can't have would name something else after normalising.
std::optional<ObjectPath> PathOf(const ObjectPath& directory, std::string_view relative) {
  ObjectPath path = directory;
  while (true) {
    const size_t slash = relative.find('/');
    const std::string_view segment = relative.substr(0, slash);
    const bool unnamable =
        segment.empty() || segment == "." || segment == ".." || segment.find('\0') != segment.npos;
    if (unnamable) return std::nullopt;
    path = path.Child(segment);
    if (slash == relative.npos) return path;
    relative.remove_prefix(slash + 1);
  }
}

}  // namespace

std::string_view KeyWalk::Relative(std::string_view key) const {
  return directory_.is_root() ? key : key.substr(directory_.str().size() + 1);
}

Result<ListNext> KeyWalk::Take(const ListPage& page) {
  // Objects and common prefixes stand apart, each in order.
  size_t prefix = 0;
  const auto prefixes_before = [&](std::string_view key) -> Result<ListNext> {
    while (prefix < page.prefixes.size() && (key.empty() || page.prefixes[prefix] < key)) {
      TARN_ASSIGN(const ListNext next, TakeDirectories(Relative(page.prefixes[prefix++])));
      if (next == ListNext::kStop) return next;
    }
    return ListNext::kContinue;
  };
  for (const ListedObject& object : page.objects) {
    TARN_ASSIGN(ListNext next, prefixes_before(object.key));
    if (next == ListNext::kContinue) {
      TARN_ASSIGN(next, TakeObject(object));
    }
    if (next == ListNext::kStop) return next;
  }
  return prefixes_before("");
}

Result<ListNext> KeyWalk::TakeDirectories(std::string_view relative) {
  if (!options_.directories) return ListNext::kContinue;
  for (size_t slash = relative.find('/'); slash != relative.npos;
       slash = relative.find('/', slash + 1)) {
    const std::string_view folder = relative.substr(0, slash + 1);
    if (visited_.starts_with(folder)) continue;
    visited_ = folder;
    const auto path = PathOf(directory_, relative.substr(0, slash));
    const bool wanted = path && (options_.recursive || path->Name() > options_.start_after);
    if (!wanted) continue;
    ObjectInfo info;
    info.path = *path;
    info.is_directory = true;
    TARN_ASSIGN(const ListNext next, visit_(info));
    if (next == ListNext::kStop) return next;
  }
  return ListNext::kContinue;
}

Result<ListNext> KeyWalk::TakeObject(const ListedObject& object) {
  const std::string_view relative = Relative(object.key);
  TARN_ASSIGN(const ListNext next, TakeDirectories(relative));
  // An empty object whose key ends in '/' stands for a folder.
  if (next == ListNext::kStop || relative.empty() || relative.ends_with('/')) return next;
  const auto path = PathOf(directory_, relative);
  if (!path || path->Name().starts_with(kTemporaryPrefix)) return ListNext::kContinue;
  if (!options_.recursive && path->Name() <= options_.start_after) return ListNext::kContinue;
  if (options_.leave_out && options_.leave_out(*path)) return ListNext::kContinue;
  ObjectInfo info;
  info.path = *path;
  info.size = object.size;
  info.modified_us = object.modified_us;
  return visit_(info);
}

}  // namespace tarn::io
