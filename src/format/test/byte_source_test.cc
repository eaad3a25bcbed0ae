#include "tarn/format/byte_source.h"

#include <bzlib.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "reading.h"

namespace tarn::format {
namespace {

std::string Text() {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + "\n";
  return text;
}

std::string Deflated(const std::string& text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Bzipped(const std::string& text) {
  std::string out(text.size() + 1000, '\0');
  auto size = static_cast<unsigned>(out.size());
  BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()),
                           static_cast<unsigned>(text.size()), 9, 0, 0);
  out.resize(size);
  return out;
}

std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string ReadAll(ByteSource& source) {
  std::string all, buffer(1000, '\0');
  while (true) {
    auto count = source.Read(buffer);
    if (!count.ok()) return count.error().ToString();
    if (*count == 0) return all;
    all.append(buffer, 0, *count);
  }
}

std::string Decompressed(const std::string& bytes, Compression compression) {
  Reading reading;
  return ReadAll(*Decompress(BytesOf(reading.Part(bytes).file), compression));
}

struct Codec {
  Compression compression;
  std::string (*compress)(const std::string&);
};

const Codec kCodecs[] = {
    {Compression::kGzip, [](const std::string& text) { return Deflated(text, 15 + 16); }},
    {Compression::kDeflate, [](const std::string& text) { return Deflated(text, 15); }},
    {Compression::kBzip2, Bzipped},
    {Compression::kZstd, Zstd},
};

TEST(DecompressTest, AllMembersAreRead) {
  const std::string text = Text();
  for (const Codec& codec : kCodecs) {
    const std::string once = codec.compress(text);
    EXPECT_EQ(Decompressed(once, codec.compression), text);
    EXPECT_EQ(Decompressed(once + codec.compress("end"), codec.compression), text + "end");
    EXPECT_EQ(Decompressed("", codec.compression), "");
  }
  EXPECT_EQ(Decompressed(Deflated(text, -15), Compression::kDeflate), text);
  EXPECT_EQ(Decompressed(Deflated("x", 15 + 16) + std::string(5000, '\0'), Compression::kGzip),
            "x");
}

TEST(DecompressTest, CutAndDamagedStreamsAreErrors) {
  const std::string text = Text();
  for (const Codec& codec : kCodecs) {
    std::string bytes = codec.compress(text);
    EXPECT_NE(
        Decompressed(bytes.substr(0, bytes.size() / 2), codec.compression).find("FAILED_READ_FILE"),
        std::string::npos);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
    bytes[bytes.size() / 2 + 9] = static_cast<char>(bytes[bytes.size() / 2 + 9] ^ 0x55);
    EXPECT_NE(Decompressed(bytes, codec.compression), text);
  }
}

TEST(ToUtf8Test, EncodingsBecomeUtf8) {
  Reading reading;
  const auto decoded = [&](const std::string& bytes, const char* encoding) {
    auto source = ToUtf8(BytesOf(reading.Part(bytes).file), encoding);
    return source.ok() ? ReadAll(**source) : source.error().ToString();
  };
  EXPECT_EQ(decoded("a\xE9", "ISO-8859-1"), "aé");
  EXPECT_EQ(decoded(std::string("\xFF\xFE"
                                "a\0\xE9\0",
                                6),
                    "UTF-16"),
            "aé");
  EXPECT_EQ(decoded(std::string("\0a\0\xE9", 4), "UTF-16"), "aé");
  EXPECT_EQ(decoded(std::string("a\0\xE9\0", 4), "UTF-16LE"), "aé");
  EXPECT_NE(decoded("a", "klingon").find("INVALID_PARAMETER_VALUE"), std::string::npos);
  std::string long_text(300'000, '\xE9');
  EXPECT_EQ(decoded(long_text, "ISO-8859-1").size(), 600'000U);
}

TEST(CompressionOfTest, OptionWinsOverTheName) {
  EXPECT_EQ(*CompressionOf("", "/x/a.csv.gz"), Compression::kGzip);
  EXPECT_EQ(*CompressionOf("none", "/x/a.csv.gz"), Compression::kNone);
  EXPECT_EQ(*CompressionOf("BZIP2", "/x/a"), Compression::kBzip2);
  EXPECT_FALSE(CompressionOf("rar", "/x/a").ok());
}

}  // namespace
}  // namespace tarn::format
