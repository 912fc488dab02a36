// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>
#include <string_view>

#include <boost/filesystem.hpp>

namespace oskbc::test {

// A directory of its own that is gone at the end; a place for fake trees.
class TempTree {
 public:
  TempTree()
      : root_(boost::filesystem::temp_directory_path() /
              boost::filesystem::unique_path("oskbc-%%%%-%%%%-%%%%")) {
    boost::filesystem::create_directories(root_);
  }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;
  ~TempTree() {
    boost::system::error_code ignored;
    boost::filesystem::remove_all(root_, ignored);
  }

  [[nodiscard]] std::string path(std::string_view below = {}) const {
    return below.empty() ? root_.string() : (root_ / std::string(below)).string();
  }
  std::string make_folder(std::string_view below) const {
    boost::filesystem::create_directories(path(below));
    return path(below);
  }
  std::string write(std::string_view below, std::string_view content) const {
    boost::filesystem::create_directories(boost::filesystem::path(path(below)).parent_path());
    std::ofstream(path(below), std::ios::binary) << content;
    return path(below);
  }
  [[nodiscard]] bool has(std::string_view below) const {
    return boost::filesystem::exists(boost::filesystem::symlink_status(path(below)));
  }

 private:
  boost::filesystem::path root_;
};

// Places below a root, as the kernel has them.
inline constexpr std::string_view kSecurityfs = "sys/kernel/security";
inline constexpr std::string_view kFolder = "sys/kernel/security/secrets/coco";
inline constexpr std::string_view kOldFolder = "sys/kernel/security/coco/efi_secret";
inline constexpr std::string_view kKeysetFile =
    "sys/kernel/security/secrets/coco/e6f5a162-d67f-4750-a67c-5d065f2a9910";
inline constexpr std::string_view kOldKeysetFile =
    "sys/kernel/security/coco/efi_secret/e6f5a162-d67f-4750-a67c-5d065f2a9910";

}  // namespace oskbc::test
