#pragma once

#include <string>
#include <string_view>

#include "s3/s3_answers.h"
#include "tarn/io/object_store.h"

namespace tarn::io {

/// Visits what pages of keys say as ObjectStore::List does: objects, and as directories what the
/// keys have before a '/'. Keys that no ObjectPath can name are passed over.
class KeyWalk {
 public:
  KeyWalk(ObjectPath directory, const ListOptions& options, const ListVisitor& visit)
      : directory_(std::move(directory)), options_(options), visit_(visit) {}

  Result<ListNext> Take(const ListPage& page);

 private:
  Result<ListNext> TakeObject(const ListedObject& object);
  /// Visits the directories on the way to `relative` that weren't visited yet.
  Result<ListNext> TakeDirectories(std::string_view relative);
  std::string_view Relative(std::string_view key) const;

  const ObjectPath directory_;
  const ListOptions& options_;
  const ListVisitor& visit_;
  std::string
      visited_;  // the deepest directory that was visited last, relative, with '/' behind it
};

}  // namespace tarn::io
