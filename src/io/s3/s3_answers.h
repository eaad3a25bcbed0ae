#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "s3/http_client.h"

namespace tarn::io {

/// What S3 says when it refuses: <Error><Code>…</Code><Message>…</Message></Error>.
struct S3Refusal {
  std::string code;     ///< "NoSuchKey"; "" if the answer has none
  std::string message;  ///< cut off, without control characters
};
/// Nothing if the text is no <Error>.
std::optional<S3Refusal> ParseRefusal(std::string_view xml);
/// "AccessDenied: … (HTTP 403)", for messages.
std::string ShortRefusal(const HttpAnswer& answer);

struct ListedObject {
  std::string key;
  int64_t size = 0;
  int64_t modified_us = 0;  ///< whole seconds, as HEAD tells it
};

/// One page of ListObjectsV2 (asked with encoding-type=url), keys decoded.
struct ListPage {
  std::vector<ListedObject> objects;
  std::vector<std::string> prefixes;
  std::optional<std::string> next;  ///< the token that continues it
};
/// Nothing, with the reason in `why`, if the text is no page, lacks what a page must have, or
/// names keys outside of `prefix`.
std::optional<ListPage> ParseListPage(std::string_view xml, std::string_view prefix,
                                      std::string* why);

/// The text of an element directly below the root of an XML text: the UploadId of a new multipart
/// upload, the ETag of a copy.
std::string ParseElement(std::string_view xml, const char* root, const char* element);

/// The body of DeleteObjects.
std::string DeleteBody(const std::vector<std::string>& keys);
/// What DeleteObjects couldn't delete, the first of it.
std::optional<S3Refusal> ParseDeleteAnswer(std::string_view xml);

/// The body of CompleteMultipartUpload; part 1 is etags[0].
std::string CompleteBody(const std::vector<std::string>& etags);

}  // namespace tarn::io
