// SPDX-License-Identifier: Apache-2.0

#include "common/io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "common/error.h"
#include "format/base64.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;

constexpr std::size_t kFirstRead = 16384;
constexpr std::size_t kBlock = std::size_t{1} << 17;

// Of the process, as its standard output is.
std::atomic<std::size_t> written = 0;

std::size_t read_some(int fd, const std::string& name, core::ByteSpan out) {
  ssize_t count = 0;
  do {
    count = ::read(fd, out.data(), out.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail_io("reading", name);
  return static_cast<std::size_t>(count);
}

// What a file has, and one more to meet its end: growing would have it in memory twice. Some files
// tell no size.
std::size_t first_read(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return kFirstRead;
  return std::max(kFirstRead, static_cast<std::size_t>(status.st_size) + 1);
}

SecretBytes read_all(int fd, const std::string& name, std::size_t limit, Status too_long) {
  SecretBytes bytes(std::min(first_read(fd), limit + 1));
  std::size_t used = 0;
  for (;;) {
    const std::size_t count = read_some(fd, name, bytes.expose_writable().subspan(used));
    if (count == 0) break;
    used += count;
    if (used > limit) fail(too_long, "%s has more than %zu bytes", name.c_str(), limit);
    if (used == bytes.size()) bytes.resize(std::min(2 * used, limit + 1));
  }
  bytes.resize(used);
  return bytes;
}

bool is_space(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_text(core::ByteView bytes) {
  return !bytes.empty() && std::ranges::all_of(bytes, [](std::uint8_t c) {
    return is_space(c) || (c > 0x20 && c < 0x7f);
  });
}

SecretBytes without_space(core::ByteView text) {
  SecretBytes kept(text.size());
  const auto end = std::ranges::remove_copy_if(text, kept.expose_writable().begin(), is_space).out;
  kept.resize(static_cast<std::size_t>(end - kept.expose_writable().begin()));
  return kept;
}

SecretBytes decode(const SecretBytes& text, const std::string& name) {
  const SecretBytes kept = without_space(text.expose());
  SecretBytes bytes(core::base64::decoded_size(kept.expose_text()).value_or(0));
  if (bytes.empty() || !core::base64::decode(kept.expose_text(), bytes.expose_writable())) {
    fail(Status::argument, "%s: this is text, but not base64", name.c_str());
  }
  return bytes;
}

}  // namespace

SecretBytes read_input(const std::string& file, std::size_t limit, Status too_long) {
  if (file == "-") return read_all(STDIN_FILENO, "standard input", limit, too_long);
  const std::string path = absolute_path(file);
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (fd.get() < 0) fail_io("opening", path);
  return read_all(fd.get(), path, limit, too_long);
}

SecretBytes read_file(const std::string& file, std::size_t limit, Status too_long) {
  const std::string path = absolute_path(file);
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  if (fd.get() < 0 || ::fstat(fd.get(), &status) != 0) fail_io("opening", path);
  if (!S_ISREG(status.st_mode)) fail(Status::io, "%s is not a regular file", path.c_str());
  return read_all(fd.get(), path, limit, too_long);
}

void read_blocks(const std::string& file, const TakeBlock& take) {
  if (file == "-") return read_blocks(STDIN_FILENO, "standard input", take);
  const std::string path = absolute_path(file);
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (fd.get() < 0) fail_io("opening", path);
  read_blocks(fd.get(), path, take);
}

void read_blocks(int fd, const std::string& name, const TakeBlock& take) {
  core::Bytes block(kBlock);
  for (;;) {
    const ssize_t count = ::read(fd, block.data(), block.size());
    if (count == 0) return;
    if (count > 0) take(core::ByteView(block).first(static_cast<std::size_t>(count)));
    if (count < 0 && errno != EINTR) fail_io("reading", name);
  }
}

SecretBytes binary_or_base64(SecretBytes input, const std::string& name) {
  return is_text(input.expose()) ? decode(input, name) : std::move(input);
}

SecretBytes read_binary_or_base64(const std::string& file, std::size_t limit) {
  // As much again for base64, and for its line ends.
  SecretBytes bytes = binary_or_base64(read_input(file, 2 * limit, Status::argument), file);
  if (bytes.size() > limit) {
    fail(Status::argument, "%s: more than %zu bytes", file.c_str(), limit);
  }
  return bytes;
}

std::string absolute_path(const std::string& file) {
  if (file.starts_with('/')) return file;
  char folder[PATH_MAX];
  if (::getcwd(folder, sizeof folder) == nullptr) fail_io("finding", "the working directory");
  return std::string(folder) + "/" + file;
}

void write_output(core::ByteView bytes) {
  written += bytes.size();
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) fail_io("writing to", "standard output");
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void write_output(std::string_view text) { write_output(core::as_bytes(text)); }

std::size_t output_size() noexcept { return written; }

std::string credential_file(const std::string& name) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) return {};
  std::string file = std::string(folder) + "/" + name;
  return ::access(file.c_str(), F_OK) == 0 ? file : std::string();
}

void refuse_terminal() {
  if (isatty(STDOUT_FILENO) == 1) {
    fail(Status::argument,
         "standard output is a terminal, and this is a secret; redirect it, or use --force");
  }
}

}  // namespace oskbc::tools
