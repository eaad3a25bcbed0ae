#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::delta {

// The encodings around deletion vectors. Source: Delta protocol, "Deletion Vectors".

/// Z85 (ZeroMQ RFC 32): five characters for four bytes. nullopt for other lengths and characters.
std::optional<std::string> DecodeZ85(std::string_view text);
/// The inverse; bytes are filled up with zeros to a multiple of four.
std::string EncodeZ85(std::string_view bytes);

uint32_t ReadBigEndian32(std::string_view bytes);
void AppendBigEndian32(uint32_t number, std::string& out);

/// CRC-32 as of zlib and java.util.zip.
uint32_t Crc32(std::string_view bytes);

/// "ab^-aqEH.-t@S}K{vb[*k^" → "ab/deletion_vector_<uuid>.bin": a random prefix, then 20 characters
/// of the file's UUID in Z85.
std::optional<std::string> VectorFilePath(std::string_view encoded);
/// The inverse for a UUID and no prefix.
std::string EncodeVectorUuid(std::string_view uuid);

}  // namespace tarn::delta
