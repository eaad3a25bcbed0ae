#pragma once

#include <memory>
#include <optional>
#include <string>

#include "files/file_source_options.h"
#include "tarn/io/storage.h"
#include "tarn/session/known_files.h"
#include "tarn/session/session.h"

namespace tarn::source {

/// Notes when files were finished with, and removes or moves them when their time has come
/// (cleanSource). Best effort: what can't be removed is tried again later, and a file that isn't as
/// it was read stays. Never a file whose batch isn't noted as done. For one thread.
class FileCleaner {
 public:
  static constexpr int64_t kFilesPerRun = 10'000;

  static Result<FileCleaner> Open(const RequestContext& context,
                                  std::shared_ptr<io::ObjectStore> state, CleanSource clean);
  /// All files numbered below `count` are in the table. Durable at once if files are cleaned, else
  /// now and then: it is only shown.
  Status NoteCommitted(const RequestContext& context, int64_t count);
  Status Flush(const RequestContext& context);
  /// Cleans what is old enough. `base` is the folder whose structure a move keeps, `destination`
  /// the absolute path of the folder that files move to.
  Status Clean(const RequestContext& context, const io::Storage& storage,
               session::KnownFiles& known, const std::string& base, const std::string& destination);
  bool cleans() const { return clean_.mode != CleanSource::Mode::kOff; }

 private:
  FileCleaner(CleanSource clean, session::FileMarks committed, session::FileMarks archived)
      : clean_(std::move(clean)),
        committed_(std::move(committed)),
        archived_(std::move(archived)) {}
  /// How many of the first files are old enough.
  int64_t Due(int64_t now_us) const;
  /// False if it should be tried again.
  Result<bool> CleanOne(const RequestContext& context, io::ObjectStore& store,
                        const session::KnownFile& file, const std::string& base,
                        const std::string& destination) const;

  CleanSource clean_;
  session::FileMarks committed_;
  session::FileMarks archived_;
  int64_t saved_us_ = 0;
};

}  // namespace tarn::source
