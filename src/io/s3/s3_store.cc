#include "s3/s3_store.h"

#include <algorithm>
#include <optional>

#include "s3/key_walk.h"
#include "s3/time_text.h"
#include "tarn/base/parse_number.h"
#include "tarn/base/random.h"

namespace tarn::io {

namespace {

constexpr int64_t kPageBytesMax = 16 << 20;
// What is read in one piece, whatever the caller allows: an answer's length is the server's to say.
constexpr int64_t kWholeBytesMax = int64_t{2} << 30;
constexpr size_t kDeletedAtOnce = 1000;
constexpr int64_t kCopyBytesMax = int64_t{5} << 30;

std::string PrefixOf(const ObjectPath& directory) {
  return directory.is_root() ? "" : directory.str() + "/";
}

}  // namespace

std::optional<ObjectInfo> InfoOfAnswer(const HttpAnswer& answer, const ObjectPath& path) {
  const auto size = ParseNumber<int64_t>(answer.Header("content-length"));
  if (!size || *size < 0) return std::nullopt;
  ObjectInfo info;
  info.path = path;
  info.size = *size;
  info.modified_us = ParseHttpDate(std::string(answer.Header("last-modified")));
  return info;
}

S3Request S3Store::RequestFor(std::string method, const ObjectPath& path) const {
  S3Request request;
  request.method = std::move(method);
  request.bucket = bucket_;
  request.key = path.str();
  return request;
}

std::string S3Store::Display(const ObjectPath& path) const {
  return "s3://" + bucket_ + (path.is_root() ? "" : "/" + path.str());
}

Result<std::unique_ptr<ReadableFile>> S3Store::Open(const RequestContext& ctx,
                                                    const ObjectPath& path) {
  return OpenS3Object(ctx, client_, RequestFor("GET", path), path, Display(path));
}

Result<std::string> S3Store::ReadAll(const RequestContext& ctx, const ObjectPath& path,
                                     int64_t bytes_max) {
  S3Request request = RequestFor("GET", path);
  request.answer_bytes_max = std::min(bytes_max, kWholeBytesMax);
  S3Reply reply = client_->Send(ctx, request);
  if (!reply.ok()) return S3Client::ErrorOf(std::move(reply), "Reading", Display(path));
  return std::move(reply.answer->body);
}

Result<ObjectInfo> S3Store::Stat(const RequestContext& ctx, const ObjectPath& path) {
  ObjectInfo directory;
  directory.path = path;
  directory.is_directory = true;
  if (path.is_root()) return directory;
  S3Reply reply = client_->Send(ctx, RequestFor("HEAD", path));
  if (reply.ok()) {
    const auto info = InfoOfAnswer(*reply.answer, path);
    if (info) return *info;
    return IoError("Looking up", Display(path), "the answer doesn't tell the object's size");
  }
  if (!reply.Is(404)) return S3Client::ErrorOf(std::move(reply), "Looking up", Display(path));
  TARN_ASSIGN(const bool below, AnythingBelow(ctx, path));
  if (below) return directory;
  return Error(Condition("PATH_NOT_FOUND"), {{"path", Display(path)}});
}

Result<bool> S3Store::AnythingBelow(const RequestContext& ctx, const ObjectPath& path) {
  bool found = false;
  TARN_TRY(ForPages(ctx, PrefixOf(path), {{"max-keys", "1"}},
                    [&](const ListPage& page) -> Result<ListNext> {
                      found = !page.objects.empty();
                      return ListNext::kStop;
                    }));
  return found;
}

Status S3Store::ForPages(const RequestContext& ctx, const std::string& prefix, NamesAndValues query,
                         const std::function<Result<ListNext>(const ListPage&)>& take) {
  const std::string where = Display(ObjectPath()) + "/" + prefix;
  S3Request request = RequestFor("GET", ObjectPath());
  request.answer_bytes_max = kPageBytesMax;
  query.insert(query.end(), {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", prefix}});
  std::string token;
  std::string last;
  while (true) {
    request.query = query;
    if (!token.empty()) request.query.emplace_back("continuation-token", token);
    S3Reply reply = client_->Send(ctx, request);
    if (!reply.ok()) return S3Client::ErrorOf(std::move(reply), "Listing", where);
    std::string why;
    auto page = ParseListPage(reply.answer->body, prefix, &why);
    if (!page) return IoError("Listing", where, why);
    TARN_ASSIGN(const ListNext next, take(*page));
    if (next == ListNext::kStop || !page->next) return {};
    // Each page must lead on, else the list would never end.
    std::string end = page->objects.empty() ? "" : page->objects.back().key;
    if (!page->prefixes.empty()) end = std::max(end, page->prefixes.back());
    if (end <= last) return IoError("Listing", where, "the list doesn't advance");
    last = std::move(end);
    token = *std::move(page->next);
  }
}

Status S3Store::List(const RequestContext& ctx, const ObjectPath& directory,
                     const ListOptions& options, const ListVisitor& visit) {
  const std::string prefix = PrefixOf(directory);
  NamesAndValues query;
  if (!options.recursive) {
    query.emplace_back("delimiter", "/");
    if (!options.start_after.empty()) {
      query.emplace_back("start-after", prefix + options.start_after);
    }
  }
  KeyWalk walk(directory, options, visit);
  return ForPages(ctx, prefix, std::move(query),
                  [&](const ListPage& page) { return walk.Take(page); });
}

Result<std::unique_ptr<WritableFile>> S3Store::Create(const RequestContext& ctx,
                                                      const ObjectPath& path) {
  S3Reply reply = client_->Send(ctx, RequestFor("HEAD", path));
  if (reply.ok()) return Error(Condition("PATH_ALREADY_EXISTS"), {{"path", Display(path)}});
  if (!reply.Is(404)) return S3Client::ErrorOf(std::move(reply), "Creating", Display(path));
  return NewS3Upload(ctx, client_, RequestFor("PUT", path), Display(path));
}

Status S3Store::CheckPutIfAbsent(const RequestContext& ctx, const ObjectPath& directory) {
  if (!client_->settings().custom()) return {};
  const std::lock_guard lock(mutex_);
  if (heeds_conditions_) return {};
  const ObjectPath probe = directory.Child(".tarn-probe-" + SystemIds().NewUuid());
  S3Request request = RequestFor("PUT", probe);
  S3Reply first = client_->Send(ctx, request);
  if (!first.ok()) return S3Client::ErrorOf(std::move(first), "Writing", Display(probe));
  request.headers = {{"if-none-match", "*"}};
  S3Reply second = client_->Send(ctx, request);
  (void)client_->Send(ctx, RequestFor("DELETE", probe));
  if (second.ok() || second.Is(501)) {
    return UnsupportedFeature("Writing tables at " + client_->settings().endpoint.url() +
                              ", which doesn't heed \"If-None-Match: *\": commits would be lost");
  }
  if (!second.Is(412)) return S3Client::ErrorOf(std::move(second), "Writing", Display(probe));
  heeds_conditions_ = true;
  return {};
}

Result<PutOutcome> S3Store::PutIfAbsent(const RequestContext& ctx, const ObjectPath& path,
                                        std::string_view bytes) {
  TARN_TRY(CheckPutIfAbsent(ctx, path.Parent()));
  S3Request request = RequestFor("PUT", path);
  request.headers = {{"if-none-match", "*"}};
  request.body = bytes;
  request.once = true;
  S3Reply reply = client_->Send(ctx, request);
  if (reply.ok()) return PutOutcome::kCreated;
  // After a lost answer what stands there may be ours.
  if (reply.ambiguous) return PutOutcome::kUnknown;
  if (reply.Is(412)) return PutOutcome::kExists;
  return S3Client::ErrorOf(std::move(reply), "Writing", Display(path));
}

Status S3Store::Put(const RequestContext& ctx, const ObjectPath& path, std::string_view bytes) {
  S3Request request = RequestFor("PUT", path);
  request.body = bytes;
  S3Reply reply = client_->Send(ctx, request);
  if (!reply.ok()) return S3Client::ErrorOf(std::move(reply), "Writing", Display(path));
  return {};
}

Status S3Store::SyncDirectories(const RequestContext& ctx, const ObjectPath&) {
  return ctx.Check();
}

Status S3Store::CreateDirectories(const RequestContext& ctx, const ObjectPath&) {
  return ctx.Check();
}

Result<bool> S3Store::Delete(const RequestContext& ctx, const ObjectPath& path) {
  S3Reply reply = client_->Send(ctx, RequestFor("DELETE", path));
  if (reply.ok()) return true;
  const auto refusal = reply.answer ? ParseRefusal(reply.answer->body) : std::nullopt;
  if (reply.Is(404) && (!refusal || refusal->code != "NoSuchBucket")) return false;
  return S3Client::ErrorOf(std::move(reply), "Deleting", Display(path));
}

Status S3Store::DeleteKeys(const RequestContext& ctx, const std::vector<std::string>& keys) {
  if (keys.empty()) return {};
  const std::string body = DeleteBody(keys);
  S3Request request = RequestFor("POST", ObjectPath());
  request.query = {{"delete", ""}};
  request.headers = {{"content-md5", Md5Base64(body)}, {"content-type", "application/xml"}};
  request.body = body;
  S3Reply reply = client_->Send(ctx, request);
  const std::string where = "s3://" + bucket_ + "/" + keys[0];
  if (!reply.ok()) return S3Client::ErrorOf(std::move(reply), "Deleting", where);
  const auto refusal = ParseDeleteAnswer(reply.answer->body);
  if (refusal) return IoError("Deleting", where, refusal->code + ": " + refusal->message);
  return {};
}

Status S3Store::DeleteTree(const RequestContext& ctx, const ObjectPath& directory) {
  // All keys first: a list of what is being deleted needn't be whole.
  std::vector<std::string> keys;
  TARN_TRY(ForPages(ctx, PrefixOf(directory), {}, [&](const ListPage& page) -> Result<ListNext> {
    for (const ListedObject& object : page.objects) keys.push_back(object.key);
    return ListNext::kContinue;
  }));
  for (size_t begin = 0; begin < keys.size(); begin += kDeletedAtOnce) {
    const size_t end = std::min(keys.size(), begin + kDeletedAtOnce);
    TARN_TRY(DeleteKeys(ctx, {keys.begin() + static_cast<ptrdiff_t>(begin),
                              keys.begin() + static_cast<ptrdiff_t>(end)}));
  }
  return {};
}

Status S3Store::Rename(const RequestContext& ctx, const ObjectPath& from, const ObjectPath& to) {
  TARN_ASSIGN(const ObjectInfo info, Stat(ctx, from));
  if (info.is_directory || info.size > kCopyBytesMax) {
    return UnsupportedFeature("Moving a folder or an object of more than 5 GiB in a bucket");
  }
  S3Request request = RequestFor("PUT", to);
  request.headers = {{"x-amz-copy-source", EncodeUri("/" + bucket_ + "/" + from.str(), true)}};
  S3Reply reply = client_->Send(ctx, request);
  if (!reply.ok()) return S3Client::ErrorOf(std::move(reply), "Copying", Display(from));
  // A copy that failed half way still answers with success.
  if (ParseElement(reply.answer->body, "CopyObjectResult", "ETag").empty()) {
    return IoError("Copying", Display(from), ShortRefusal(*reply.answer));
  }
  TARN_TRY(Delete(ctx, from));
  return {};
}

}  // namespace tarn::io
