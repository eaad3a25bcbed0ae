#include "tarn/base/fault_point.h"

#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

namespace tarn {

namespace {

struct ArmedFault {
  std::string name;
  bool kill = false;
  int64_t passages_left = 1;
};

struct Faults {
  std::mutex mutex;
  std::vector<ArmedFault> armed;  // guarded by mutex

  Faults() {
    const char* text = std::getenv("TARN_FAULT");
    if (text == nullptr) return;
    std::string_view rest = text;
    while (!rest.empty()) {
      const size_t comma = rest.find(',');
      Add(rest.substr(0, comma));
      rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
    }
  }

  void Add(std::string_view entry) {
    const size_t equals = entry.find('=');
    if (equals == entry.npos) return;
    std::string_view action = entry.substr(equals + 1);
    ArmedFault fault{std::string(entry.substr(0, equals))};
    if (const size_t at = action.find('@'); at != action.npos) {
      fault.passages_left = std::atoll(std::string(action.substr(at + 1)).c_str());
      action = action.substr(0, at);
    }
    fault.kill = action == "kill";
    armed.push_back(std::move(fault));
  }
};

Faults& AllFaults() {
  static Faults faults;
  return faults;
}

}  // namespace

Status PassFaultPoint(std::string_view name) {
  Faults& faults = AllFaults();
  std::lock_guard lock(faults.mutex);
  for (ArmedFault& fault : faults.armed) {
    if (fault.name != name || --fault.passages_left != 0) continue;
    if (fault.kill) raise(SIGKILL);
    return Error(Condition("IO_ERROR"), {{"operation", "Fault point"},
                                         {"path", std::string(name)},
                                         {"detail", "armed by TARN_FAULT"}});
  }
  return {};
}

}  // namespace tarn
