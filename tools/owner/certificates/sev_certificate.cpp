// SPDX-License-Identifier: Apache-2.0
#include "owner/certificates/sev_certificate.h"

#include <algorithm>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "owner/certificates/sev_certificate_parser.h"

namespace oskbc::owner {
namespace {

using core::ByteSpan;
using core::ByteView;
namespace layout = sev_layout;

void write_number(ByteSpan field, const p384::Number& number) {
  tools::copy_reversed(number, field.first(p384::kSize));
}

p384::Signature read_ecdsa(ByteView value) {
  p384::Signature signature;
  tools::copy_reversed(value.first(p384::kSize), signature.r);
  tools::copy_reversed(value.subspan(layout::kCoordinateSize, p384::kSize), signature.s);
  return signature;
}

void write_ecdsa(ByteSpan value, const p384::Signature& signature) {
  write_number(value, signature.r);
  write_number(value.subspan(layout::kCoordinateSize), signature.s);
}

template <typename Number>
void write_u32(ByteSpan bytes, std::size_t offset, Number number) {
  tools::store_le(bytes, offset, static_cast<std::uint32_t>(number));
}

void write_public_half(ByteSpan bytes, const p384::Point& point) {
  write_u32(bytes, 0, layout::kVersion);
  write_u32(bytes, layout::kUsage, Usage::pdh);
  write_u32(bytes, layout::kAlgorithm, Algorithm::ecdh_sha256);
  write_u32(bytes, layout::kCurve, layout::kCurveP384);
  write_number(bytes.subspan(layout::kX), point.x);
  write_number(bytes.subspan(layout::kY), point.y);
}

SignaturePlace place_at(ByteView bytes, std::size_t index) {
  const ByteView place =
      bytes.subspan(layout::kSignatures + index * layout::kSignatureSize, layout::kSignatureSize);
  return {static_cast<Usage>(tools::load_le<std::uint32_t>(place, 0)),
          static_cast<Algorithm>(tools::load_le<std::uint32_t>(place, 4)),
          place.subspan(layout::kSignatureValue)};
}

// The hash of a signature that a key of this kind can make.
std::optional<HashAlgorithm> hash_of(Algorithm algorithm, bool rsa) {
  if (algorithm == (rsa ? Algorithm::rsa_sha256 : Algorithm::ecdsa_sha256))
    return HashAlgorithm::sha256;
  if (algorithm == (rsa ? Algorithm::rsa_sha384 : Algorithm::ecdsa_sha384))
    return HashAlgorithm::sha384;
  return std::nullopt;
}

bool is_used(const SignaturePlace& place) {
  return place.usage != Usage::none && place.algorithm != Algorithm::none &&
         !tools::all_zero(place.value);
}

}  // namespace

const char* name_of(Usage usage) noexcept {
  switch (usage) {
    case Usage::ark:
      return "ARK";
    case Usage::ask:
      return "ASK";
    case Usage::none:
      return "none";
    case Usage::oca:
      return "OCA";
    case Usage::pek:
      return "PEK";
    case Usage::pdh:
      return "PDH";
    case Usage::cek:
      return "CEK";
  }
  return "";
}

SevCertificate SevCertificate::parse(ByteView bytes, const std::string& file) {
  return SevCertificateParser(bytes, file).parse();
}

SevCertificate SevCertificate::make_godh(const PrivateKey& key) {
  std::array<std::uint8_t, kSize> bytes{};
  const ByteSpan all = bytes;
  write_public_half(all, key.point());
  // The signer's usage as AMD's tool writes it, though a PEK has nothing to do with it.
  write_u32(all, layout::kSignatures, Usage::pek);
  write_u32(all, layout::kSignatures + 4, Algorithm::ecdsa_sha256);
  write_ecdsa(all.subspan(layout::kSignatures + layout::kSignatureValue),
              key.sign(HashAlgorithm::sha256, all.first(kSignedSize)));
  write_u32(all, layout::kSignatures + layout::kSignatureSize, Usage::none);
  return parse(bytes, "GODH");
}

void SevCertificate::require(Usage usage) const {
  if (usage_ == usage) return;
  core::fail(core::Status::argument, "%s: this is a %s certificate (usage 0x%x); a %s is needed",
             file_.c_str(), name_of(usage_), static_cast<unsigned>(usage_), name_of(usage));
}

const p384::Point& SevCertificate::pdh_point() const {
  require(Usage::pdh);
  return point_;
}

ByteView SevCertificate::public_key_bytes() const noexcept {
  return bytes().subspan(layout::kPublicKey, layout::kPublicKeySize);
}

std::optional<SignaturePlace> SevCertificate::signature_by(Usage signer) const noexcept {
  for (std::size_t i = 0; i < kSignaturePlaces; ++i) {
    const SignaturePlace place = place_at(bytes_, i);
    if (place.usage == signer && is_used(place)) return place;
  }
  return std::nullopt;
}

bool SevCertificate::is_signed() const noexcept {
  return is_used(place_at(bytes_, 0)) || is_used(place_at(bytes_, 1));
}

bool SevCertificate::is_signed_by(Usage signer, const PublicKey& key) const {
  const auto signature = signature_by(signer);
  if (!signature) return false;
  const auto hash = hash_of(signature->algorithm, key.is_rsa());
  if (!hash) return false;
  if (key.is_rsa()) return key.verifies_pss(*hash, signed_bytes(), signature->value);
  return key.verifies(*hash, signed_bytes(), read_ecdsa(signature->value));
}

}  // namespace oskbc::owner
