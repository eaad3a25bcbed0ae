#include "driver.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tarn/base/random.h"

namespace {

std::string current_input;
std::string crash_name;

void SaveInput(int signal) {
  std::ofstream(crash_name, std::ios::binary) << current_input;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void ReadExamples(const std::filesystem::path& path, std::vector<std::string>& seeds) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(path)) {
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  } else {
    files.push_back(path);
  }
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
}

std::string Mutate(const std::vector<std::string>& seeds, tarn::Random& random) {
  std::string text = seeds[random.Below(seeds.size())];
  for (uint64_t steps = 1 + random.Below(6); steps > 0; --steps) {
    const size_t at = text.empty() ? 0 : random.Below(text.size());
    switch (random.Below(7)) {
      case 0:
        if (!text.empty()) text[at] = static_cast<char>(random.Next());
        break;
      case 1:
        if (!text.empty()) text[at] ^= static_cast<char>(1 << random.Below(8));
        break;
      case 2:
        text.resize(at);
        break;
      case 3:
        text.erase(at, random.Below(20));
        break;
      case 4:
        text.insert(at, text.substr(random.Below(text.size() + 1), random.Below(40)));
        break;
      case 5: {
        const std::string& other = seeds[random.Below(seeds.size())];
        text.insert(at, other.substr(random.Below(other.size() + 1), random.Below(200)));
        break;
      }
      default: {
        constexpr const char* kWords[] = {
            "{",    "}",  "[",  "\"",     "\\u0000", "\\", "-1", "1e999", "99999999999999999999",
            "null", "\n", "..", "%2e%2e/"};
        text.insert(at, kWords[random.Below(std::size(kWords))]);
      }
    }
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t runs = 100'000;
  uint64_t seed = 1;
  std::vector<std::string> seeds = FuzzSeeds();
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--runs") == 0 && i + 1 < argc) {
      runs = std::strtoull(argv[++i], nullptr, 10);
    } else if (std::strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      ReadExamples(argv[i], seeds);
    }
  }
  crash_name = "crash-" + std::filesystem::path(argv[0]).filename().string();
  std::signal(SIGABRT, SaveInput);
  std::signal(SIGSEGV, SaveInput);
  for (const std::string& text : seeds) {
    current_input = text;
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }
  for (uint64_t run = 0; run < runs; ++run) {
    tarn::Random random(seed * 1'000'003 + run);
    current_input = Mutate(seeds, random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(current_input.data()),
                           current_input.size());
  }
  std::printf("%llu runs from seed %llu: no failure\n", static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(seed));
  return 0;
}
