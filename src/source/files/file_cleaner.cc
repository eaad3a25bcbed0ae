#include "files/file_cleaner.h"

#include <algorithm>

#include "tarn/base/fault_point.h"
#include "tarn/io/location.h"

namespace tarn::source {

namespace {

constexpr int64_t kSaveEveryUs = 1'000'000;

}  // namespace

Result<FileCleaner> FileCleaner::Open(const RequestContext& context,
                                      std::shared_ptr<io::ObjectStore> state, CleanSource clean) {
  TARN_ASSIGN(session::FileMarks committed,
              session::FileMarks::Load(context, state, session::CommittedMarks()));
  TARN_ASSIGN(session::FileMarks archived,
              session::FileMarks::Load(context, state, session::ArchivedMarks()));
  return FileCleaner(std::move(clean), std::move(committed), std::move(archived));
}

Status FileCleaner::NoteCommitted(const RequestContext& context, int64_t count) {
  const int64_t now_us = context.clock->NowMicros();
  committed_.Add({count, now_us, ""});
  if (!cleans() && now_us < saved_us_ + kSaveEveryUs) return {};
  saved_us_ = now_us;
  return Flush(context);
}

Status FileCleaner::Flush(const RequestContext& context) { return committed_.Save(context); }

int64_t FileCleaner::Due(int64_t now_us) const {
  int64_t count = 0;
  for (const session::FileMarks::Mark& mark : committed_.marks()) {
    if (mark.at_us > now_us - clean_.retention_us) break;
    count = mark.count;
  }
  return count;
}

Status FileCleaner::Clean(const RequestContext& context, const io::Storage& storage,
                          session::KnownFiles& known, const std::string& base,
                          const std::string& destination) {
  if (!cleans()) return {};
  const bool elsewhere = !destination.empty() && io::RootOf(destination) != io::RootOf(base);
  if (elsewhere) return UnsupportedFeature("cleanSource.moveDestination in another bucket");
  const int64_t now_us = context.clock->NowMicros();
  const int64_t first = archived_.count();
  const int64_t last = std::min({Due(now_us), first + kFilesPerRun, known.count()});
  if (last <= first) return {};
  TARN_ASSIGN(const std::vector<session::KnownFile> files, known.Range(context, first, last));
  // A file that is to be read once more isn't done with.
  TARN_ASSIGN(const std::vector<session::KnownFile> waiting,
              known.Range(context, std::min(committed_.count(), known.count()), known.count()));
  session::FileKeySet unread;
  for (const session::KnownFile& file : waiting) {
    unread.Insert(session::FileKeySet::KeyOf(file.path));
  }
  TARN_ASSIGN(const std::shared_ptr<io::ObjectStore> store, storage.OpenRoot(base));
  int64_t done = first;
  for (const session::KnownFile& file : files) {
    if (unread.Has(session::FileKeySet::KeyOf(file.path))) {
      ++done;
      continue;
    }
    TARN_FAULT_POINT("source.clean.before_file");
    TARN_ASSIGN(const bool cleaned, CleanOne(context, *store, file, base, destination));
    if (!cleaned) break;
    ++done;
  }
  archived_.Add(
      {done, now_us, clean_.mode == CleanSource::Mode::kMove ? "MOVE " + destination : "DELETE"});
  return archived_.Save(context);
}

Result<bool> FileCleaner::CleanOne(const RequestContext& context, io::ObjectStore& store,
                                   const session::KnownFile& file, const std::string& base,
                                   const std::string& destination) const {
  TARN_TRY(context.Check());
  TARN_ASSIGN(const io::ObjectPath path, io::PathBelowRoot(file.path));
  const auto info = store.Stat(context, path);
  if (!info.ok()) return info.error().condition() == Condition("PATH_NOT_FOUND");
  // Written again since: it isn't the file that was read.
  if (info->size != file.size || info->modified_us != file.modified_us) return true;
  if (clean_.mode == CleanSource::Mode::kDelete) return store.Delete(context, path).ok();
  const bool below = file.path.starts_with(base + "/");
  const std::string_view name =
      std::string_view(file.path).substr(below ? base.size() + 1 : file.path.find_last_of('/') + 1);
  TARN_ASSIGN(const io::ObjectPath target,
              io::PathBelowRoot(destination + "/" + std::string(name)));
  // What stands there already isn't overwritten.
  const auto taken = store.Exists(context, target);
  if (!taken.ok() || *taken) return taken.ok();
  if (!store.CreateDirectories(context, target.Parent()).ok()) return false;
  return store.Rename(context, path, target).ok();
}

}  // namespace tarn::source
