#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rooms.h"
#include "tarn/analyze/analyzer.h"
#include "tarn/catalog/securable.h"
#include "tarn/session/session.h"

namespace tarn::session {

class OpenTransaction;

/// What a session remembers between statements. Not thread-safe.
class SessionState {
 public:
  SessionState(Instance& instance, SessionOptions options);
  ~SessionState();

  /// The value of a setting, its key compared without regard to case; nullptr if it isn't set.
  const std::string* Setting(std::string_view key) const {
    for (const auto& [known, value] : settings) {
      if (SameName(known, key)) return &value;
    }
    return nullptr;
  }

  Instance::Rooms& rooms;
  const SessionOptions options;
  std::string current_catalog = "main";
  std::string current_schema = "default";
  std::string session_zone = "UTC";
  /// SET key = value, by key as written.
  std::map<std::string, std::string> settings;
  std::vector<analyze::Variable> variables;
  std::vector<analyze::TemporaryView> temporary_views;
  std::vector<catalog::FunctionPtr> temporary_functions;
  /// That BEGIN opened; null outside of one.
  std::unique_ptr<OpenTransaction> transaction;
};

}  // namespace tarn::session
