// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <boost/filesystem.hpp>

#include "base/bytes.h"

namespace oskbc::test {

// A folder that is removed with the object.
class TempFolder {
 public:
  TempFolder()
      : path_(boost::filesystem::temp_directory_path() /
              boost::filesystem::unique_path("oskbc-owner-%%%%%%%%%%%%")) {
    boost::filesystem::create_directories(path_);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    boost::system::error_code ignored;
    boost::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string path(const std::string& name = "") const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }
  std::string write(const std::string& name, std::string_view content) const {
    boost::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream file(path(name), std::ios::binary);
    file << content;
    return path(name);
  }
  std::string write(const std::string& name, core::ByteView content) const {
    return write(name, core::as_text(content));
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] bool has(const std::string& name) const {
    return boost::filesystem::exists(boost::filesystem::symlink_status(path_ / name));
  }
  [[nodiscard]] unsigned mode(const std::string& name) const {
    return static_cast<unsigned>(boost::filesystem::status(path_ / name).permissions()) & 07777U;
  }
  // Of the folder itself.
  [[nodiscard]] std::size_t count() const {
    using Iterator = boost::filesystem::directory_iterator;
    return static_cast<std::size_t>(std::distance(Iterator(path_), Iterator()));
  }

 private:
  boost::filesystem::path path_;
};

}  // namespace oskbc::test
