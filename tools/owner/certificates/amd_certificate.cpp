// SPDX-License-Identifier: Apache-2.0
#include "owner/certificates/amd_certificate.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "owner/certificates/amd_roots.h"

namespace oskbc::owner {
namespace {

using core::Bytes;
using core::ByteView;
using core::fail;
using core::Status;

// The header; after it exponent, modulus and signature, each as long as the modulus.
constexpr std::size_t kKeyId = 4;
constexpr std::size_t kCertifyingId = 20;
constexpr std::size_t kUsage = 36;
constexpr std::size_t kReserved = 40;
constexpr std::size_t kReservedSize = 16;
constexpr std::size_t kExponentBits = 56;
constexpr std::size_t kModulusBits = 60;
constexpr std::size_t kFields = 3;

bool is_amd_usage(std::uint32_t number) {
  return number == static_cast<std::uint32_t>(Usage::ark) ||
         number == static_cast<std::uint32_t>(Usage::ask);
}

}  // namespace

std::optional<std::size_t> AmdCertificate::size_at_start(ByteView bytes) noexcept {
  if (bytes.size() < kHeaderSize || !is_amd_usage(tools::load_le<std::uint32_t>(bytes, kUsage)))
    return std::nullopt;
  const std::uint32_t bits = tools::load_le<std::uint32_t>(bytes, kModulusBits);
  if (bits != 2048 && bits != 4096) return std::nullopt;
  return kHeaderSize + kFields * bits / 8;
}

AmdCertificate AmdCertificate::parse(ByteView bytes, const std::string& file) {
  AmdCertificate certificate(bytes, file);
  certificate.check_header();
  certificate.usage_ = static_cast<Usage>(tools::load_le<std::uint32_t>(bytes, kUsage));
  certificate.read_key();
  return certificate;
}

void AmdCertificate::check_header() const {
  const char* file = file_.c_str();
  const auto size = size_at_start(bytes_);
  if (!size) fail(Status::argument, "%s: this is no ASK or ARK of 2048 or 4096 bits", file);
  if (bytes_.size() != *size && !is_short()) {
    fail(Status::argument, "%s: it has %zu bytes; its kind has %zu", file, bytes_.size(), *size);
  }
  const std::uint32_t version = tools::load_le<std::uint32_t>(bytes_, 0);
  if (version != 1) fail(Status::argument, "%s: its version is %u; only 1 is known", file, version);
  if (!tools::all_zero(bytes().subspan(kReserved, kReservedSize))) {
    fail(Status::argument, "%s: its reserved bytes are not zero", file);
  }
  if (tools::load_le<std::uint32_t>(bytes_, kExponentBits) !=
      tools::load_le<std::uint32_t>(bytes_, kModulusBits)) {
    fail(Status::argument, "%s: its exponent's field is not as long as its modulus", file);
  }
}

void AmdCertificate::read_key() {
  key_ = PublicKey::from_rsa(tools::reversed(field(1)), tools::reversed(field(0)));
  if (key_) return;
  fail(Status::argument, "%s: its RSA key is none: an even or short modulus, or an even exponent",
       file_.c_str());
}

ByteView AmdCertificate::field(std::size_t number) const noexcept {
  const std::size_t size = tools::load_le<std::uint32_t>(bytes_, kModulusBits) / 8;
  return bytes().subspan(kHeaderSize + number * size, size);
}

ByteView AmdCertificate::key_id() const noexcept { return bytes().subspan(kKeyId, kKeyIdSize); }

ByteView AmdCertificate::certifying_id() const noexcept {
  return bytes().subspan(kCertifyingId, kKeyIdSize);
}

bool AmdCertificate::is_short() const { return size_of_short_ark(bytes_) == bytes_.size(); }

bool AmdCertificate::is_signed_by(const AmdCertificate& signer) const {
  if (!std::ranges::equal(certifying_id(), signer.key_id())) return false;
  // Known by its SHA-256 to be AMD's, which says more than a signature of its own.
  if (is_short()) return true;
  const ByteView signature = field(2);
  const std::size_t size = signer.key().rsa_size();
  // A 2048-bit key under one of 4096 bits would have no room for the signature.
  if (signature.size() < size) return false;
  const HashAlgorithm hash = size == 2048 / 8 ? HashAlgorithm::sha256 : HashAlgorithm::sha384;
  return signer.key().verifies_pss(hash, bytes().first(bytes_.size() - signature.size()),
                                   signature);
}

}  // namespace oskbc::owner
