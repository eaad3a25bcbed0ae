#pragma once

#include "tarn/session/session.h"

namespace tarn::cli {

/// Makes Tab complete keywords, functions, and names of tables, schemas and catalogs. The session
/// must outlive the prompt.
void InstallCompletion(session::Session& session);

}  // namespace tarn::cli
