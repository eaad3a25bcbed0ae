#include "s3/s3_store.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>

#include "fake_http_server.h"
#include "tarn/io/object_path.h"

namespace tarn::io {
namespace {

using Answer = std::string;

ObjectPath P(std::string_view text) { return *ObjectPath::Parse(text); }

std::string Refusal(int status, const std::string& code) {
  return FakeHttpServer::Answer(status, "<Error><Code>" + code + "</Code></Error>");
}

// A bucket in memory, which first gives the answers that a test planned.
class S3StoreTest : public testing::Test {
 protected:
  S3StoreTest() : server_([this](const FakeRequest& request) { return Handle(request); }) {
    Connect({{"AWS_ENDPOINT_URL_S3", server_.url()}});
  }

  void Connect(std::map<std::string, std::string> environment, HttpLimits limits = {}) {
    environment.insert({{"AWS_ACCESS_KEY_ID", "key"}, {"AWS_SECRET_ACCESS_KEY", "secret"}});
    const RetryPolicy quick{.tries_max = 4, .first_wait_ms = 1, .wait_ms_max = 4};
    auto client = S3Client::New(
        [environment](const std::string& name) -> std::optional<std::string> {
          const auto found = environment.find(name);
          if (found == environment.end()) return std::nullopt;
          return found->second;
        },
        SystemClock(), std::move(limits), quick);
    ASSERT_TRUE(client.ok()) << client.error().ToString();
    store_ = std::make_unique<S3Store>(*std::move(client), "bucket");
  }

  Answer Handle(const FakeRequest& request) {
    const bool probe = request.target.find(".tarn-probe-") != std::string::npos;
    if (!planned_.empty() && !probe) {
      auto next = std::move(planned_.front());
      planned_.pop_front();
      return next(request);
    }
    return Serve(request);
  }

  // Just enough of S3 for single objects.
  Answer Serve(const FakeRequest& request) {
    const std::string& key = request.target;
    if (request.method == "PUT") {
      const bool absent = request.Header("if-none-match") == "*";
      if (absent && heeds_conditions_ && objects_.contains(key)) {
        return Refusal(412, "PreconditionFailed");
      }
      objects_[key] = request.body;
      return FakeHttpServer::Answer(200, "", "ETag: \"e\"\r\n");
    }
    if (request.method == "DELETE") {
      objects_.erase(key);
      return "HTTP/1.1 204 X\r\n\r\n";
    }
    if (key.find("list-type=2") != std::string::npos) return FakeHttpServer::Answer(200, page_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) {
      return request.method == "HEAD" ? FakeHttpServer::Answer(404, "") : Refusal(404, "NoSuchKey");
    }
    const std::string stamp = "ETag: \"e\"\r\nLast-Modified: Fri, 27 Nov 2026 06:38:32 GMT\r\n";
    if (request.method == "HEAD") {
      return "HTTP/1.1 200 X\r\n" + stamp +
             "Content-Length: " + std::to_string(found->second.size()) + "\r\n\r\n";
    }
    return Ranged(found->second, request.Header("range"), stamp);
  }

  static Answer Ranged(const std::string& bytes, const std::string& range,
                       const std::string& stamp) {
    if (range.empty()) return FakeHttpServer::Answer(200, bytes, stamp);
    if (bytes.empty()) return Refusal(416, "InvalidRange");
    size_t begin = 0;
    size_t end = bytes.size();
    const size_t dash = range.find('-');
    if (dash == 6) {
      begin = end - std::min(end, static_cast<size_t>(std::stoul(range.substr(7))));
    } else {
      begin = std::stoul(range.substr(6));
      end = std::min(end, static_cast<size_t>(std::stoul(range.substr(dash + 1))) + 1);
    }
    return FakeHttpServer::Answer(206, bytes.substr(begin, end - begin),
                                  stamp + "Content-Range: bytes " + std::to_string(begin) + "-" +
                                      std::to_string(end - 1) + "/" + std::to_string(bytes.size()) +
                                      "\r\n");
  }

  void Plan(std::function<Answer(const FakeRequest&)> answer) {
    planned_.push_back(std::move(answer));
  }
  void PlanAnswer(const Answer& answer) {
    Plan([answer](const FakeRequest&) { return answer; });
  }
  size_t Asked() { return server_.requests().size(); }

  std::deque<std::function<Answer(const FakeRequest&)>> planned_;
  std::map<std::string, std::string> objects_;
  std::string page_;
  bool heeds_conditions_ = true;
  RequestContext ctx_;
  std::unique_ptr<S3Store> store_;
  FakeHttpServer server_;
};

TEST_F(S3StoreTest, PutIfAbsentCreatesOnce) {
  EXPECT_EQ(*store_->PutIfAbsent(ctx_, P("a"), "one"), PutOutcome::kCreated);
  EXPECT_EQ(*store_->PutIfAbsent(ctx_, P("a"), "two"), PutOutcome::kExists);
  EXPECT_EQ(objects_["/bucket/a"], "one");
}

TEST_F(S3StoreTest, APutWhoseAnswerIsLostIsUnknownAndThenFoundToBeOurs) {
  Plan([this](const FakeRequest& request) {
    Serve(request);
    return "";
  });
  EXPECT_EQ(*store_->PutIfAbsent(ctx_, P("a"), "mine"), PutOutcome::kUnknown);
  objects_.clear();
  Plan([this](const FakeRequest& request) {
    Serve(request);
    return "";
  });
  EXPECT_EQ(*store_->PutOnce(ctx_, P("a"), "mine"), PutOutcome::kCreated);
}

TEST_F(S3StoreTest, APutWhoseAnswerIsLostOnAKeptConnectionIsUnknownToo) {
  // libcurl sends a request again by itself if a kept connection dies under it.
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(store_->Put(ctx_, P("warm"), "x").ok());
    Plan([this](const FakeRequest& request) {
      Serve(request);
      return "";
    });
    EXPECT_EQ(*store_->PutIfAbsent(ctx_, P("a" + std::to_string(i)), "mine"), PutOutcome::kUnknown);
  }
}

TEST_F(S3StoreTest, APutThatFailedWhileAnotherCameIsTheOthers) {
  Plan([this](const FakeRequest& request) {
    objects_[request.target] = "theirs";
    return Refusal(500, "InternalError");
  });
  EXPECT_EQ(*store_->PutOnce(ctx_, P("a"), "mine"), PutOutcome::kExists);
}

TEST_F(S3StoreTest, AConflictOfTheMomentIsAskedAgain) {
  PlanAnswer(Refusal(409, "ConditionalRequestConflict"));
  EXPECT_EQ(*store_->PutIfAbsent(ctx_, P("a"), "one"), PutOutcome::kCreated);
}

TEST_F(S3StoreTest, FailuresOfTheServerLeaveAPutUnknown) {
  for (int i = 0; i < 4; ++i) PlanAnswer(Refusal(503, "SlowDown"));
  EXPECT_EQ(*store_->PutIfAbsent(ctx_, P("a"), "one"), PutOutcome::kUnknown);
}

TEST_F(S3StoreTest, ARefusalPutsNothingAndIsNotAskedAgain) {
  ASSERT_TRUE(store_->PutIfAbsent(ctx_, P("first"), "").ok());
  const size_t before = Asked();
  PlanAnswer(Refusal(403, "AccessDenied"));
  const auto outcome = store_->PutIfAbsent(ctx_, P("a"), "one");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().name(), "PATH_NOT_ALLOWED");
  EXPECT_EQ(Asked(), before + 1);
}

TEST_F(S3StoreTest, AServerThatIgnoresTheConditionIsRefused) {
  heeds_conditions_ = false;
  const auto outcome = store_->PutIfAbsent(ctx_, P("t/_delta_log/0.json"), "one");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().name(), "UNSUPPORTED_FEATURE");
  EXPECT_TRUE(objects_.empty());
}

TEST_F(S3StoreTest, ReadsAskAgainAfterFailures) {
  objects_["/bucket/a"] = "text";
  PlanAnswer("");
  PlanAnswer(Refusal(500, "InternalError"));
  PlanAnswer(Refusal(503, "SlowDown"));
  EXPECT_EQ(*store_->ReadAll(ctx_, P("a"), 100), "text");
}

TEST_F(S3StoreTest, TriesAreLimited) {
  for (int i = 0; i < 100; ++i) PlanAnswer(Refusal(500, "InternalError"));
  const auto text = store_->ReadAll(ctx_, P("a"), 100);
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().name(), "IO_ERROR");
  EXPECT_EQ(Asked(), 4u);
}

TEST_F(S3StoreTest, NothingThereIsNotFound) {
  page_ = "<ListBucketResult></ListBucketResult>";
  EXPECT_EQ(store_->ReadAll(ctx_, P("a"), 100).error().name(), "PATH_NOT_FOUND");
  EXPECT_EQ(store_->Open(ctx_, P("a")).error().name(), "PATH_NOT_FOUND");
  EXPECT_EQ(store_->Stat(ctx_, P("a")).error().name(), "PATH_NOT_FOUND");
  EXPECT_FALSE(*store_->Exists(ctx_, P("a")));
}

TEST_F(S3StoreTest, AFolderIsWhatKeysHaveInCommon) {
  page_ =
      "<ListBucketResult><Contents><Key>d/x</Key><Size>1</Size>"
      "<LastModified>2026-11-27T06:38:32Z</LastModified></Contents></ListBucketResult>";
  EXPECT_TRUE(store_->Stat(ctx_, P("d"))->is_directory);
}

TEST_F(S3StoreTest, AWholeSmallObjectTakesOneRequest) {
  objects_["/bucket/a"] = "small";
  const auto file = store_->Open(ctx_, P("a"));
  ASSERT_TRUE(file.ok()) << file.error().ToString();
  EXPECT_EQ((*file)->info().size, 5);
  std::string buffer(10, '\0');
  EXPECT_EQ(*(*file)->Read(1, buffer), 4u);
  EXPECT_EQ(buffer.substr(0, 4), "mall");
  EXPECT_EQ(*(*file)->Read(5, buffer), 0u);
  EXPECT_EQ(Asked(), 1u);
}

TEST_F(S3StoreTest, AnEmptyObjectIsRead) {
  objects_["/bucket/a"] = "";
  const auto file = store_->Open(ctx_, P("a"));
  ASSERT_TRUE(file.ok()) << file.error().ToString();
  EXPECT_EQ((*file)->info().size, 0);
}

TEST_F(S3StoreTest, SmallReadsOfALargeObjectComeInLargerPieces) {
  std::string& bytes = objects_["/bucket/a"];
  for (int i = 0; i < 3'000'000; ++i) bytes += static_cast<char>(i * 7 + i / 251);
  const auto file = store_->Open(ctx_, P("a"));
  for (int64_t at = 0; at < 3'000'000; at += 10'000) {
    std::string buffer(10'000, '\0');
    ASSERT_EQ(*(*file)->Read(at, buffer), 10'000u);
    ASSERT_EQ(buffer, bytes.substr(static_cast<size_t>(at), 10'000));
  }
  EXPECT_LE(Asked(), 4u);
  std::string all(3'000'000, '\0');
  ASSERT_EQ(*(*file)->Read(0, all), all.size());
  EXPECT_EQ(all, bytes);
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(S3StoreTest, OtherBytesThanAskedForAreNotTaken) {
  objects_["/bucket/a"] = std::string(300'000, 'a');
  const auto file = store_->Open(ctx_, P("a"));
  std::string buffer(1000, '\0');
  const std::string wrong = std::string(235'000, 'b');
  PlanAnswer(FakeHttpServer::Answer(206, wrong, "Content-Range: bytes 5-235004/300000\r\n"));
  EXPECT_EQ((*file)->Read(0, buffer).error().name(), "IO_ERROR");
  PlanAnswer(FakeHttpServer::Answer(200, std::string(100, 'b')));
  EXPECT_EQ((*file)->Read(0, buffer).error().name(), "IO_ERROR");
  PlanAnswer(Refusal(412, "PreconditionFailed"));
  const auto changed = (*file)->Read(0, buffer);
  EXPECT_NE(changed.error().ToString().find("changed"), std::string::npos);
}

TEST_F(S3StoreTest, LyingLengthsAreNoDanger) {
  const std::string stamp = "HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: ";
  // Longer than what comes, each time; then a number that is none; then more than was asked for.
  for (int i = 0; i < 4; ++i) PlanAnswer(stamp + "1000\r\n\r\nshort");
  EXPECT_EQ(store_->ReadAll(ctx_, P("a"), 2000).error().name(), "IO_ERROR");
  for (int i = 0; i < 4; ++i) PlanAnswer(stamp + "99999999999999999999\r\n\r\nshort");
  EXPECT_EQ(store_->ReadAll(ctx_, P("a"), 2000).error().name(), "IO_ERROR");
  PlanAnswer(stamp + "5000\r\n\r\n" + std::string(5000, 'x'));
  EXPECT_EQ(store_->ReadAll(ctx_, P("a"), 2000).error().name(), "IO_ERROR");
  planned_.clear();
  PlanAnswer(FakeHttpServer::Answer(206, "ab", "Content-Range: bytes 0-1/1\r\n"));
  EXPECT_EQ(store_->Open(ctx_, P("a")).error().name(), "IO_ERROR");
}

TEST_F(S3StoreTest, AnEndlessBodyOrHeaderEnds) {
  PlanAnswer("HTTP/1.1 200 X\r\n\r\n" + std::string(20'000'000, 'x'));
  EXPECT_EQ(store_->ReadAll(ctx_, P("a"), 1000).error().name(), "IO_ERROR");
  std::string headers = "HTTP/1.1 200 X\r\n";
  for (int i = 0; i < 10'000; ++i) headers += "x-" + std::to_string(i) + ": " + "y\r\n";
  PlanAnswer(headers + "\r\n");
  EXPECT_EQ(store_->ReadAll(ctx_, P("a"), 1000).error().name(), "IO_ERROR");
  PlanAnswer("HTTP/1.1 403 X\r\n\r\n" + std::string(20'000'000, 'x'));
  EXPECT_EQ(store_->ReadAll(ctx_, P("a"), 1000).error().name(), "PATH_NOT_ALLOWED");
}

TEST_F(S3StoreTest, ARedirectIsNotFollowed) {
  FakeHttpServer other([](const FakeRequest&) { return FakeHttpServer::Answer(200, "stolen"); });
  PlanAnswer(FakeHttpServer::Answer(307, "", "Location: " + other.url() + "/x\r\n"));
  EXPECT_FALSE(store_->ReadAll(ctx_, P("a"), 100).ok());
  EXPECT_TRUE(other.requests().empty());
}

TEST_F(S3StoreTest, AListThatDoesNotAdvanceEnds) {
  page_ =
      "<ListBucketResult><IsTruncated>true</IsTruncated>"
      "<NextContinuationToken>t</NextContinuationToken><Contents><Key>d/x</Key><Size>1</Size>"
      "<LastModified>2026-11-27T06:38:32Z</LastModified></Contents></ListBucketResult>";
  EXPECT_EQ(store_->ListAll(ctx_, P("d")).error().name(), "IO_ERROR");
  page_ = "<ListBucketResult>";
  EXPECT_EQ(store_->ListAll(ctx_, P("d")).error().name(), "IO_ERROR");
}

TEST_F(S3StoreTest, KeysThatNoPathNamesAreNotVisited) {
  page_ = "<ListBucketResult>";
  for (const char* key : {"d/../../x", "d/./x", "d//x", "d/", "d/.tarn-probe-1", "d/sub/", "d/z"}) {
    page_ += std::string("<Contents><Key>") + key +
             "</Key><Size>1</Size><LastModified>2026-11-27T06:38:32Z</LastModified></Contents>";
  }
  page_ += "</ListBucketResult>";
  const auto found = store_->ListAll(ctx_, P("d"), {.recursive = true, .directories = true});
  ASSERT_TRUE(found.ok()) << found.error().ToString();
  std::vector<std::string> names;
  for (const ObjectInfo& info : *found) names.push_back(info.path.str());
  EXPECT_EQ(names, (std::vector<std::string>{"d/sub", "d/z"}));
}

TEST_F(S3StoreTest, CancellationStopsWaiting) {
  for (int i = 0; i < 100; ++i) PlanAnswer(Refusal(500, "InternalError"));
  ctx_.cancellation->Cancel();
  EXPECT_EQ(store_->ReadAll(ctx_, P("a"), 100).error().name(), "OPERATION_CANCELED");
  EXPECT_EQ(Asked(), 0u);
}

TEST_F(S3StoreTest, ADeadlineEndsTheWaitForAnAnswer) {
  for (int i = 0; i < 4; ++i) PlanAnswer("HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\nshort");
  ctx_.deadline_us = ctx_.clock->SteadyMicros() + 200'000;
  EXPECT_EQ(store_->ReadAll(ctx_, P("a"), 2000).error().name(), "OPERATION_TIMED_OUT");
}

TEST_F(S3StoreTest, APutThatADeadlineCutsOffIsUnknown) {
  ASSERT_TRUE(store_->PutIfAbsent(ctx_, P("first"), "").ok());
  for (int i = 0; i < 4; ++i) PlanAnswer("HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\nshort");
  ctx_.deadline_us = ctx_.clock->SteadyMicros() + 200'000;
  EXPECT_EQ(*store_->PutIfAbsent(ctx_, P("a"), "one"), PutOutcome::kUnknown);
}

TEST_F(S3StoreTest, ALargeObjectIsUploadedInParts) {
  std::vector<std::string> targets;
  const auto serve = [&](const FakeRequest& request) {
    targets.push_back(request.method + " " + request.target);
    if (request.target.ends_with("?uploads=")) {
      return FakeHttpServer::Answer(200,
                                    "<InitiateMultipartUploadResult><UploadId>u 1</UploadId>"
                                    "</InitiateMultipartUploadResult>");
    }
    return request.method == "POST"
               ? FakeHttpServer::Answer(200,
                                        "<CompleteMultipartUploadResult><ETag>e</ETag>"
                                        "</CompleteMultipartUploadResult>")
               : FakeHttpServer::Answer(200, "", "ETag: \"p\"\r\n");
  };
  auto file = *store_->Create(ctx_, P("big"));
  for (int i = 0; i < 4; ++i) Plan(serve);
  ASSERT_TRUE(file->Append(std::string(9 << 20, 'x')).ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_FALSE(file->Append("more").ok());
  EXPECT_EQ(targets,
            (std::vector<std::string>{
                "POST /bucket/big?uploads=", "PUT /bucket/big?partNumber=1&uploadId=u%201",
                "PUT /bucket/big?partNumber=2&uploadId=u%201", "POST /bucket/big?uploadId=u%201"}));
}

TEST_F(S3StoreTest, AnUploadThatFailsIsGivenUp) {
  auto file = *store_->Create(ctx_, P("big"));
  PlanAnswer(FakeHttpServer::Answer(200,
                                    "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                                    "</InitiateMultipartUploadResult>"));
  PlanAnswer(Refusal(403, "AccessDenied"));
  EXPECT_FALSE(file->Append(std::string(9 << 20, 'x')).ok());
  const FakeRequest last = server_.requests().back();
  EXPECT_EQ(last.method + " " + last.target, "DELETE /bucket/big?uploadId=u");
  EXPECT_FALSE(file->Sync().ok());
}

TEST_F(S3StoreTest, ASuccessThatTellsOfAFailureIsOne) {
  auto file = *store_->Create(ctx_, P("big"));
  PlanAnswer(FakeHttpServer::Answer(200,
                                    "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                                    "</InitiateMultipartUploadResult>"));
  PlanAnswer(FakeHttpServer::Answer(200, "", "ETag: \"p\"\r\n"));
  PlanAnswer(FakeHttpServer::Answer(200, "", "ETag: \"p\"\r\n"));
  PlanAnswer(Refusal(200, "InternalError"));
  ASSERT_TRUE(file->Append(std::string(9 << 20, 'x')).ok());
  EXPECT_FALSE(file->Sync().ok());
}

TEST_F(S3StoreTest, AnObjectIsThereAfterSyncAndNotBefore) {
  auto file = *store_->Create(ctx_, P("a"));
  ASSERT_TRUE(file->Append("text").ok());
  EXPECT_TRUE(objects_.empty());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Close().ok());
  EXPECT_EQ(objects_["/bucket/a"], "text");
  EXPECT_EQ(store_->Create(ctx_, P("a")).error().name(), "PATH_ALREADY_EXISTS");
}

TEST_F(S3StoreTest, NamesAreEncoded) {
  ASSERT_TRUE(store_->Put(ctx_, P("p=a b/é+?#%.txt"), "x").ok());
  EXPECT_TRUE(objects_.contains("/bucket/p%3Da%20b/%C3%A9%2B%3F%23%25.txt"));
}

}  // namespace
}  // namespace tarn::io
