#include "tarn/source/session_sources.h"

#include "delta/delta_source.h"
#include "files/file_source.h"

namespace tarn::source {

Result<std::unique_ptr<stream::Source>> SessionSources::Open(
    const RequestContext& context, const analyze::StreamReference& reference,
    std::shared_ptr<io::ObjectStore> state, bool look) {
  if (reference.files) {
    TARN_ASSIGN(std::unique_ptr<FileSource> files,
                FileSource::Open(context, session_, *reference.files, std::move(state), look));
    return std::unique_ptr<stream::Source>(std::move(files));
  }
  TARN_ASSIGN(std::unique_ptr<DeltaSource> table, DeltaSource::Open(context, session_, reference));
  return std::unique_ptr<stream::Source>(std::move(table));
}

}  // namespace tarn::source
