#include "tarn/delta/deletion_vector.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "tarn/base/random.h"
#include "tarn/delta/statistics.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using Rows = std::vector<uint64_t>;

/// The example of the protocol: an array with 3, 4, 7, 11, 18, 29.
DeletionVectorDescriptor ProtocolExample() {
  DeletionVectorDescriptor d;
  d.storage_type = 'i';
  d.path_or_inline = "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L";
  d.size_in_bytes = 40;
  d.cardinality = 6;
  return d;
}

class DeletionVectorTest : public ::testing::Test {
 protected:
  Result<DeletionVector> Load(const DeletionVectorDescriptor& d) {
    return LoadDeletionVector(t.ctx, *t.log, "/lake/t", d);
  }
  void ExpectCorrupt(const DeletionVectorDescriptor& d) {
    auto loaded = Load(d);
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().condition(), Condition("DELTA_LOG_CORRUPT"));
  }
  test::TestTable t;
};

TEST_F(DeletionVectorTest, ReadsTheProtocolsInlineExample) {
  auto vector = Load(ProtocolExample());
  ASSERT_TRUE(vector.ok()) << vector.error().ToString();
  EXPECT_EQ(vector->Rows(), (Rows{3, 4, 7, 11, 18, 29}));
  EXPECT_TRUE(vector->Contains(11));
  EXPECT_FALSE(vector->Contains(12));
  EXPECT_EQ(vector->CountInRange(4, 12), 3u);
}

TEST_F(DeletionVectorTest, InlineFaultsAreNamed) {
  auto d = ProtocolExample();
  d.cardinality = 7;
  ExpectCorrupt(d);
  d = ProtocolExample();
  d.size_in_bytes = 41;
  ExpectCorrupt(d);
  d = ProtocolExample();
  d.size_in_bytes = 39;
  ExpectCorrupt(d);
  d = ProtocolExample();
  d.size_in_bytes = 0;
  ExpectCorrupt(d);
  d = ProtocolExample();
  d.path_or_inline[3] = '~';
  ExpectCorrupt(d);
  d = ProtocolExample();
  d.path_or_inline.pop_back();
  ExpectCorrupt(d);
  d = ProtocolExample();
  d.storage_type = 'x';
  ExpectCorrupt(d);
}

TEST_F(DeletionVectorTest, RoundTripsSetsOfAllShapes) {
  Random random(1);
  std::vector<Rows> sets = {{}, {0}, {65535, 65536}, {uint64_t{1} << 40}};
  Rows dense;
  for (uint64_t row = 0; row < 70000; ++row) dense.push_back(row);
  sets.push_back(dense);
  Rows mixed;
  for (uint64_t row = 0; row < 1'000'000; ++row) {
    if (random.OneIn(row < 200'000 ? 3 : 500)) mixed.push_back(row);
  }
  sets.push_back(mixed);
  for (const Rows& rows : sets) {
    const DeletionVector made = DeletionVector::FromRows(rows);
    EXPECT_EQ(made.Rows(), rows);
    auto parsed = DeletionVector::Parse(made.Serialize(), "t", "f");
    ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
    EXPECT_EQ(parsed->Rows(), rows);
    EXPECT_EQ(parsed->cardinality(), rows.size());
    std::vector<uint64_t> bits(2048 / 64);
    for (const uint64_t begin : {uint64_t{0}, uint64_t{65000}, uint64_t{500000}}) {
      const bool any = parsed->FillRange(begin, begin + 2048, bits.data());
      uint64_t count = 0;
      for (uint64_t row = begin; row < begin + 2048; ++row) {
        const bool bit = (bits[(row - begin) / 64] >> ((row - begin) % 64) & 1) != 0;
        EXPECT_EQ(bit, parsed->Contains(row));
        count += bit;
      }
      EXPECT_EQ(any, count > 0);
      EXPECT_EQ(parsed->CountInRange(begin, begin + 2048), count);
    }
  }
}

TEST_F(DeletionVectorTest, ReadsRunContainers) {
  // One bucket, one container of two runs: 10…12 and 100…100.
  std::string bytes;
  const auto put = [&](uint64_t number, int size) {
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<char>(number >> (8 * i)));
  };
  put(1681511377, 4);
  put(1, 8);
  put(0, 4);
  put(12347, 4);
  put(1, 1);  // run flags
  put(2, 2);  // key
  put(3, 2);  // cardinality - 1
  put(2, 2);  // runs
  for (const int number : {10, 2, 100, 0}) put(number, 2);
  auto parsed = DeletionVector::Parse(bytes, "t", "f");
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  const uint64_t base = uint64_t{2} << 16;
  EXPECT_EQ(parsed->Rows(), (Rows{base + 10, base + 11, base + 12, base + 100}));
}

TEST_F(DeletionVectorTest, EveryCutAndFlipIsSurvived) {
  Rows rows;
  for (uint64_t row = 0; row < 20000; row += 3) rows.push_back(row);
  rows.push_back(uint64_t{1} << 33);
  const std::string bytes = DeletionVector::FromRows(rows).Serialize();
  for (size_t cut = 0; cut < bytes.size(); cut += 7) {
    EXPECT_FALSE(DeletionVector::Parse(bytes.substr(0, cut), "t", "f").ok());
  }
  EXPECT_FALSE(DeletionVector::Parse(bytes + "x", "t", "f").ok());
  Random random(2);
  for (int i = 0; i < 2000; ++i) {
    std::string flipped = bytes;
    flipped[random.Below(64)] ^= static_cast<char>(1 << random.Below(8));
    auto parsed = DeletionVector::Parse(flipped, "t", "f");
    if (parsed.ok()) parsed->Contains(5);
  }
}

TEST_F(DeletionVectorTest, ReadsFilesByRelativePathWithChecks) {
  const std::string data = DeletionVector::FromRows({1, 5}).Serialize();
  const auto big_endian = [](uint32_t number) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
    return out;
  };
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
  }
  crc = ~crc;
  const std::string file = std::string("\1", 1) + big_endian(static_cast<uint32_t>(data.size())) +
                           data + big_endian(crc);
  // The protocol's example of a relative path with a random prefix.
  const std::string path = "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin";
  t.Put(path, file);
  DeletionVectorDescriptor d;
  d.storage_type = 'u';
  d.path_or_inline = "ab^-aqEH.-t@S}K{vb[*k^";
  d.offset = 1;
  d.size_in_bytes = static_cast<int32_t>(data.size());
  d.cardinality = 2;
  auto vector = Load(d);
  ASSERT_TRUE(vector.ok()) << vector.error().ToString();
  EXPECT_EQ(vector->Rows(), (Rows{1, 5}));

  auto bad = d;
  bad.size_in_bytes = 0x7FFFFFFF;
  ExpectCorrupt(bad);
  bad = d;
  bad.size_in_bytes -= 1;
  ExpectCorrupt(bad);
  bad = d;
  bad.offset = 1'000'000;
  ExpectCorrupt(bad);
  bad = d;
  bad.offset = -1;
  ExpectCorrupt(bad);
  std::string broken = file;
  broken[20] ^= 1;
  t.Put(path, broken);
  ExpectCorrupt(d);

  auto absolute = d;
  absolute.storage_type = 'p';
  absolute.path_or_inline = "/lake/other/deletion_vector_x.bin";
  EXPECT_EQ(Load(absolute).error().condition(), Condition("DELTA_PATH_OUTSIDE_TABLE"));
  t.Put(path, file);
  absolute.path_or_inline = "file:///lake/t/" + path;
  EXPECT_TRUE(Load(absolute).ok());
  auto prefixed = d;
  prefixed.path_or_inline = "../x^-aqEH.-t@S}K{vb[*k^";
  EXPECT_EQ(Load(prefixed).error().condition(), Condition("DELTA_PATH_OUTSIDE_TABLE"));
}

}  // namespace
TEST_F(DeletionVectorTest, UnionAndComplementAgreeWithSets) {
  Random random(7);
  for (int run = 0; run < 50; ++run) {
    std::set<uint64_t> a;
    std::set<uint64_t> b;
    const uint64_t rows = 1 + random.Below(200'000);
    for (uint64_t i = random.Below(3000); i > 0; --i) a.insert(random.Below(rows));
    for (uint64_t first = random.Below(rows), i = 0; i < 500 && first + i < rows; ++i) {
      b.insert(first + i);
    }
    const DeletionVector left = DeletionVector::FromRows({a.begin(), a.end()});
    const DeletionVector right = DeletionVector::FromRows({b.begin(), b.end()});
    std::set<uint64_t> both = a;
    both.insert(b.begin(), b.end());
    EXPECT_EQ(left.Union(right).Rows(), std::vector<uint64_t>(both.begin(), both.end()));
    std::vector<uint64_t> others;
    for (uint64_t row = 0; row < rows; ++row) {
      if (!a.contains(row)) others.push_back(row);
    }
    EXPECT_EQ(left.Complement(rows).Rows(), others);
    EXPECT_EQ(left.Complement(rows).cardinality(), rows - a.size());
  }
  EXPECT_EQ(DeletionVector().Complement(0).cardinality(), 0u);
}

TEST_F(DeletionVectorTest, StoredVectorsAreReadBack) {
  std::vector<DeletionVector> vectors;
  vectors.push_back(DeletionVector::FromRows({3, 70'000}));
  std::vector<uint64_t> many;
  for (uint64_t row = 0; row < 300'000; row += 3) many.push_back(row);
  vectors.push_back(DeletionVector::FromRows(many));
  vectors.push_back(vectors[1].Complement(300'000));
  std::string file;
  const auto stored = StoreDeletionVectors(t.ctx, t.handlers(), vectors, &file);
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ((*stored)[0].storage_type, 'i');
  EXPECT_EQ((*stored)[1].storage_type, 'u');
  EXPECT_TRUE(file.starts_with("deletion_vector_")) << file;
  for (size_t i = 0; i < vectors.size(); ++i) {
    const auto read = Load((*stored)[i]);
    ASSERT_TRUE(read.ok()) << read.error().message();
    EXPECT_EQ(read->Rows(), vectors[i].Rows());
  }
}

TEST(StatisticsTest, LooseBoundsChangeNothingElse) {
  EXPECT_EQ(WithLooseBounds(R"({"numRecords":3,"tightBounds":true})"),
            R"({"numRecords":3,"tightBounds":false})");
  EXPECT_EQ(WithLooseBounds(R"({"tightBounds" : true, "minValues":{"tightBounds":"}"}})"),
            R"({"tightBounds" : false, "minValues":{"tightBounds":"}"}})");
  EXPECT_EQ(WithLooseBounds(R"({"numRecords":3})"), R"({"numRecords":3,"tightBounds":false})");
  EXPECT_EQ(WithLooseBounds("{}"), R"({"tightBounds":false})");
  EXPECT_EQ(WithLooseBounds(""), "");
}

}  // namespace tarn::delta
