// SPDX-License-Identifier: Apache-2.0
#include "broker/state_key.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "broker/files.h"
#include "common/file_writer.h"
#include "common/io.h"
#include "common/text.h"
#include "format/base64.h"
#include "owner/crypto/aes.h"
#include "owner/crypto/hash.h"

namespace oskbc::broker {
namespace {

using core::ByteView;
using core::fail;
using core::SecretBytes;
using core::Status;

constexpr std::size_t kKeySize = owner::kGcmKeySize;
// Base64 of a key, with a line end or two.
constexpr std::size_t kKeyFileLimit = 64;
constexpr std::size_t kFingerprintSize = 16;

SecretBytes part_of(const SecretBytes& bytes, std::size_t offset) {
  SecretBytes part(owner::kTransportKeySize);
  std::ranges::copy(bytes.expose().subspan(offset, part.size()), part.expose_writable().begin());
  return part;
}

std::string_view without_line_ends(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

StateKey key_in(SecretBytes bytes, const std::string& file) {
  if (bytes.size() == kKeySize) return StateKey(std::move(bytes));
  SecretBytes key(kKeySize);
  if (!core::base64::decode(without_line_ends(bytes.expose_text()), key.expose_writable())) {
    fail(Status::argument, "%s is no key of the state: 32 random bytes are needed, or base64 of 32",
         file.c_str());
  }
  return StateKey(std::move(key));
}

}  // namespace

StateKey StateKey::read(const std::string& file) {
  return key_in(read_private_file(file, kKeyFileLimit), file);
}

StateKey StateKey::read_credential(const std::string& file) {
  return key_in(tools::read_file(file, kKeyFileLimit, Status::argument), file);
}

StateKey StateKey::read_or_make(const std::string& file, bool& made) {
  made = ::access(file.c_str(), F_OK) != 0;
  if (made) {
    SecretBytes key(kKeySize);
    owner::SystemRandom().fill(key.expose_writable());
    tools::write_file(file, key.expose(), tools::FileMode::secret, false);
  }
  return read(file);
}

std::string StateKey::fingerprint() const {
  constexpr std::string_view kPurpose = "oskbc fingerprint of a state's key";
  const owner::Mac mac = owner::hmac_sha256(key_.expose(), {core::as_bytes(kPurpose)});
  return tools::to_hex(ByteView(mac).first(kFingerprintSize));
}

StateKey StateKey::derive(std::string_view purpose) const {
  return StateKey(owner::derive_key(key_.expose(), purpose, {}, kKeySize));
}

owner::Mac StateKey::mac(ByteView data) const { return owner::hmac_sha256(key_.expose(), {data}); }

std::string StateKey::seal(const owner::TransportKeys& keys, ByteView bound,
                           owner::Random& random) const {
  SecretBytes both(2 * owner::kTransportKeySize);
  const core::ByteSpan out = both.expose_writable();
  std::ranges::copy(keys.tek.expose(), out.begin());
  std::ranges::copy(keys.tik.expose(), out.subspan(owner::kTransportKeySize).begin());
  return tools::to_hex(owner::seal(key_.expose(), bound, both.expose(), random));
}

owner::TransportKeys StateKey::unseal(const std::string& sealed, ByteView bound) const {
  const auto bytes = tools::from_hex(sealed);
  if (!bytes) fail(Status::decrypt, "a launch in the state is not hexadecimal");
  const SecretBytes both = owner::unseal(key_.expose(), bound, *bytes);
  if (both.size() != 2 * owner::kTransportKeySize) {
    fail(Status::decrypt, "a launch in the state has not two keys");
  }
  return {part_of(both, 0), part_of(both, owner::kTransportKeySize)};
}

}  // namespace oskbc::broker
