// SPDX-License-Identifier: Apache-2.0
#include "host/initrd.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "host/whole_file.h"

namespace oskbc::host {
namespace {

using core::ByteView;
using core::fail;
using core::Status;

// As many symbolic links as the kernel follows.
constexpr int kMaxLinks = 40;

// "./usr/bin/x" and "/usr/bin/x" are "usr/bin/x"; ".." goes up.
std::string normalised(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  std::string result;
  for (const std::string_view part : parts) {
    if (!result.empty()) result += '/';
    result += part;
  }
  return result;
}

// The kernel skips zeros between archives, which pad them.
std::size_t zeros_at(ByteView bytes) {
  const auto end = std::ranges::find_if(bytes, [](std::uint8_t byte) { return byte != 0; });
  return static_cast<std::size_t>(end - bytes.begin());
}

class Reader {
 public:
  Reader(const std::string& name, const WantedBytes& wanted) : name_(name), wanted_(wanted) {}

  Initrd read(ByteView bytes) {
    while (!(bytes = bytes.subspan(zeros_at(bytes))).empty()) {
      const Compression* compression = compression_of(bytes);
      bytes = bytes.subspan(compression != nullptr ? read_packed(bytes, compression)
                                                   : read_plain(bytes, nullptr));
    }
    if (initrd_.archives.empty()) fail(Status::argument, "%s holds no archive", name_.c_str());
    return std::move(initrd_);
  }

 private:
  std::size_t read_packed(ByteView bytes, const Compression* compression) {
    const Unpacked unpacked = unpack(bytes, room_, name_);
    if (unpacked.consumed == 0) fail(Status::argument, "%s is damaged", name_.c_str());
    room_ -= unpacked.bytes.size();
    ByteView rest = unpacked.bytes;
    while (!(rest = rest.subspan(zeros_at(rest))).empty()) {
      rest = rest.subspan(read_plain(rest, compression));
    }
    return unpacked.consumed;
  }

  std::size_t read_plain(ByteView bytes, const Compression* compression) {
    const std::string_view magic = core::as_text(bytes).substr(0, 6);
    if (magic != "070701" && magic != "070702") {
      fail(
          Status::argument,
          "%s is no initrd: where an archive has to be, there is neither cpio (newc) nor gzip, bzip2, xz, lzma, lz4 or zstd",
          name_.c_str());
    }
    initrd_.archives.push_back(compression);
    return read_cpio(bytes, name_, [this](const CpioEntry& entry, const ReadContent& read) {
      take(entry, read);
    });
  }

  void take(const CpioEntry& entry, const ReadContent& read) {
    const std::string path = normalised(entry.path);
    InitrdFile file = {entry.link, entry.is_file, {}};
    const std::size_t limit = entry.is_file ? wanted_(path) : 0;
    if (limit > 0) file.content = read(limit);
    initrd_.files.insert_or_assign(path, std::move(file));
  }

  const std::string& name_;
  const WantedBytes& wanted_;
  std::size_t room_ = bounds::kUnpackedInitrd;
  Initrd initrd_;
};

// The path with its first symbolic link replaced; the same path where there is none.
std::string follow(const Initrd& initrd, const std::string& path) {
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const auto found = initrd.files.find(path.substr(0, end));
    if (found == initrd.files.end() || found->second.link.empty()) continue;
    const std::string& link = found->second.link;
    const std::string folder = link.front() == '/' ? "" : found->first + "/../";
    return normalised(folder + link + path.substr(end));
  }
  return path;
}

}  // namespace

Initrd read_initrd(ByteView bytes, const std::string& name, const WantedBytes& wanted) {
  return Reader(name, wanted).read(bytes);
}

const InitrdFile* Initrd::find(std::string_view path) const {
  std::string current = normalised(path);
  for (int i = 0; i < kMaxLinks; ++i) {
    std::string next = follow(*this, current);
    if (next == current) break;
    current = std::move(next);
  }
  const auto found = files.find(current);
  return found != files.end() && found->second.is_file ? &found->second : nullptr;
}

}  // namespace oskbc::host
