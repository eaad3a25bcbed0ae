#include "tarn/session/known_files.h"

#include <algorithm>

#include "tarn/base/fault_point.h"
#include "tarn/base/parse_number.h"

namespace tarn::session {

namespace {

constexpr int64_t kSegmentBytesMax = int64_t{1} << 31;
constexpr int kDigits = 12;
constexpr std::string_view kSuffix = ".list";

std::string Padded(int64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
  return digits;
}

bool NeedsEscape(char c) { return c == '%' || c == '\t' || c == '\n'; }

/// A line must have no tab or newline inside the path.
void AppendEscaped(std::string_view path, std::string* text) {
  for (const char c : path) {
    if (!NeedsEscape(c)) {
      *text += c;
    } else {
      *text += c == '%' ? "%25" : c == '\t' ? "%09" : "%0A";
    }
  }
}

std::string Unescaped(std::string_view text) {
  if (text.find('%') == text.npos) return std::string(text);
  std::string path;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte =
        text[i] == '%' ? ParseNumber<uint8_t>(text.substr(i + 1, 2), 16) : std::nullopt;
    path += byte ? static_cast<char>(*byte) : text[i];
    if (byte) i += 2;
  }
  return path;
}

std::string_view TakeUntil(char end, std::string_view* text) {
  const size_t at = text->find(end);
  const std::string_view part = text->substr(0, at);
  text->remove_prefix(at == text->npos ? text->size() : at + 1);
  return part;
}

/// A line of a segment, the path still escaped.
struct Line {
  int64_t size = 0;
  int64_t modified_us = 0;
  int64_t discovered_us = 0;
  std::string_view path;
};

std::optional<Line> ParseLine(std::string_view text) {
  const auto size = ParseNumber<int64_t>(TakeUntil('\t', &text));
  const auto modified = ParseNumber<int64_t>(TakeUntil('\t', &text));
  const auto discovered = ParseNumber<int64_t>(TakeUntil('\t', &text));
  if (!size || !modified || !discovered || text.empty()) return std::nullopt;
  return Line{*size, *modified, *discovered, text};
}

std::string TextOf(const std::vector<KnownFile>& files) {
  std::string text;
  for (const KnownFile& file : files) {
    text += std::to_string(file.size) + '\t' + std::to_string(file.modified_us) + '\t' +
            std::to_string(file.discovered_us) + '\t';
    AppendEscaped(file.path, &text);
    text += '\n';
  }
  return text;
}

FileKeySet::Key KeyAtTime(std::string_view path, int64_t modified_us, int64_t size) {
  return FileKeySet::KeyOf(std::string(path) + "\t" + std::to_string(modified_us) + "\t" +
                           std::to_string(size));
}

}  // namespace

io::ObjectPath KnownFiles::PathOf(const Segment& segment) {
  std::string name = Padded(segment.first) + "-" + Padded(segment.last - 1);
  if (segment.salt != 0) {
    name += "." + std::to_string(segment.before) + "-" + std::to_string(segment.salt);
  }
  return io::ObjectPath() / "files" / (name + std::string(kSuffix));
}

FileKeySet::Key KnownFiles::KeyOf(const KnownFile& file) const {
  std::string escaped;
  AppendEscaped(file.path, &escaped);
  return identity_ == Identity::kPath ? FileKeySet::KeyOf(escaped)
                                      : KeyAtTime(escaped, file.modified_us, file.size);
}

bool KnownFiles::HasPath(std::string_view path) const {
  if (std::ranges::none_of(path, NeedsEscape)) return seen_.Has(FileKeySet::KeyOf(path));
  std::string escaped;
  AppendEscaped(path, &escaped);
  return seen_.Has(FileKeySet::KeyOf(escaped));
}

Error KnownFiles::Corrupt(const io::ObjectPath& path, std::string detail) const {
  return Error(Condition("STREAM_CHECKPOINT_CORRUPT"),
               {{"path", state_->Display(path)}, {"detail", std::move(detail)}});
}

Result<KnownFiles> KnownFiles::Load(const RequestContext& context,
                                    std::shared_ptr<io::ObjectStore> state, Identity identity,
                                    std::optional<int64_t> forget_before_us) {
  KnownFiles known(std::move(state), identity);
  if (!known.state_) return known;
  TARN_ASSIGN(std::vector<Segment> found, known.ListSegments(context));
  std::erase_if(found, [](const Segment& segment) { return segment.salt != 0; });
  TARN_TRY(known.FollowNumbers(std::move(found)));
  TARN_TRY(known.Remember(context, forget_before_us));
  return known;
}

Result<KnownFiles> KnownFiles::LoadTo(const RequestContext& context,
                                      std::shared_ptr<io::ObjectStore> state, Head head) {
  KnownFiles known(std::move(state), Identity::kPath);
  TARN_ASSIGN(const std::vector<Segment> found, known.ListSegments(context));
  TARN_TRY(known.FollowHead(found, head));
  TARN_TRY(known.Remember(context, {}));
  return known;
}

Result<std::vector<KnownFiles::Segment>> KnownFiles::ListSegments(
    const RequestContext& context) const {
  std::vector<Segment> found;
  TARN_TRY(state_->List(context, io::ObjectPath() / "files", {},
                        [&](const io::ObjectInfo& info) -> Result<io::ListNext> {
                          std::string_view name = info.path.Name();
                          if (!name.ends_with(kSuffix)) return io::ListNext::kContinue;
                          name.remove_suffix(kSuffix.size());
                          std::string_view numbers = TakeUntil('.', &name);
                          const auto first = ParseNumber<int64_t>(TakeUntil('-', &numbers));
                          const auto last = ParseNumber<int64_t>(numbers);
                          if (!first || !last) return io::ListNext::kContinue;
                          Segment segment{*first, *last + 1, 0, 0};
                          if (!name.empty()) {
                            const auto before = ParseNumber<uint32_t>(TakeUntil('-', &name));
                            const auto salt = ParseNumber<uint32_t>(name);
                            if (!before || !salt) return io::ListNext::kContinue;
                            segment.before = *before;
                            segment.salt = *salt;
                          }
                          found.push_back(segment);
                          return io::ListNext::kContinue;
                        }));
  return found;
}

Status KnownFiles::FollowNumbers(std::vector<Segment> found) {
  std::sort(found.begin(), found.end(), [](const Segment& a, const Segment& b) {
    return a.first != b.first ? a.first < b.first : a.last > b.last;
  });
  for (const Segment& segment : found) {
    if (segment.last <= count_) continue;  // part of a merged one
    if (segment.first != count_) {
      return Corrupt(io::ObjectPath() / "files", "the files from number " + std::to_string(count_) +
                                                     " to " + std::to_string(segment.first - 1) +
                                                     " are missing");
    }
    segments_.push_back(segment);
    count_ = segment.last;
  }
  return {};
}

Status KnownFiles::FollowHead(const std::vector<Segment>& found, Head head) {
  count_ = head.count;
  while (head.count > 0) {
    const Segment* longest = nullptr;
    for (const Segment& segment : found) {
      if (segment.last != head.count || segment.salt != head.salt) continue;
      if (longest == nullptr || segment.first < longest->first) longest = &segment;
    }
    if (longest == nullptr) {
      return Corrupt(io::ObjectPath() / "files",
                     "the files up to number " + std::to_string(head.count - 1) + " are missing");
    }
    segments_.insert(segments_.begin(), *longest);
    head = {longest->first, longest->before};
  }
  return {};
}

Status KnownFiles::Remember(const RequestContext& context,
                            std::optional<int64_t> forget_before_us) {
  seen_.Reserve(static_cast<size_t>(count_));
  for (const Segment& segment : segments_) {
    TARN_ASSIGN(const std::string text, ReadText(context, segment));
    int64_t lines = 0;
    for (std::string_view rest = text; !rest.empty(); ++lines) {
      const auto line = ParseLine(TakeUntil('\n', &rest));
      if (!line) break;
      if (forget_before_us && line->modified_us < *forget_before_us) continue;
      seen_.Insert(identity_ == Identity::kPath
                       ? FileKeySet::KeyOf(line->path)
                       : KeyAtTime(line->path, line->modified_us, line->size));
    }
    if (lines != segment.count()) {
      return Corrupt(PathOf(segment),
                     "it doesn't hold " + std::to_string(segment.count()) + " files");
    }
  }
  return {};
}

Result<std::string> KnownFiles::ReadText(const RequestContext& context,
                                         const Segment& segment) const {
  return state_->ReadAll(context, PathOf(segment), kSegmentBytesMax);
}

Result<std::vector<KnownFile>> KnownFiles::ReadSegment(const RequestContext& context,
                                                       const Segment& segment) {
  TARN_ASSIGN(const std::string text, ReadText(context, segment));
  std::vector<KnownFile> files;
  files.reserve(static_cast<size_t>(segment.count()));
  for (std::string_view rest = text; !rest.empty();) {
    const auto line = ParseLine(TakeUntil('\n', &rest));
    if (!line) break;
    files.push_back({Unescaped(line->path), line->size, line->modified_us, line->discovered_us});
  }
  if (static_cast<int64_t>(files.size()) != segment.count()) {
    return Corrupt(PathOf(segment),
                   "it doesn't hold " + std::to_string(segment.count()) + " files");
  }
  return files;
}

Status KnownFiles::Put(const RequestContext& context, const Segment& segment,
                       const std::string& text) const {
  const io::ObjectPath path = PathOf(segment);
  TARN_ASSIGN(const io::PutOutcome outcome, state_->PutOnce(context, path, text));
  if (outcome == io::PutOutcome::kCreated) return {};
  TARN_ASSIGN(const std::string found, state_->ReadAll(context, path, kSegmentBytesMax));
  if (found != text) {
    return Error(Condition("STREAM_CONCURRENT_RUN"), {{"path", state_->Display(path)}});
  }
  return state_->SyncDirectories(context, path.Parent());
}

Status KnownFiles::Append(const RequestContext& context, const std::vector<KnownFile>& files) {
  if (files.empty()) return {};
  const Segment segment{count_, count_ + static_cast<int64_t>(files.size()), 0, 0};
  TARN_TRY(Put(context, segment, TextOf(files)));
  for (const KnownFile& file : files) seen_.Insert(KeyOf(file));
  segments_.push_back(segment);
  count_ = segment.last;
  return Merge(context);
}

Result<KnownFiles::Head> KnownFiles::Propose(const RequestContext& context,
                                             const std::vector<KnownFile>& files) {
  const std::string text = TextOf(files);
  // Never 0, which is the start of the list.
  const auto salt = static_cast<uint32_t>(FileKeySet::KeyOf(text).low % 0xFFFFF) + 1;
  const Segment segment{count_, count_ + static_cast<int64_t>(files.size()),
                        segments_.empty() ? 0 : segments_.back().salt, salt};
  TARN_TRY(Put(context, segment, text));
  segments_.push_back(segment);
  count_ = segment.last;
  return Head{count_, salt};
}

Status KnownFiles::Settle(const RequestContext& context) {
  if (settled_) return {};
  TARN_TRY(state_->SyncDirectories(context, io::ObjectPath() / "files"));
  settled_ = true;
  return {};
}

Status KnownFiles::Merge(const RequestContext& context) {
  // Each segment stays larger than all behind it, so there are few of them and each file is copied
  // a logarithmic number of times.
  while (segments_.size() >= 2) {
    const Segment older = segments_[segments_.size() - 2];
    const Segment newer = segments_.back();
    if (older.count() > newer.count()) return {};
    TARN_ASSIGN(std::string text, ReadText(context, older));
    TARN_ASSIGN(const std::string more, ReadText(context, newer));
    text += more;
    const Segment merged{older.first, newer.last, older.before, newer.salt};
    TARN_FAULT_POINT("source.files.before_merge");
    TARN_TRY(Put(context, merged, text));
    TARN_FAULT_POINT("source.files.after_merge");
    TARN_TRY(state_->Delete(context, PathOf(older)));
    TARN_TRY(state_->Delete(context, PathOf(newer)));
    segments_.resize(segments_.size() - 2);
    segments_.push_back(merged);
  }
  return {};
}

Result<std::vector<KnownFile>> KnownFiles::Range(const RequestContext& context, int64_t first,
                                                 int64_t last) {
  std::vector<KnownFile> files;
  for (const Segment& segment : segments_) {
    if (segment.last <= first || segment.first >= last) continue;
    if (!(cached_ == segment)) {
      TARN_ASSIGN(cached_files_, ReadSegment(context, segment));
      cached_ = segment;
    }
    const int64_t begin = std::max(first, segment.first) - segment.first;
    const int64_t end = std::min(last, segment.last) - segment.first;
    files.insert(files.end(), cached_files_.begin() + begin, cached_files_.begin() + end);
  }
  if (static_cast<int64_t>(files.size()) != last - first) {
    return Corrupt(io::ObjectPath() / "files", "files " + std::to_string(first) + " to " +
                                                   std::to_string(last - 1) + " aren't all known");
  }
  return files;
}

}  // namespace tarn::session
