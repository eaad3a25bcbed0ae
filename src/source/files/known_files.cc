#include "files/known_files.h"

#include <algorithm>

#include "tarn/base/parse_number.h"

namespace tarn::source {

namespace {

constexpr int64_t kSegmentBytesMax = int64_t{1} << 31;
constexpr int kDigits = 12;
constexpr std::string_view kSuffix = ".list";

std::string Padded(int64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
  return digits;
}

/// A line must have no tab or newline inside the path.
void AppendEscaped(std::string_view path, std::string* text) {
  for (const char c : path) {
    switch (c) {
      case '%':
        *text += "%25";
        break;
      case '\t':
        *text += "%09";
        break;
      case '\n':
        *text += "%0A";
        break;
      default:
        *text += c;
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

unsigned __int128 Fnv(std::string_view text, unsigned __int128 hash) {
  constexpr unsigned __int128 kPrime = (static_cast<unsigned __int128>(1) << 88) + 0x13B;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * kPrime;
  return hash;
}

}  // namespace

KnownFiles::Key KnownFiles::KeyOf(const KnownFile& file) const {
  // FNV-1a of 128 bits: among a billion files two share a key with a chance below 2^-68.
  constexpr Key kStart =
      (static_cast<Key>(0x6C62272E07BB0142) << 64) + static_cast<Key>(0x62B821756295C58D);
  Key key = Fnv(file.path, kStart);
  if (identity_ == Identity::kPathAndTime) {
    key = Fnv("\t" + std::to_string(file.modified_us) + "\t" + std::to_string(file.size), key);
  }
  return key;
}

Result<KnownFiles> KnownFiles::Load(const RequestContext& context,
                                    std::shared_ptr<io::ObjectStore> state, Identity identity) {
  KnownFiles known(std::move(state), identity);
  if (!known.state_) return known;
  TARN_TRY(known.FindSegments(context));
  known.seen_.reserve(static_cast<size_t>(known.count_));
  for (const Segment& segment : known.segments_) {
    TARN_ASSIGN(const std::vector<KnownFile> files, known.ReadSegment(context, segment));
    for (const KnownFile& file : files) known.seen_.insert(known.KeyOf(file));
  }
  return known;
}

Status KnownFiles::FindSegments(const RequestContext& context) {
  std::vector<Segment> found;
  TARN_TRY(state_->List(context, io::ObjectPath() / "files", {},
                        [&](const io::ObjectInfo& info) -> Result<io::ListNext> {
                          std::string_view name = info.path.Name();
                          if (!name.ends_with(kSuffix)) return io::ListNext::kContinue;
                          name.remove_suffix(kSuffix.size());
                          const auto first = ParseNumber<int64_t>(TakeUntil('-', &name));
                          const auto last = ParseNumber<int64_t>(name);
                          if (first && last) found.push_back({*first, *last + 1});
                          return io::ListNext::kContinue;
                        }));
  std::sort(found.begin(), found.end(), [](const Segment& a, const Segment& b) {
    return a.first != b.first ? a.first < b.first : a.last > b.last;
  });
  for (const Segment& segment : found) {
    if (segment.last <= count_) continue;  // part of a merged one
    if (segment.first != count_) {
      return Error(Condition("STREAM_CHECKPOINT_CORRUPT"),
                   {{"path", state_->Display(io::ObjectPath() / "files")},
                    {"detail", "the files from number " + std::to_string(count_) + " to " +
                                   std::to_string(segment.first - 1) + " are missing"}});
    }
    segments_.push_back(segment);
    count_ = segment.last;
  }
  return {};
}

namespace {

io::ObjectPath PathOf(int64_t first, int64_t last) {
  return io::ObjectPath() / "files" /
         (Padded(first) + "-" + Padded(last - 1) + std::string(kSuffix));
}

}  // namespace

Result<std::vector<KnownFile>> KnownFiles::ReadSegment(const RequestContext& context,
                                                       const Segment& segment) {
  const io::ObjectPath path = PathOf(segment.first, segment.last);
  TARN_ASSIGN(const std::string text, state_->ReadAll(context, path, kSegmentBytesMax));
  std::vector<KnownFile> files;
  files.reserve(static_cast<size_t>(segment.count()));
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view line = TakeUntil('\n', &rest);
    const auto size = ParseNumber<int64_t>(TakeUntil('\t', &line));
    const auto modified = ParseNumber<int64_t>(TakeUntil('\t', &line));
    if (!size || !modified || line.empty()) break;
    files.push_back({Unescaped(line), *size, *modified});
  }
  if (!rest.empty() || static_cast<int64_t>(files.size()) != segment.count()) {
    return Error(Condition("STREAM_CHECKPOINT_CORRUPT"),
                 {{"path", state_->Display(path)},
                  {"detail", "it doesn't hold " + std::to_string(segment.count()) + " files"}});
  }
  return files;
}

Status KnownFiles::Put(const RequestContext& context, const Segment& segment,
                       const std::vector<KnownFile>& files) {
  std::string text;
  for (const KnownFile& file : files) {
    text += std::to_string(file.size) + '\t' + std::to_string(file.modified_us) + '\t';
    AppendEscaped(file.path, &text);
    text += '\n';
  }
  const io::ObjectPath path = PathOf(segment.first, segment.last);
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
  const Segment segment{count_, count_ + static_cast<int64_t>(files.size())};
  TARN_TRY(Put(context, segment, files));
  for (const KnownFile& file : files) seen_.insert(KeyOf(file));
  segments_.push_back(segment);
  count_ = segment.last;
  return Merge(context);
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
    TARN_ASSIGN(std::vector<KnownFile> files, ReadSegment(context, older));
    TARN_ASSIGN(const std::vector<KnownFile> more, ReadSegment(context, newer));
    files.insert(files.end(), more.begin(), more.end());
    const Segment merged{older.first, newer.last};
    TARN_TRY(Put(context, merged, files));
    TARN_TRY(state_->Delete(context, PathOf(older.first, older.last)));
    TARN_TRY(state_->Delete(context, PathOf(newer.first, newer.last)));
    segments_.resize(segments_.size() - 2);
    segments_.push_back(merged);
    cached_ = merged;
    cached_files_ = std::move(files);
  }
  return {};
}

Result<std::vector<KnownFile>> KnownFiles::Range(const RequestContext& context, int64_t first,
                                                 int64_t last) {
  std::vector<KnownFile> files;
  for (const Segment& segment : segments_) {
    if (segment.last <= first || segment.first >= last) continue;
    if (cached_.first != segment.first || cached_.last != segment.last) {
      TARN_ASSIGN(cached_files_, ReadSegment(context, segment));
      cached_ = segment;
    }
    const int64_t begin = std::max(first, segment.first) - segment.first;
    const int64_t end = std::min(last, segment.last) - segment.first;
    files.insert(files.end(), cached_files_.begin() + begin, cached_files_.begin() + end);
  }
  if (static_cast<int64_t>(files.size()) != last - first) {
    return Error(Condition("STREAM_CHECKPOINT_CORRUPT"),
                 {{"path", state_ ? state_->Display(io::ObjectPath() / "files") : "files"},
                  {"detail", "files " + std::to_string(first) + " to " + std::to_string(last - 1) +
                                 " aren't all known"}});
  }
  return files;
}

}  // namespace tarn::source
