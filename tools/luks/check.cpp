// SPDX-License-Identifier: Apache-2.0
#include "luks/check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "common/error.h"
#include "common/file_trust.h"
#include "common/file_writer.h"
#include "common/text.h"

namespace oskbc::luks {
namespace {

using core::ByteSpan;
using core::fail;
using core::Status;
using core::UniqueFd;
using tools::refuse;

// Of a text from the header, in a message.
constexpr std::size_t kShown = 64;

std::string shown(const std::string& text) { return tools::printable(text.substr(0, kShown)); }

bool is_null(std::string_view cipher) { return cipher.find("null") != std::string_view::npos; }

void compare_cipher(const std::string& what, const std::string& found, const std::string& wanted) {
  if (is_null(found)) {
    refuse(
        "%s has a null cipher: whatever is written there is in plain, and any passphrase opens it",
        what.c_str());
  }
  if (found != wanted) {
    refuse("%s has the cipher %s, and not %s", what.c_str(), shown(found).c_str(), wanted.c_str());
  }
}

// cryptsetup calls "hmac(sha256)", which the header has, hmac-sha256.
std::string in_header(const std::string& integrity) {
  return integrity.starts_with("hmac-") ? "hmac(" + integrity.substr(5) + ")" : integrity;
}

std::uint64_t key_bits(const Wanted& wanted) {
  if (wanted.key_bits != 0) return wanted.key_bits;
  return wanted.cipher.find("-xts-") != std::string::npos ? 512 : 256;
}

// A FIFO's writer or a terminal is nothing to wait for.
UniqueFd open_device(const std::string& device) {
  UniqueFd fd(open(device.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat about {};
  if (fd.get() < 0 || fstat(fd.get(), &about) != 0) tools::fail_io("opening", device);
  if (!S_ISBLK(about.st_mode) && !S_ISREG(about.st_mode)) {
    fail(Status::argument, "%s is neither a disk nor a file", device.c_str());
  }
  return fd;
}

// What is not there makes a header that is cut off.
std::size_t read_at(const UniqueFd& fd, ByteSpan out, std::size_t offset,
                    const std::string& device) {
  std::size_t count = 0;
  while (count < out.size()) {
    const ssize_t now =
        pread(fd.get(), out.data() + count, out.size() - count, static_cast<off_t>(offset + count));
    if (now < 0 && errno != EINTR) tools::fail_io("reading", device);
    if (now == 0) break;
    if (now > 0) count += static_cast<std::size_t>(now);
  }
  return count;
}

// Appends up to `size` bytes in all.
void read_up_to(const UniqueFd& fd, core::Bytes& bytes, std::size_t size,
                const std::string& device) {
  const std::size_t before = bytes.size();
  bytes.resize(size);
  const std::size_t count = read_at(fd, ByteSpan(bytes).subspan(before), before, device);
  bytes.resize(before + count);
}

}  // namespace

void check_uuid(const std::string& uuid) {
  const auto is_hex_or_dash = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
  };
  if (uuid.size() == 36 && std::all_of(uuid.begin(), uuid.end(), is_hex_or_dash)) return;
  fail(Status::argument,
       "the UUID is none; take the one that cryptsetup luksUUID prints, in small letters");
}

void check_cipher(const std::string& cipher) {
  if (!cipher.empty() && !is_null(cipher)) return;
  fail(
      Status::argument,
      "there is no cipher, or a null one, which encrypts nothing; take the one that cryptsetup luksDump prints, such as aes-xts-plain64");
}

void check_wanted(const Wanted& wanted) {
  check_uuid(wanted.uuid);
  check_cipher(wanted.cipher);
  if (!wanted.keyslot_cipher.empty()) check_cipher(wanted.keyslot_cipher);
  if (wanted.integrity.empty() || wanted.key_bits % 8 != 0) {
    fail(
        Status::argument,
        "the integrity is empty, or the key's bits are no whole bytes; integrity is none, or such as hmac-sha256");
  }
}

void check(const Header& header, const Wanted& wanted) {
  const std::string& keyslot_cipher =
      wanted.keyslot_cipher.empty() ? wanted.cipher : wanted.keyslot_cipher;
  compare_cipher("the disk's segment", header.cipher, wanted.cipher);
  for (const Keyslot& keyslot : header.keyslots) {
    compare_cipher(keyslot.name, keyslot.cipher, keyslot_cipher);
  }
  if (header.integrity != in_header(wanted.integrity)) {
    refuse("the disk's integrity is %s, and not %s", shown(header.integrity).c_str(),
           wanted.integrity.c_str());
  }
  if (header.key_size * 8 != key_bits(wanted)) {
    refuse("the volume's key has %llu bits, and not %llu",
           static_cast<unsigned long long>(header.key_size * 8),
           static_cast<unsigned long long>(key_bits(wanted)));
  }
  if (header.uuid != wanted.uuid) {
    refuse("the disk has the UUID %s, and not %s", shown(header.uuid).c_str(), wanted.uuid.c_str());
  }
}

Header check_device(const std::string& device, const Wanted& wanted, const std::string& copy) {
  check_wanted(wanted);
  if (!copy.empty() && !tools::is_in_memory(copy)) {
    fail(
        Status::argument,
        "%s is neither on tmpfs nor on ramfs, where the host could change it; take a file below /run",
        copy.c_str());
  }
  const UniqueFd fd = open_device(device);
  core::Bytes bytes;
  read_up_to(fd, bytes, kBinarySize, device);
  read_up_to(fd, bytes, 2 * copy_size(bytes), device);
  Header header = read_header(bytes);
  check(header, wanted);
  if (!copy.empty()) {
    read_up_to(fd, bytes, header.whole_size, device);
    if (bytes.size() != header.whole_size) refuse("the keyslots' areas are cut off");
    tools::write_file(copy, bytes, tools::FileMode::secret, true);
  }
  return header;
}

}  // namespace oskbc::luks
