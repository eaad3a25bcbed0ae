#pragma once

#include <string>

#include "row_writer.h"
#include "tarn/session/session.h"
#include "terminal.h"

namespace tarn::cli {

/// Shows the newest `limit` events of a pipeline, the oldest first. Returns the exit code.
int ShowEvents(session::Session& session, const std::string& pipeline_id, int limit,
               OutputFormat format, const Terminal& terminal);

/// Shows them a line each and then those that come, until the context is cancelled.
int FollowEvents(const RequestContext& context, session::Session& session,
                 const std::string& pipeline_id, int limit, const Terminal& terminal);

}  // namespace tarn::cli
