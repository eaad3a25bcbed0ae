#pragma once

#include <string>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/session/session.h"
#include "tarn/types/data_type.h"
#include "tarn/types/value.h"

namespace tarn::session {

/// Appends rows to a Delta table that the program itself keeps in a folder of the lake and that no
/// catalog names; makes it with these columns if there is none. `root` is absolute and its folder
/// exists. One commit; nothing is there after an error.
Status AppendToLogTable(Session& session, const RequestContext& context, const std::string& root,
                        const Schema& columns, std::vector<std::vector<Value>> rows);

}  // namespace tarn::session
