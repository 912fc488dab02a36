// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "host/archives.h"

namespace oskbc::host {

struct InitrdFile {
  std::string link;  // what a symbolic link points to
  bool is_file = false;
  core::Bytes content;  // of those that were asked for
};

// An initrd as the kernel reads it: cpio archives one after another, such as one of microcode that
// is not compressed and one of everything else that is. Of two files with one path, the last stays.
// Paths have no leading slash.
struct Initrd {
  std::map<std::string, InitrdFile> files;
  // How each archive is compressed; nullptr for one that is not.
  std::vector<const Compression*> archives;

  // Follows symbolic links, of folders too. nullptr where there is no such file.
  [[nodiscard]] const InitrdFile* find(std::string_view path) const;
};

// Tells how many bytes of the file at a path may be kept; 0 for none.
using WantedBytes = std::function<std::size_t(std::string_view path)>;

// Throws Status::argument for what the kernel could not read either, and for what is over a bound.
[[nodiscard]] Initrd read_initrd(core::ByteView bytes, const std::string& name,
                                 const WantedBytes& wanted);

}  // namespace oskbc::host
