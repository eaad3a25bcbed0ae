#pragma once

#include <string>

#include "tarn/base/result.h"

namespace tarn::cli {

/// Sends a JSON document by HTTP POST to an http:// or https:// address. No redirect is followed.
/// Errors: WEBHOOK_FAILED, also for an answer other than 2xx or none within 10 seconds.
Status PostJson(const std::string& url, const std::string& json);

}  // namespace tarn::cli
