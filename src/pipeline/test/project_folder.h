#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tarn/pipeline/definitions.h"
#include "tarn/pipeline/project.h"

namespace tarn::pipeline {

/// No scope has any secret.
inline const SecretFinder kNoSecrets = [](const std::string& scope, const std::string&) {
  return Result<std::string>(Error(Condition("SECRET_SCOPE_NOT_FOUND"), {{"scope", scope}}));
};

/// A folder of the test's own, into which it writes a project.
class ProjectFolder : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "tarn-" + info->test_suite_name() + "-" + info->name() + "-" +
              std::to_string(getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    options_.folder = folder_;
    options_.user = "ann.smith@example.com";
    context_.principal = "ann";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder_ + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  Result<Project> Load() { return LoadProject(context_, options_); }

  /// The first pipeline of a project that must load.
  PipelineSpec Pipeline() {
    auto project = Load();
    EXPECT_TRUE(project.ok()) << project.error().ToString();
    if (!project.ok() || project->pipelines.empty()) return {};
    return project->pipelines[0];
  }

  /// The error of a project that must not load.
  std::string Refusal() {
    auto project = Load();
    return project.ok() ? "it loads" : project.error().ToString();
  }

  std::string folder_;
  ProjectOptions options_;
  RequestContext context_;
};

}  // namespace tarn::pipeline
