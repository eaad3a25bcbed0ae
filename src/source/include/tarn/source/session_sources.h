#pragma once

#include <memory>

#include "tarn/session/session.h"
#include "tarn/stream/source.h"

namespace tarn::source {

/// Opens the streams that SQL names, with the rights of a session: STREAM read_files(…) and
/// STREAM t of a Delta table.
class SessionSources final : public stream::SourceOpener {
 public:
  /// The session outlives the sources.
  explicit SessionSources(session::Session& session) : session_(session) {}
  Result<std::unique_ptr<stream::Source>> Open(const RequestContext& context,
                                               const analyze::StreamReference& reference,
                                               std::shared_ptr<io::ObjectStore> state,
                                               bool look) override;

 private:
  session::Session& session_;
};

}  // namespace tarn::source
