#include "sealed_text.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

#include "tarn/base/check.h"

namespace tarn::catalog {

namespace {

constexpr std::string_view kMagic = "TARNSEC1";
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
static_assert(kMagic.size() + kNonceBytes + kTagBytes == kSealedMoreBytes);

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Result<std::string> RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(Bytes(bytes), static_cast<int>(count)) != 1) {
    return InternalError("OpenSSL has no random bytes");
  }
  return bytes;
}

/// One run of AES-256-GCM.
class Gcm {
 public:
  Gcm(bool encrypt, std::string_view key, std::string_view nonce, std::string_view context)
      : context_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) {
    TARN_CHECK(key.size() == kSealKeyBytes);
    int written = 0;
    good_ = context_ &&
            EVP_CipherInit_ex(context_.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce),
                              encrypt ? 1 : 0) == 1 &&
            EVP_CipherUpdate(context_.get(), nullptr, &written, Bytes(context),
                             static_cast<int>(context.size())) == 1;
  }
  bool Take(std::string_view input, std::string* output) {
    output->resize(input.size());
    int written = 0;
    good_ = good_ &&
            (input.empty() || EVP_CipherUpdate(context_.get(), Bytes(*output), &written,
                                               Bytes(input), static_cast<int>(input.size())) == 1);
    return good_;
  }
  bool Tag(int operation, std::string* tag) {
    good_ = good_ && EVP_CIPHER_CTX_ctrl(context_.get(), operation, static_cast<int>(tag->size()),
                                         tag->data()) == 1;
    return good_;
  }
  /// Whether the tag fits, when decrypting.
  bool Finish() {
    unsigned char rest[EVP_MAX_BLOCK_LENGTH];
    int written = 0;
    good_ = good_ && EVP_CipherFinal_ex(context_.get(), rest, &written) == 1;
    return good_;
  }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
  bool good_ = false;
};

}  // namespace

Result<std::string> NewSealKey() { return RandomBytes(kSealKeyBytes); }

Result<std::string> Seal(std::string_view key, std::string_view context, std::string_view text) {
  TARN_ASSIGN(const std::string nonce, RandomBytes(kNonceBytes));
  Gcm gcm(true, key, nonce, context);
  std::string encrypted;
  std::string tag(kTagBytes, '\0');
  if (!gcm.Take(text, &encrypted) || !gcm.Finish() || !gcm.Tag(EVP_CTRL_AEAD_GET_TAG, &tag)) {
    return InternalError("OpenSSL doesn't encrypt");
  }
  return std::string(kMagic) + nonce + encrypted + tag;
}

std::optional<std::string> Unseal(std::string_view key, std::string_view context,
                                  std::string_view sealed) {
  if (sealed.size() < kSealedMoreBytes || !sealed.starts_with(kMagic)) return std::nullopt;
  sealed.remove_prefix(kMagic.size());
  Gcm gcm(false, key, sealed.substr(0, kNonceBytes), context);
  sealed.remove_prefix(kNonceBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  sealed.remove_suffix(kTagBytes);
  std::string text;
  if (!gcm.Tag(EVP_CTRL_AEAD_SET_TAG, &tag) || !gcm.Take(sealed, &text) || !gcm.Finish()) {
    return std::nullopt;
  }
  return text;
}

}  // namespace tarn::catalog
