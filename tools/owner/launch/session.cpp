// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/session.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "common/io.h"
#include "owner/crypto/aes.h"
#include "owner/crypto/hash.h"
#include "owner/crypto/private_key.h"

namespace oskbc::owner {
namespace {

using core::ByteSpan;
using core::ByteView;
using core::fail;
using core::SecretBytes;
using core::Status;

// Where things are in the blob.
constexpr std::size_t kNonce = 0;
constexpr std::size_t kWrappedKeys = 16;
constexpr std::size_t kWrappedKeysSize = 2 * kTransportKeySize;
constexpr std::size_t kWrapIv = 48;
constexpr std::size_t kWrapMac = 64;
constexpr std::size_t kPolicyMac = 96;

// As many bytes as wanted are the key itself, whatever they look like.
SecretBytes read_key_file(const std::string& file, std::size_t size) {
  constexpr std::size_t kLimit = 64;
  SecretBytes input = tools::read_input(file, kLimit, Status::argument);
  if (input.size() == size) return input;
  return tools::binary_or_base64(std::move(input), file);
}

SecretBytes draw(Random& random, std::size_t size) {
  SecretBytes bytes(size);
  random.fill(bytes.expose_writable());
  return bytes;
}

Nonce draw_nonce(Random& random) {
  Nonce nonce{};
  random.fill(nonce);
  return nonce;
}

// The TEK comes first.
void wrap(const SessionKeys& session, ByteView iv, const TransportKeys& keys, ByteSpan out) {
  SecretBytes both(kWrappedKeysSize);
  const ByteSpan halves = both.expose_writable();
  std::ranges::copy(keys.tek.expose(), halves.begin());
  std::ranges::copy(keys.tik.expose(), halves.subspan(kTransportKeySize).begin());
  aes_128_ctr(session.kek.expose(), iv, both.expose(), out);
}

}  // namespace

SessionKeys derive_session_keys(ByteView z, const Nonce& nonce) {
  SessionKeys keys;
  keys.master = derive_key(z, "sev-master-secret", nonce, kAesKeySize);
  keys.kek = derive_key(keys.master.expose(), "sev-kek", {}, kAesKeySize);
  keys.kik = derive_key(keys.master.expose(), "sev-kik", {}, kAesKeySize);
  return keys;
}

LaunchBlob make_launch_blob(const SessionKeys& session, const Nonce& nonce, const Nonce& wrap_iv,
                            const TransportKeys& keys, std::uint32_t policy) {
  LaunchBlob blob{};
  const ByteSpan all = blob;
  const ByteSpan wrapped = all.subspan(kWrappedKeys, kWrappedKeysSize);
  std::ranges::copy(nonce, all.subspan(kNonce).begin());
  wrap(session, wrap_iv, keys, wrapped);
  std::ranges::copy(wrap_iv, all.subspan(kWrapIv).begin());
  // Over the wrapped keys alone: neither nonce nor IV.
  hmac_sha256(session.kik.expose(), {wrapped}, all.subspan(kWrapMac, kMacSize));
  hmac_sha256(keys.tik.expose(), {tools::le_bytes(policy)}, all.subspan(kPolicyMac, kMacSize));
  return blob;
}

Session make_session(const SevCertificate& pdh, std::uint32_t policy, Random& random) {
  const p384::Point& platform = pdh.pdh_point();
  const PrivateKey key = PrivateKey::generate(random);
  const Nonce nonce = draw_nonce(random);
  TransportKeys keys;
  keys.tek = draw(random, kTransportKeySize);
  keys.tik = draw(random, kTransportKeySize);
  const Nonce wrap_iv = draw_nonce(random);
  const SessionKeys session = derive_session_keys(shared_secret(key, platform).expose(), nonce);
  const LaunchBlob blob = make_launch_blob(session, nonce, wrap_iv, keys, policy);
  return {SevCertificate::make_godh(key), blob, std::move(keys)};
}

SecretBytes read_transport_key(const std::string& file, const char* name) {
  SecretBytes key = read_key_file(file, kTransportKeySize);
  if (key.size() == kTransportKeySize) return key;
  fail(Status::argument, "%s: a %s has %zu bytes, this has %zu%s", file.c_str(), name,
       kTransportKeySize, key.size(),
       key.size() == 2 * kTransportKeySize ? "; a file of TEK and TIK is for --tk" : "");
}

TransportKeys read_transport_keys(const std::string& file) {
  const SecretBytes both = read_key_file(file, 2 * kTransportKeySize);
  if (both.size() != 2 * kTransportKeySize) {
    fail(Status::argument, "%s: TEK and TIK together have %zu bytes, this has %zu", file.c_str(),
         2 * kTransportKeySize, both.size());
  }
  const auto half = [&](std::size_t start) {
    SecretBytes key(kTransportKeySize);
    std::ranges::copy(both.expose().subspan(start, kTransportKeySize),
                      key.expose_writable().begin());
    return key;
  };
  return {half(0), half(kTransportKeySize)};
}

}  // namespace oskbc::owner
