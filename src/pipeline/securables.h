#pragma once

#include <string>

#include "tarn/pipeline/project.h"
#include "tarn/session/session.h"

namespace tarn::pipeline {

/// Makes what an update needs in the catalog and isn't there: what the bundle describes, the schema
/// that datasets go to by default, and the name under which the event log, which is there, is read.
/// TABLE_OR_VIEW_ALREADY_EXISTS if something else has that name.
Status MakeSecurables(session::Session& session, const RequestContext& context,
                      const PipelineSpec& spec, const std::string& pipeline_id);

}  // namespace tarn::pipeline
