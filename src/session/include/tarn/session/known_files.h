#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/io/object_store.h"

namespace tarn::session {

struct KnownFile {
  std::string path;  ///< absolute
  int64_t size = 0;
  int64_t modified_us = 0;
  int64_t discovered_us = 0;  ///< when it was added
};

/// A set of 128-bit keys. Holds 16 bytes per key at a load of at most two thirds. For one thread.
class FileKeySet {
 public:
  struct Key {
    uint64_t low = 0;
    uint64_t high = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  static Key KeyOf(std::string_view text);
  void Reserve(size_t count);
  void Insert(Key key);
  bool Has(Key key) const;
  size_t size() const { return size_; }

 private:
  size_t SlotOf(Key key) const;
  std::vector<Key> slots_;  // a power of two; all zero: free
  size_t size_ = 0;
};

/// The files that were met, numbered in the order in which they are read: the state of STREAM
/// read_files and of COPY INTO. Durable (`docs/formats/stream-checkpoint.md`). Holds some 32 bytes
/// of memory per file, and the text of one segment. For one thread.
class KnownFiles {
 public:
  /// What makes a file the same: its path, or its path as it was at one time.
  enum class Identity : uint8_t { kPath, kPathAndTime };

  /// Where a list ends whose end something else decides (a table's `txn`): what was added and not
  /// taken over isn't part of it.
  struct Head {
    int64_t count = 0;
    uint32_t salt = 0;
    int64_t ToVersion() const { return count << 20 | salt; }
    static Head OfVersion(int64_t version) {
      return {version >> 20, static_cast<uint32_t>(version & 0xFFFFF)};
    }
  };

  /// Reads what `state` has; null: nothing, and nothing can be added. Files last modified before
  /// `forget_before_us` keep their numbers but aren't recognised.
  static Result<KnownFiles> Load(const RequestContext& context,
                                 std::shared_ptr<io::ObjectStore> state, Identity identity,
                                 std::optional<int64_t> forget_before_us = {});
  /// The list up to `head`.
  static Result<KnownFiles> LoadTo(const RequestContext& context,
                                   std::shared_ptr<io::ObjectStore> state, Head head);

  int64_t count() const { return count_; }
  bool Has(const KnownFile& file) const { return seen_.Has(KeyOf(file)); }
  /// Whether a file of that path is known. Only with Identity::kPath.
  bool HasPath(std::string_view path) const;
  /// Numbers these files behind the known ones, durably, even those that are known.
  Status Append(const RequestContext& context, const std::vector<KnownFile>& files);
  /// The same for a list with a head: what it will be if the files are taken over.
  Result<Head> Propose(const RequestContext& context, const std::vector<KnownFile>& files);
  /// Makes durable what was found there: whoever put it may have died before it was, and no range
  /// that needs it may be planned before. Cheap the second time.
  Status Settle(const RequestContext& context);
  /// Joins segments, so that there are few.
  Status Merge(const RequestContext& context);
  /// The files numbered first to last - 1.
  Result<std::vector<KnownFile>> Range(const RequestContext& context, int64_t first, int64_t last);

 private:
  /// The files numbered first to last - 1, in one object. `salt` tells those of several attempts
  /// apart, `before` is that of the segment which ends at `first`.
  struct Segment {
    int64_t first = 0;
    int64_t last = 0;
    uint32_t before = 0;
    uint32_t salt = 0;
    int64_t count() const { return last - first; }
    friend bool operator==(const Segment&, const Segment&) = default;
  };

  KnownFiles(std::shared_ptr<io::ObjectStore> state, Identity identity)
      : state_(std::move(state)), identity_(identity) {}
  static io::ObjectPath PathOf(const Segment& segment);
  FileKeySet::Key KeyOf(const KnownFile& file) const;
  Result<std::vector<Segment>> ListSegments(const RequestContext& context) const;
  Status FollowNumbers(std::vector<Segment> found);
  Status FollowHead(const std::vector<Segment>& found, Head head);
  Status Remember(const RequestContext& context, std::optional<int64_t> forget_before_us);
  Result<std::string> ReadText(const RequestContext& context, const Segment& segment) const;
  Result<std::vector<KnownFile>> ReadSegment(const RequestContext& context, const Segment& segment);
  Status Put(const RequestContext& context, const Segment& segment, const std::string& text) const;
  Error Corrupt(const io::ObjectPath& path, std::string detail) const;

  std::shared_ptr<io::ObjectStore> state_;
  Identity identity_;
  int64_t count_ = 0;
  bool settled_ = false;
  std::vector<Segment> segments_;  // in order, without gaps
  FileKeySet seen_;
  Segment cached_;
  std::vector<KnownFile> cached_files_;
};

/// Until when files were finished with (read and committed; or moved or deleted): a list of counts
/// with times, in one object. A file belongs to the first mark whose count is above its number. For
/// one thread.
class FileMarks {
 public:
  static constexpr size_t kMarksMax = 4096;
  struct Mark {
    int64_t count = 0;  ///< of files
    int64_t at_us = 0;
    std::string note;  ///< without tab and newline
  };

  /// Reads the object `name` of `state`, if it is there.
  static Result<FileMarks> Load(const RequestContext& context,
                                std::shared_ptr<io::ObjectStore> state, io::ObjectPath name);
  const std::vector<Mark>& marks() const { return marks_; }
  int64_t count() const { return marks_.empty() ? 0 : marks_.back().count; }
  /// Of a file's number; null if none covers it.
  const Mark* Find(int64_t number) const;
  /// Does nothing unless `mark` is beyond the last one. Held in memory until Save.
  void Add(Mark mark);
  bool dirty() const { return dirty_; }
  /// Durable. Of more than kMarksMax marks every other old one goes: its files count as finished
  /// with later.
  Status Save(const RequestContext& context);

 private:
  FileMarks(std::shared_ptr<io::ObjectStore> state, io::ObjectPath name)
      : state_(std::move(state)), name_(std::move(name)) {}
  std::shared_ptr<io::ObjectStore> state_;
  io::ObjectPath name_;
  std::vector<Mark> marks_;
  bool dirty_ = false;
};

/// Where a source's marks stand in its state.
io::ObjectPath CommittedMarks();
io::ObjectPath ArchivedMarks();

}  // namespace tarn::session
