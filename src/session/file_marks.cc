#include <algorithm>

#include "tarn/base/fault_point.h"
#include "tarn/base/parse_number.h"
#include "tarn/session/known_files.h"

namespace tarn::session {

namespace {
constexpr int64_t kMarksBytesMax = 64 << 20;
}

io::ObjectPath CommittedMarks() { return io::ObjectPath() / "committed.list"; }
io::ObjectPath ArchivedMarks() { return io::ObjectPath() / "archived.list"; }

Result<FileMarks> FileMarks::Load(const RequestContext& context,
                                  std::shared_ptr<io::ObjectStore> state, io::ObjectPath name) {
  FileMarks marks(std::move(state), std::move(name));
  auto text = marks.state_->ReadAll(context, marks.name_, kMarksBytesMax);
  if (!text.ok()) {
    if (text.error().condition() == Condition("PATH_NOT_FOUND")) return marks;
    return std::move(text).error();
  }
  for (std::string_view rest = *text; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const size_t tab = std::min(line.find('\t'), line.size());
    const size_t second = std::min(line.find('\t', tab + 1), line.size());
    const auto count = ParseNumber<int64_t>(line.substr(0, tab));
    const auto at = ParseNumber<int64_t>(line.substr(std::min(tab + 1, second), second - tab - 1));
    if (!count || !at || second == line.size()) {
      return Error(Condition("STREAM_CHECKPOINT_CORRUPT"),
                   {{"path", marks.state_->Display(marks.name_)},
                    {"detail", "a line isn't a count, a time and a note"}});
    }
    marks.marks_.push_back({*count, *at, std::string(line.substr(second + 1))});
  }
  return marks;
}

const FileMarks::Mark* FileMarks::Find(int64_t number) const {
  const auto found = std::ranges::upper_bound(marks_, number, {}, &Mark::count);
  return found == marks_.end() ? nullptr : &*found;
}

void FileMarks::Add(Mark mark) {
  if (mark.count <= count()) return;
  marks_.push_back(std::move(mark));
  dirty_ = true;
}

Status FileMarks::Save(const RequestContext& context) {
  if (!dirty_) return {};
  if (marks_.size() > kMarksMax) {
    std::vector<Mark> kept;
    for (size_t i = 0; i < marks_.size(); ++i) {
      if (i % 2 == 1 || i > marks_.size() - 16) kept.push_back(std::move(marks_[i]));
    }
    marks_ = std::move(kept);
  }
  std::string text;
  for (const Mark& mark : marks_) {
    text +=
        std::to_string(mark.count) + '\t' + std::to_string(mark.at_us) + '\t' + mark.note + '\n';
  }
  TARN_FAULT_POINT("source.files.before_marks");
  TARN_TRY(state_->Put(context, name_, text));
  dirty_ = false;
  return {};
}

}  // namespace tarn::session
