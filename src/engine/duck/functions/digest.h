#pragma once

#include <string>
#include <string_view>

namespace tarn::engine::duck {

// FIPS 180-4; the digests as bytes.
std::string Sha224(std::string_view bytes);
std::string Sha256(std::string_view bytes);
std::string Sha384(std::string_view bytes);
std::string Sha512(std::string_view bytes);

}  // namespace tarn::engine::duck
