#include "tarn/catalog/secrets.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "lake_test_fixture.h"

namespace tarn::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteFile(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

mode_t ModeOf(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777;
}

class SecretsTest : public LakeTest {
 protected:
  const Secrets& secrets() { return lake_->secrets(); }
  void ReopenWithKey(const std::string& key) {
    lake_.reset();
    auto lake = Lake::Open(ctx_, folder_ + "/lake", {.clock = &clock_, .secrets_key = key});
    ASSERT_TRUE(lake.ok()) << lake.error().ToString();
    lake_ = *std::move(lake);
  }
  std::filesystem::path Folder() const { return folder_ + "/lake/secrets"; }
  /// The one file below a folder of the store.
  std::filesystem::path OnlyFile(const std::string& below) const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(Folder() / below)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    EXPECT_EQ(files.size(), 1U);
    return files.at(0);
  }
  std::vector<std::string> Keys(const std::string& scope) {
    std::vector<std::string> keys;
    const auto infos = secrets().List(ctx_, scope);
    EXPECT_TRUE(infos.ok());
    for (const SecretInfo& info : *infos) keys.push_back(info.key);
    return keys;
  }
};

TEST_F(SecretsTest, WhatIsPutIsGotWhateverTheCaseOfItsName) {
  ASSERT_TRUE(secrets().CreateScope(ctx_, "Vault").ok());
  ASSERT_TRUE(secrets().Put(ctx_, "vault", "Pass.word@x", "hunter2\n").ok());
  ASSERT_TRUE(secrets().Put(ctx_, "VAULT", "empty", "").ok());
  Reopen();
  EXPECT_EQ(*secrets().Get(ctx_, "vault", "pass.WORD@x"), "hunter2\n");
  EXPECT_EQ(*secrets().Get(ctx_, "vault", "empty"), "");
  ASSERT_TRUE(secrets().Put(ctx_, "vault", "pass.word@x", "other").ok());
  EXPECT_EQ(*secrets().Get(ctx_, "vault", "pass.word@x"), "other");
  EXPECT_THAT(*secrets().ListScopes(ctx_), ElementsAre("Vault"));
  EXPECT_THAT(Keys("vault"), ElementsAre("empty", "pass.word@x"));
  EXPECT_EQ(ConditionOf(secrets().CreateScope(ctx_, "vault")), "SECRET_SCOPE_ALREADY_EXISTS");
}

TEST_F(SecretsTest, WhatIsDeletedOrNeverWasIsNotFound) {
  EXPECT_THAT(*secrets().ListScopes(ctx_), IsEmpty());
  EXPECT_EQ(ConditionOf(secrets().Put(ctx_, "s", "k", "v")), "SECRET_SCOPE_NOT_FOUND");
  EXPECT_EQ(ConditionOf(secrets().DeleteScope(ctx_, "s")), "SECRET_SCOPE_NOT_FOUND");
  ASSERT_TRUE(secrets().CreateScope(ctx_, "s").ok());
  EXPECT_EQ(ConditionOf(secrets().Get(ctx_, "s", "k")), "SECRET_NOT_FOUND");
  EXPECT_EQ(ConditionOf(secrets().Delete(ctx_, "s", "k")), "SECRET_NOT_FOUND");
  ASSERT_TRUE(secrets().Put(ctx_, "s", "k", "v").ok());
  ASSERT_TRUE(secrets().Delete(ctx_, "s", "k").ok());
  EXPECT_EQ(ConditionOf(secrets().Get(ctx_, "s", "k")), "SECRET_NOT_FOUND");
  ASSERT_TRUE(secrets().Put(ctx_, "s", "k", "v").ok());
  ASSERT_TRUE(secrets().DeleteScope(ctx_, "S").ok());
  EXPECT_EQ(ConditionOf(secrets().Get(ctx_, "s", "k")), "SECRET_SCOPE_NOT_FOUND");
  ASSERT_TRUE(secrets().CreateScope(ctx_, "s").ok());
  EXPECT_THAT(Keys("s"), IsEmpty());
}

TEST_F(SecretsTest, NamesAndValuesHaveLimits) {
  ASSERT_TRUE(secrets().CreateScope(ctx_, std::string(128, '@')).ok());
  ASSERT_TRUE(secrets().CreateScope(ctx_, "..").ok());
  for (const std::string& name : {std::string(), std::string(129, 'a'), std::string("a/b"),
                                  std::string("a b"), std::string("ä"), std::string("a\0b", 3)}) {
    EXPECT_EQ(ConditionOf(secrets().CreateScope(ctx_, name)), "INVALID_PARAMETER_VALUE");
    EXPECT_EQ(ConditionOf(secrets().Put(ctx_, "..", name, "v")), "INVALID_PARAMETER_VALUE");
    EXPECT_EQ(ConditionOf(secrets().Get(ctx_, "..", name)), "INVALID_PARAMETER_VALUE");
  }
  const std::string large(Secrets::kValueBytesMax, 'x');
  ASSERT_TRUE(secrets().Put(ctx_, "..", ".tarn-k", large).ok());
  EXPECT_EQ(*secrets().Get(ctx_, "..", ".tarn-k"), large);
  EXPECT_THAT(Keys(".."), ElementsAre(".tarn-k"));
  for (const std::string& value :
       {large + "x", std::string("\xff hunter2"), std::string("hunter2\0", 8)}) {
    const Status status = secrets().Put(ctx_, "..", "k", value);
    EXPECT_EQ(ConditionOf(status), "INVALID_PARAMETER_VALUE");
    EXPECT_THAT(status.error().ToString(), Not(HasSubstr("hunter2")));
  }
}

TEST_F(SecretsTest, AScopeHasAThousandSecretsAtMost) {
  ASSERT_TRUE(secrets().CreateScope(ctx_, "s").ok());
  ASSERT_TRUE(secrets().Put(ctx_, "s", "k", "v").ok());
  const std::filesystem::path file = OnlyFile("values");
  for (size_t i = 1; i < Secrets::kSecretsPerScopeMax; ++i) {
    std::filesystem::copy(file, file.string() + std::to_string(i));
  }
  EXPECT_EQ(ConditionOf(secrets().Put(ctx_, "s", "more", "v")), "INVALID_PARAMETER_VALUE");
  EXPECT_TRUE(secrets().Put(ctx_, "s", "k", "new").ok());
}

TEST_F(SecretsTest, NobodyElseReadsTheFolderAndNoFileHoldsTheValue) {
  ASSERT_TRUE(secrets().CreateScope(ctx_, "s").ok());
  ASSERT_TRUE(secrets().Put(ctx_, "s", "k", "a value of some length").ok());
  EXPECT_EQ(ModeOf(Folder()), 0700U);
  EXPECT_EQ(ModeOf(Folder() / "key"), 0600U);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    if (entry.is_regular_file()) {
      EXPECT_THAT(ReadFile(entry.path()), Not(HasSubstr("a value"))) << entry.path();
    }
  }
}

TEST_F(SecretsTest, ABackupHasThemToo) {
  ASSERT_TRUE(secrets().CreateScope(ctx_, "s").ok());
  ASSERT_TRUE(secrets().Put(ctx_, "s", "k", "v").ok());
  ASSERT_TRUE(lake_->Backup(ctx_, folder_ + "/copy").ok());
  EXPECT_EQ(ModeOf(folder_ + "/copy/secrets"), 0700U);
  EXPECT_EQ(ModeOf(folder_ + "/copy/secrets/key"), 0600U);
  const auto copy = Lake::Open(ctx_, folder_ + "/copy", {.must_exist = true});
  ASSERT_TRUE(copy.ok()) << copy.error().ToString();
  EXPECT_EQ(*(*copy)->secrets().Get(ctx_, "s", "k"), "v");
}

TEST_F(SecretsTest, AnyChangeOfAFileIsNoticed) {
  ASSERT_TRUE(secrets().CreateScope(ctx_, "s").ok());
  ASSERT_TRUE(secrets().Put(ctx_, "s", "k", "value").ok());
  for (const std::filesystem::path& file :
       {OnlyFile("values"), OnlyFile("scopes"), Folder() / "key"}) {
    const std::string good = ReadFile(file);
    for (size_t i = 0; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
      WriteFile(file, bad);
      EXPECT_EQ(ConditionOf(secrets().Get(ctx_, "s", "k")), "SECRET_STORE_CORRUPT") << file << i;
      WriteFile(file, good.substr(0, i));
      EXPECT_EQ(ConditionOf(secrets().Get(ctx_, "s", "k")), "SECRET_STORE_CORRUPT") << file << i;
    }
    WriteFile(file, good + "x");
    EXPECT_EQ(ConditionOf(secrets().Get(ctx_, "s", "k")), "SECRET_STORE_CORRUPT") << file;
    WriteFile(file, good);
    EXPECT_EQ(*secrets().Get(ctx_, "s", "k"), "value");
  }
}

TEST_F(SecretsTest, FilesCannotTakeEachOthersPlace) {
  for (const char* scope : {"a", "b"}) {
    ASSERT_TRUE(secrets().CreateScope(ctx_, scope).ok());
  }
  ASSERT_TRUE(secrets().Put(ctx_, "a", "k", "v").ok());
  const std::filesystem::path file = OnlyFile("values");
  std::filesystem::copy(file, file.parent_path() / "secret-other");
  EXPECT_EQ(ConditionOf(secrets().Get(ctx_, "a", "other")), "SECRET_STORE_CORRUPT");
  std::filesystem::copy(Folder() / "scopes/scope-a", Folder() / "scopes/scope-b",
                        std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(ConditionOf(secrets().Get(ctx_, "b", "k")), "SECRET_STORE_CORRUPT");
}

TEST_F(SecretsTest, AnotherKeyOrNoneOpensNothingButScopesCanGo) {
  ASSERT_TRUE(secrets().CreateScope(ctx_, "s").ok());
  ASSERT_TRUE(secrets().Put(ctx_, "s", "k", "v").ok());
  ReopenWithKey(std::string(64, '7'));
  EXPECT_EQ(ConditionOf(secrets().Get(ctx_, "s", "k")), "SECRET_STORE_CORRUPT");
  EXPECT_EQ(ConditionOf(secrets().ListScopes(ctx_)), "SECRET_STORE_CORRUPT");
  ReopenWithKey(std::string(63, '7') + "x");
  const auto bad = secrets().Get(ctx_, "s", "k");
  EXPECT_EQ(ConditionOf(bad), "INVALID_PARAMETER_VALUE");
  EXPECT_THAT(bad.error().ToString(), Not(HasSubstr("777")));
  Reopen();
  std::filesystem::remove(Folder() / "key");
  EXPECT_EQ(ConditionOf(secrets().Get(ctx_, "s", "k")), "SECRET_STORE_CORRUPT");
  EXPECT_EQ(ConditionOf(secrets().CreateScope(ctx_, "t")), "SECRET_STORE_CORRUPT");
  ASSERT_TRUE(secrets().DeleteScope(ctx_, "s").ok());
  ASSERT_TRUE(secrets().CreateScope(ctx_, "s").ok());
  EXPECT_THAT(Keys("s"), IsEmpty());
}

TEST_F(SecretsTest, AKeyThatIsGivenIsNotStored) {
  ReopenWithKey(std::string(64, 'A'));
  ASSERT_TRUE(secrets().CreateScope(ctx_, "s").ok());
  ASSERT_TRUE(secrets().Put(ctx_, "s", "k", "v").ok());
  EXPECT_FALSE(std::filesystem::exists(Folder() / "key"));
  ReopenWithKey(std::string(64, 'a'));
  EXPECT_EQ(*secrets().Get(ctx_, "s", "k"), "v");
}

TEST_F(SecretsTest, WritersAtOnceAgreeOnOneKeyAndLoseNothing) {
  {
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < 4; ++writer) {
      threads.emplace_back([this, writer] {
        const auto lake = Lake::Open(ctx_, folder_ + "/lake");
        ASSERT_TRUE(lake.ok()) << lake.error().ToString();
        const Secrets& own = (*lake)->secrets();
        const std::string name = "s" + std::to_string(writer);
        ASSERT_TRUE(own.CreateScope(ctx_, name).ok());
        (void)own.CreateScope(ctx_, "shared");
        for (int i = 0; i < 20; ++i) {
          ASSERT_TRUE(own.Put(ctx_, "shared", name, "v" + std::to_string(i)).ok());
          ASSERT_TRUE(own.Put(ctx_, "shared", "one", std::string(100, 'a' + writer)).ok());
        }
      });
    }
  }
  EXPECT_EQ(secrets().ListScopes(ctx_)->size(), 5U);
  for (int writer = 0; writer < 4; ++writer) {
    EXPECT_EQ(*secrets().Get(ctx_, "shared", "s" + std::to_string(writer)), "v19");
  }
  const std::string one = *secrets().Get(ctx_, "shared", "one");
  EXPECT_EQ(one, std::string(100, one[0]));
}

}  // namespace
}  // namespace tarn::catalog
