#include "tarn/pipeline/update.h"

namespace tarn::pipeline {

std::string_view NameOf(UpdateState state) {
  switch (state) {
    case UpdateState::kInitializing:
      return "INITIALIZING";
    case UpdateState::kSettingUpTables:
      return "SETTING_UP_TABLES";
    case UpdateState::kRunning:
      return "RUNNING";
    case UpdateState::kCompleted:
      return "COMPLETED";
    case UpdateState::kFailed:
      return "FAILED";
    case UpdateState::kCanceled:
      return "CANCELED";
  }
  return "";
}

std::string_view NameOf(FlowState state) {
  switch (state) {
    case FlowState::kQueued:
      return "QUEUED";
    case FlowState::kRunning:
      return "RUNNING";
    case FlowState::kIdle:
      return "IDLE";
    case FlowState::kCompleted:
      return "COMPLETED";
    case FlowState::kFailed:
      return "FAILED";
    case FlowState::kSkipped:
      return "SKIPPED";
    case FlowState::kStopped:
      return "STOPPED";
    case FlowState::kExcluded:
      return "EXCLUDED";
  }
  return "";
}

}  // namespace tarn::pipeline
