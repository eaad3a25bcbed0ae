// AES, by OpenSSL.

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

#include "duck/functions/string_functions.h"
#include "tarn/types/data_type.h"

namespace tarn::engine::duck {

namespace {

enum class Mode : uint8_t { kEcb, kCbc, kGcm };

constexpr size_t kGcmTagBytes = 16;

struct Cipher {
  Mode mode;
  const EVP_CIPHER* algorithm;
  size_t iv_bytes;
};

const EVP_CIPHER* AlgorithmOf(Mode mode, size_t key_bytes) {
  const bool small = key_bytes == 16;
  const bool middle = key_bytes == 24;
  switch (mode) {
    case Mode::kEcb:
      return small ? EVP_aes_128_ecb() : middle ? EVP_aes_192_ecb() : EVP_aes_256_ecb();
    case Mode::kCbc:
      return small ? EVP_aes_128_cbc() : middle ? EVP_aes_192_cbc() : EVP_aes_256_cbc();
    case Mode::kGcm:
      break;
  }
  return small ? EVP_aes_128_gcm() : middle ? EVP_aes_192_gcm() : EVP_aes_256_gcm();
}

std::string NameOf(const Call& call) { return "`" + call.info.function + "`"; }

Cipher CipherOf(const Call& call, std::string_view key, std::string_view mode,
                std::string_view padding) {
  if (key.size() != 16 && key.size() != 24 && key.size() != 32) {
    Raise(Condition("INVALID_PARAMETER_VALUE.AES_KEY_LENGTH"),
          {{"parameter", "`key`"},
           {"functionName", NameOf(call)},
           {"actualLength", std::to_string(key.size())}});
  }
  const bool usual = SameName(padding, "DEFAULT");
  const bool pkcs = usual || SameName(padding, "PKCS");
  if (SameName(mode, "ECB") && pkcs) return {Mode::kEcb, AlgorithmOf(Mode::kEcb, key.size()), 0};
  if (SameName(mode, "CBC") && pkcs) return {Mode::kCbc, AlgorithmOf(Mode::kCbc, key.size()), 16};
  if (SameName(mode, "GCM") && (usual || SameName(padding, "NONE"))) {
    return {Mode::kGcm, AlgorithmOf(Mode::kGcm, key.size()), 12};
  }
  Raise(Condition("UNSUPPORTED_FEATURE.AES_MODE"), {{"mode", std::string(mode)},
                                                    {"padding", std::string(padding)},
                                                    {"functionName", NameOf(call)}});
}

[[noreturn]] void RaiseCryptoError(const Call& call, std::string detail) {
  Raise(Condition("INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR"),
        {{"parameter", "`expr`, `key`"},
         {"functionName", NameOf(call)},
         {"detailMessage", std::move(detail)}});
}

void RequireNoAad(const Call& call, const Cipher& cipher, std::string_view mode,
                  std::string_view aad) {
  if (aad.empty() || cipher.mode == Mode::kGcm) return;
  Raise(Condition("UNSUPPORTED_FEATURE.AES_MODE_AAD"),
        {{"mode", std::string(mode)}, {"functionName", NameOf(call)}});
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

/// Encrypts or decrypts; false if the library refuses. `tag` is given to decrypt, else filled.
bool Run(const Cipher& cipher, bool encrypt, std::string_view input, std::string_view key,
         std::string_view iv, std::string_view aad, std::string& tag, std::string& output) {
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  if (!context) return false;
  const bool gcm = cipher.mode == Mode::kGcm;
  if (EVP_CipherInit_ex(context.get(), cipher.algorithm, nullptr, Bytes(key),
                        iv.empty() ? nullptr : Bytes(iv), encrypt ? 1 : 0) != 1) {
    return false;
  }
  int written = 0;
  if (!aad.empty() && EVP_CipherUpdate(context.get(), nullptr, &written, Bytes(aad),
                                       static_cast<int>(aad.size())) != 1) {
    return false;
  }
  if (gcm && !encrypt &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                          tag.data()) != 1) {
    return false;
  }
  output.resize(input.size() + EVP_MAX_BLOCK_LENGTH);
  auto* const to = reinterpret_cast<unsigned char*>(output.data());
  if (EVP_CipherUpdate(context.get(), to, &written, Bytes(input), static_cast<int>(input.size())) !=
      1) {
    return false;
  }
  int last = 0;
  if (EVP_CipherFinal_ex(context.get(), to + written, &last) != 1) return false;
  output.resize(static_cast<size_t>(written) + static_cast<size_t>(last));
  if (gcm && encrypt) {
    tag.resize(kGcmTagBytes);
    return EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, tag.data()) == 1;
  }
  return true;
}

/// aes_encrypt: the initialisation vector, the text and, in GCM, the tag. Without a given vector it
/// is random.
std::string Encrypt(Call& call, std::string_view input, std::string_view key, std::string_view mode,
                    std::string_view padding, std::string_view given_iv, std::string_view aad) {
  const Cipher cipher = CipherOf(call, key, mode, padding);
  std::string iv(given_iv);
  if (!iv.empty() && cipher.iv_bytes == 0) {
    Raise(Condition("UNSUPPORTED_FEATURE.AES_MODE_IV"),
          {{"mode", std::string(mode)}, {"functionName", NameOf(call)}});
  }
  if (!iv.empty() && iv.size() != cipher.iv_bytes) {
    Raise(Condition("INVALID_PARAMETER_VALUE.AES_IV_LENGTH"),
          {{"parameter", "`iv`"},
           {"functionName", NameOf(call)},
           {"mode", std::string(mode)},
           {"actualLength", std::to_string(iv.size())}});
  }
  RequireNoAad(call, cipher, mode, aad);
  if (iv.empty() && cipher.iv_bytes > 0) {
    iv.resize(cipher.iv_bytes);
    if (RAND_bytes(reinterpret_cast<unsigned char*>(iv.data()), static_cast<int>(iv.size())) != 1) {
      RaiseCryptoError(call, "there are no random bytes");
    }
  }
  std::string tag;
  std::string output;
  if (!Run(cipher, true, input, key, iv, aad, tag, output)) {
    RaiseCryptoError(call, "the text can't be encrypted");
  }
  return iv + output + tag;
}

std::string Decrypt(Call& call, std::string_view input, std::string_view key, std::string_view mode,
                    std::string_view padding, std::string_view aad) {
  const Cipher cipher = CipherOf(call, key, mode, padding);
  RequireNoAad(call, cipher, mode, aad);
  const size_t tag_bytes = cipher.mode == Mode::kGcm ? kGcmTagBytes : 0;
  if (input.size() < cipher.iv_bytes + tag_bytes) {
    RaiseCryptoError(call, "the text is too short");
  }
  const std::string_view iv = input.substr(0, cipher.iv_bytes);
  std::string tag(input.substr(input.size() - tag_bytes));
  input = input.substr(cipher.iv_bytes, input.size() - cipher.iv_bytes - tag_bytes);
  std::string output;
  if (!Run(cipher, false, input, key, iv, aad, tag, output)) {
    RaiseCryptoError(call, "the key, the text or the additional data isn't right");
  }
  return output;
}

}  // namespace

void RegisterAes(FunctionSet& set) {
  set.Function("aes_encrypt", Encrypt, kFallible | kVolatile);
  set.Function("aes_decrypt", Decrypt, kFallible);
  set.Function("try_aes_decrypt",
               [](Call& call, std::string_view input, std::string_view key, std::string_view mode,
                  std::string_view padding, std::string_view aad) -> std::optional<std::string> {
                 try {
                   return Decrypt(call, input, key, mode, padding, aad);
                 } catch (const duckdb::Exception&) {
                   return std::nullopt;
                 }
               });
}

}  // namespace tarn::engine::duck
