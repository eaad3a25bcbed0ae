#include "tarn/io/file_listing.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace tarn::io {
namespace {

class FileListingTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "tarn-listing-" + std::to_string(getpid());
    for (const char* name : {"a.yml", "x/b.yml", "x/deep/c.yml", "y/_hidden/d.yml", "y/e.txt"}) {
      const std::filesystem::path path = folder_ + "/" + name;
      std::filesystem::create_directories(path.parent_path());
      std::ofstream(path) << name;
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Listed(const std::string& pattern, bool recursive = true) {
    auto files = ListFiles(context_, folder_ + pattern, {.recursive = recursive});
    if (!files.ok()) return files.error().ToString();
    std::string names;
    for (const ObjectInfo& file : *files) {
      names += (names.empty() ? "" : " ") + ("/" + file.path.str()).substr(folder_.size() + 1);
    }
    return names;
  }

  std::string folder_;
  RequestContext context_;
};

TEST_F(FileListingTest, AFileAFolderOrAPattern) {
  EXPECT_EQ(Listed("/a.yml"), "a.yml");
  EXPECT_EQ(Listed("/x"), "x/b.yml x/deep/c.yml");
  EXPECT_EQ(Listed("/x", false), "x/b.yml");
  EXPECT_EQ(Listed("/y"), "y/e.txt");
  EXPECT_EQ(Listed("/nothing"), "");
  EXPECT_EQ(Listed("/nothing/*"), "");
  EXPECT_EQ(Listed("/{a,z}.yml"), "a.yml");
}

TEST_F(FileListingTest, APatternThatGoesOnPassesFilesOver) {
  EXPECT_EQ(Listed("/*/*.yml"), "x/b.yml");
  EXPECT_EQ(Listed("/*/*/c.yml"), "x/deep/c.yml");
  EXPECT_EQ(Listed("/*/b.yml"), "x/b.yml");
}

}  // namespace
}  // namespace tarn::io
