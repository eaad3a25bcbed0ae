#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/io/object_store.h"

namespace tarn::catalog {

/// What may be shown of a secret.
struct SecretInfo {
  std::string key;         ///< in lower case
  int64_t updated_us = 0;  ///< microseconds since 1970-01-01T00:00:00Z
};

/// The secrets of a lake, encrypted in its folder (`docs/formats/secrets.md`). Names are those of
/// Databricks: their case doesn't matter. Thread-safe, and safe among processes.
///
/// Errors of all: INVALID_PARAMETER_VALUE for a name, value or key that can't be one;
/// SECRET_SCOPE_NOT_FOUND; SECRET_STORE_CORRUPT for a file that was changed or written with another
/// key; those of the store. None holds a value.
class Secrets {
 public:
  static constexpr size_t kNameBytesMax = 128;
  static constexpr size_t kValueBytesMax = 128 << 10;
  static constexpr size_t kSecretsPerScopeMax = 1000;

  /// `home` is the lake's folder, absolute; `store` that folder's; `key` 64 hexadecimal digits, or
  /// nothing for that in the folder.
  Secrets(std::string home, std::shared_ptr<io::ObjectStore> store, std::optional<std::string> key)
      : home_(std::move(home)), store_(std::move(store)), given_key_(std::move(key)) {}

  /// SECRET_SCOPE_ALREADY_EXISTS.
  Status CreateScope(const RequestContext& ctx, const std::string& scope) const;
  /// With its secrets. Needs no key.
  Status DeleteScope(const RequestContext& ctx, const std::string& scope) const;
  /// The names as they were written, sorted.
  Result<std::vector<std::string>> ListScopes(const RequestContext& ctx) const;

  /// Makes or replaces a secret, durably and as a whole. `value` is UTF-8.
  Status Put(const RequestContext& ctx, const std::string& scope, const std::string& key,
             const std::string& value) const;
  /// SECRET_NOT_FOUND.
  Status Delete(const RequestContext& ctx, const std::string& scope, const std::string& key) const;
  /// Sorted by key.
  Result<std::vector<SecretInfo>> List(const RequestContext& ctx, const std::string& scope) const;
  /// The value. SECRET_NOT_FOUND.
  Result<std::string> Get(const RequestContext& ctx, const std::string& scope,
                          const std::string& key) const;

 private:
  struct Scope {
    std::string id;
    std::string name;  ///< as written
    std::string key;   ///< that its files are sealed with
  };
  Result<Scope> OpenScope(const RequestContext& ctx, const std::string& folded) const;
  /// The key; made if the store has neither key nor scopes and `may_create`.
  Result<std::string> Key(const RequestContext& ctx, bool may_create) const;
  Result<std::string> CreateKey(const RequestContext& ctx) const;
  Error Corrupt(const io::ObjectPath& path, std::string detail) const;

  std::string home_;
  std::shared_ptr<io::ObjectStore> store_;
  std::optional<std::string> given_key_;
};

}  // namespace tarn::catalog
