// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "common/command_line.h"
#include "common/file_writer.h"

namespace oskbc::tools {

// These take a `bool` that starts as false.
Option& add_json(Command& command, bool& json);
Option& add_force(Command& command, bool& force,
                  const char* about = "Replace files that are there");

// `-o DIR`, which is needed: for an OutputDirectory.
Option& add_output_directory(Command& command, std::string& directory);

// A directory for files that belong together. It is made if it isn't there, for the user alone, and
// taken away again if nothing came into it.
class OutputDirectory {
 public:
  // Throws Status::io.
  explicit OutputDirectory(const std::string& path);
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;
  ~OutputDirectory();

  // The bytes stay the caller's until write().
  void add(const char* name, core::ByteView bytes, FileMode mode = FileMode::plain);
  // Writes all or none; what write_files() throws.
  void write(bool force);

  [[nodiscard]] std::string path_of(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
  std::vector<NewFile> files_;
  bool is_new_ = false;
};

}  // namespace oskbc::tools
