// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"

// Files that are there either whole or not at all: written beside their place under a name of their
// own, synced, and only then given their name.
namespace oskbc::tools {

enum class FileMode {
  secret,  // 0600
  plain,   // 0644, less the umask
};

struct NewFile {
  std::string path;
  core::ByteView bytes;
  FileMode mode = FileMode::plain;
};

// Writes one file. Without `force` nothing is overwritten, whoever makes the target in the
// meantime; with it only regular files and symbolic links are replaced (the link, not what it
// points to). Throws Status::argument if the target exists or has no name, Status::io for all else.
void write_file(const std::string& path, core::ByteView bytes, FileMode mode, bool force);

// Writes files that belong together: none gets its name before all are written, and if one can't
// have its name, those that were new are taken away again.
void write_files(std::span<const NewFile> files, bool force);

}  // namespace oskbc::tools
