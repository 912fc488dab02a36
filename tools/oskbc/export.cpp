// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "common/error.h"
#include "common/file_trust.h"
#include "common/io.h"
#include "common/json.h"
#include "format/base64.h"
#include "oskbc/commands.h"
#include "oskbc/key_source.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;

void require_memory(const std::string& path) {
  if (is_in_memory(path)) return;
  fail(
      Status::argument,
      "%s is neither on tmpfs nor on ramfs, so keys would be written to a disk; take a file below /run, or give --unsafe-any-filesystem",
      path.c_str());
}

// An object of id to base64, as a keyset is.
class KeysetText {
 public:
  void add(const std::string& id, const SecretBytes& value) {
    append(text_.empty() ? "{" : ",\n ");
    append(Json(id).line() + ": \"");
    const std::size_t start = text_.size();
    text_.resize(start + core::base64::encoded_size(value.size()));
    const core::ByteSpan place = text_.expose_writable().subspan(start);
    core::base64::encode(value.expose(), {reinterpret_cast<char*>(place.data()), place.size()});
    append("\"");
  }
  SecretBytes finish() {
    append(text_.empty() ? "{}\n" : "}\n");
    return std::move(text_);
  }

 private:
  void append(std::string_view words) {
    const std::size_t start = text_.size();
    text_.resize(start + words.size());
    std::copy(words.begin(), words.end(), text_.expose_writable().subspan(start).begin());
  }

  SecretBytes text_;
};

void write_all(int fd, core::ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) fail_io("writing", path);
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

// Whoever reads the file sees all of it or nothing.
void replace_file(const std::string& path, core::ByteView bytes) {
  const std::string temporary = path + ".new";
  unlink(temporary.c_str());
  const core::UniqueFd fd(
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd.get() < 0) fail_io("making", temporary);
  try {
    write_all(fd.get(), bytes, temporary);
    if (rename(temporary.c_str(), path.c_str()) != 0) fail_io("renaming to", path);
  } catch (const core::Error&) {
    unlink(temporary.c_str());
    throw;
  }
}

}  // namespace

int export_entries(const Settings& settings, const Export& wanted) {
  const std::string path = absolute_path(wanted.file);
  // First, because opening the keyset uses it up.
  if (!wanted.any_filesystem) require_memory(path);
  const auto source = KeySource::open(settings);
  std::vector<std::string> ids = wanted.ids;
  if (ids.empty()) {
    for (ttrpc::Entry& entry : source->entries()) ids.push_back(std::move(entry.id));
  }
  KeysetText text;
  for (const std::string& id : ids) text.add(id, source->resource(id));
  replace_file(path, text.finish().expose());
  return OSKBC_OK;
}

}  // namespace oskbc::tools
