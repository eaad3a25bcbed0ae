#include "tarn/catalog/secrets.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sealed_text.h"
#include "tarn/base/fault_point.h"
#include "tarn/base/random.h"
#include "tarn/base/utf8.h"
#include "tarn/types/data_type.h"

namespace tarn::catalog {

namespace {

constexpr size_t kIdBytes = 36;
constexpr std::string_view kScopePrefix = "scope-";
constexpr std::string_view kSecretPrefix = "secret-";

io::ObjectPath Root() { return io::ObjectPath() / "secrets"; }
io::ObjectPath KeyPath() { return Root() / "key"; }
io::ObjectPath ScopesFolder() { return Root() / "scopes"; }
io::ObjectPath ScopePath(const std::string& folded) {
  return ScopesFolder().Child(std::string(kScopePrefix) + folded);
}
io::ObjectPath ValuesFolder(const std::string& id) { return (Root() / "values").Child(id); }
io::ObjectPath SecretPath(const std::string& id, const std::string& folded) {
  return ValuesFolder(id).Child(std::string(kSecretPrefix) + folded);
}

/// What a file is bound to: no part holds a byte 0.
std::string SealContext(std::initializer_list<std::string_view> parts) {
  std::string context;
  for (const std::string_view part : parts) {
    if (!context.empty()) context += '\0';
    context += part;
  }
  return context;
}

bool IsNotFound(const Error& error) { return error.condition() == Condition("PATH_NOT_FOUND"); }

Error Invalid(std::string value, std::string parameter, std::string detail) {
  return Error(Condition("INVALID_PARAMETER_VALUE"), {{"value", std::move(value)},
                                                      {"parameter", std::move(parameter)},
                                                      {"detail", std::move(detail)}});
}

/// The name in lower case.
Result<std::string> Folded(const std::string& name, const char* parameter) {
  const bool good = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '@';
  });
  if (good && !name.empty() && name.size() <= Secrets::kNameBytesMax) return FoldName(name);
  return Invalid("'" + name + "'", parameter,
                 "it must have 1 to " + std::to_string(Secrets::kNameBytesMax) +
                     " letters, digits, '_', '-', '.' and '@'");
}

Result<std::string> ParseKey(const std::string& digits) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string key;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = digit(digits[i]);
    const int low = digit(digits[i + 1]);
    if (high < 0 || low < 0) break;
    key += static_cast<char>(high * 16 + low);
  }
  if (key.size() == kSealKeyBytes && digits.size() == 2 * kSealKeyBytes) return key;
  return Invalid("[REDACTED]", "TARN_SECRETS_KEY", "it must have 64 hexadecimal digits");
}

Error NoScope(const std::string& scope) {
  return Error(Condition("SECRET_SCOPE_NOT_FOUND"), {{"scope", scope}});
}
Error NoSecret(const std::string& scope, const std::string& key) {
  return Error(Condition("SECRET_NOT_FOUND"), {{"scope", scope}, {"key", key}});
}

Status Chmod(const std::string& path, mode_t mode) {
  if (chmod(path.c_str(), mode) == 0) return {};
  return Error(
      Condition("IO_ERROR"),
      {{"operation", "Setting the mode"}, {"path", path}, {"detail", std::strerror(errno)}});
}

bool IsId(std::string_view text) {
  return text.size() == kIdBytes && text.find_first_not_of("0123456789abcdef-") == text.npos;
}

}  // namespace

Error Secrets::Corrupt(const io::ObjectPath& path, std::string detail) const {
  return Error(Condition("SECRET_STORE_CORRUPT"),
               {{"path", store_->Display(path)}, {"detail", std::move(detail)}});
}

Result<std::string> Secrets::CreateKey(const RequestContext& ctx) const {
  TARN_ASSIGN(const auto scopes, store_->ListAll(ctx, ScopesFolder()));
  if (!scopes.empty()) return Corrupt(KeyPath(), "it is gone, and there are scopes");
  TARN_ASSIGN(const std::string fresh, NewSealKey());
  // The folder keeps others out until the file's own mode does.
  TARN_TRY(store_->PutOnce(ctx, KeyPath(), fresh));
  TARN_TRY(Chmod(home_ + "/secrets/key", 0600));
  TARN_FAULT_POINT("catalog.secrets.after_key");
  // Whoever was first decides.
  return Key(ctx, false);
}

Result<std::string> Secrets::Key(const RequestContext& ctx, bool may_create) const {
  if (given_key_) return ParseKey(*given_key_);
  auto key = store_->ReadAll(ctx, KeyPath(), 4096);
  if (!key.ok() && IsNotFound(key.error())) {
    if (may_create) return CreateKey(ctx);
    return Corrupt(KeyPath(), "it is gone, and there are scopes");
  }
  if (key.ok() && key->size() != kSealKeyBytes) return Corrupt(KeyPath(), "it has not 32 bytes");
  return key;
}

Result<Secrets::Scope> Secrets::OpenScope(const RequestContext& ctx,
                                          const std::string& folded) const {
  const io::ObjectPath path = ScopePath(folded);
  auto text = store_->ReadAll(ctx, path, 4096);
  if (!text.ok() && IsNotFound(text.error())) return NoScope(folded);
  if (!text.ok()) return std::move(text).error();
  Scope scope;
  TARN_ASSIGN(scope.key, Key(ctx, false));
  scope.id = text->substr(0, kIdBytes);
  auto name = Unseal(scope.key, SealContext({"scope", folded, scope.id}),
                     std::string_view(*text).substr(scope.id.size()));
  if (!name || !IsId(scope.id)) {
    return Corrupt(path, "it was changed, or written with another key");
  }
  scope.name = *std::move(name);
  return scope;
}

Status Secrets::CreateScope(const RequestContext& ctx, const std::string& scope) const {
  TARN_ASSIGN(const std::string folded, Folded(scope, "the scope"));
  TARN_TRY(store_->CreateDirectories(ctx, Root()));
  TARN_TRY(Chmod(home_ + "/secrets", 0700));
  TARN_ASSIGN(const std::string key, Key(ctx, true));
  const std::string id = SystemIds().NewUuid();
  TARN_ASSIGN(const std::string sealed, Seal(key, SealContext({"scope", folded, id}), scope));
  TARN_ASSIGN(const io::PutOutcome outcome, store_->PutOnce(ctx, ScopePath(folded), id + sealed));
  if (outcome == io::PutOutcome::kCreated) return {};
  return Error(Condition("SECRET_SCOPE_ALREADY_EXISTS"), {{"scope", scope}});
}

Status Secrets::DeleteScope(const RequestContext& ctx, const std::string& scope) const {
  TARN_ASSIGN(const std::string folded, Folded(scope, "the scope"));
  auto text = store_->ReadAll(ctx, ScopePath(folded), 4096);
  if (!text.ok() && IsNotFound(text.error())) return NoScope(scope);
  if (!text.ok()) return std::move(text).error();
  const std::string id = text->substr(0, kIdBytes);
  if (IsId(id)) {
    TARN_TRY(store_->DeleteTree(ctx, ValuesFolder(id)));
    TARN_TRY(store_->SyncDirectories(ctx, Root() / "values"));
  }
  TARN_FAULT_POINT("catalog.secrets.after_values");
  TARN_ASSIGN(const bool deleted, store_->Delete(ctx, ScopePath(folded)));
  if (!deleted) return NoScope(scope);
  return store_->SyncDirectories(ctx, ScopesFolder());
}

Result<std::vector<std::string>> Secrets::ListScopes(const RequestContext& ctx) const {
  std::vector<std::string> names;
  TARN_ASSIGN(const auto files, store_->ListAll(ctx, ScopesFolder()));
  for (const io::ObjectInfo& file : files) {
    const std::string name(file.path.Name());
    if (!name.starts_with(kScopePrefix)) continue;
    TARN_ASSIGN(Scope scope, OpenScope(ctx, name.substr(kScopePrefix.size())));
    names.push_back(std::move(scope.name));
  }
  return names;
}

Status Secrets::Put(const RequestContext& ctx, const std::string& scope, const std::string& key,
                    const std::string& value) const {
  TARN_ASSIGN(const std::string folded_scope, Folded(scope, "the scope"));
  TARN_ASSIGN(const std::string folded_key, Folded(key, "the key"));
  if (value.size() > kValueBytesMax) {
    return Invalid("[REDACTED]", "the secret " + key,
                   "it has " + std::to_string(value.size()) + " bytes, and may have " +
                       std::to_string(kValueBytesMax));
  }
  if (!IsValidUtf8(value) || value.find('\0') != value.npos) {
    return Invalid("[REDACTED]", "the secret " + key, "it is no text of UTF-8");
  }
  TARN_ASSIGN(const Scope opened, OpenScope(ctx, folded_scope));
  const io::ObjectPath path = SecretPath(opened.id, folded_key);
  TARN_ASSIGN(const bool exists, store_->Exists(ctx, path));
  if (!exists) {
    TARN_ASSIGN(const auto all, store_->ListAll(ctx, ValuesFolder(opened.id)));
    if (all.size() >= kSecretsPerScopeMax) {
      return Invalid("'" + key + "'", "the key",
                     "the scope " + scope + " has " + std::to_string(kSecretsPerScopeMax) +
                         " secrets already, the most that it may have");
    }
  }
  TARN_ASSIGN(
      const std::string sealed,
      Seal(opened.key, SealContext({"secret", folded_scope, opened.id, folded_key}), value));
  return store_->Put(ctx, path, sealed);
}

Status Secrets::Delete(const RequestContext& ctx, const std::string& scope,
                       const std::string& key) const {
  TARN_ASSIGN(const std::string folded_scope, Folded(scope, "the scope"));
  TARN_ASSIGN(const std::string folded_key, Folded(key, "the key"));
  TARN_ASSIGN(const Scope opened, OpenScope(ctx, folded_scope));
  TARN_ASSIGN(const bool deleted, store_->Delete(ctx, SecretPath(opened.id, folded_key)));
  if (!deleted) return NoSecret(scope, key);
  return store_->SyncDirectories(ctx, ValuesFolder(opened.id));
}

Result<std::vector<SecretInfo>> Secrets::List(const RequestContext& ctx,
                                              const std::string& scope) const {
  TARN_ASSIGN(const std::string folded, Folded(scope, "the scope"));
  TARN_ASSIGN(const Scope opened, OpenScope(ctx, folded));
  std::vector<SecretInfo> secrets;
  TARN_ASSIGN(const auto files, store_->ListAll(ctx, ValuesFolder(opened.id)));
  for (const io::ObjectInfo& file : files) {
    const std::string name(file.path.Name());
    if (!name.starts_with(kSecretPrefix)) continue;
    secrets.push_back({name.substr(kSecretPrefix.size()), file.modified_us});
  }
  return secrets;
}

Result<std::string> Secrets::Get(const RequestContext& ctx, const std::string& scope,
                                 const std::string& key) const {
  TARN_ASSIGN(const std::string folded_scope, Folded(scope, "the scope"));
  TARN_ASSIGN(const std::string folded_key, Folded(key, "the key"));
  TARN_ASSIGN(const Scope opened, OpenScope(ctx, folded_scope));
  const io::ObjectPath path = SecretPath(opened.id, folded_key);
  auto sealed =
      store_->ReadAll(ctx, path, static_cast<int64_t>(kValueBytesMax + kSealedMoreBytes + 4096));
  if (!sealed.ok() && IsNotFound(sealed.error())) return NoSecret(scope, key);
  if (!sealed.ok()) return std::move(sealed).error();
  auto value =
      Unseal(opened.key, SealContext({"secret", folded_scope, opened.id, folded_key}), *sealed);
  if (!value) return Corrupt(path, "it was changed, or written with another key");
  return *std::move(value);
}

}  // namespace tarn::catalog
