// SPDX-License-Identifier: Apache-2.0
#include "owner/certificates/certificate_chain.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "common/text.h"
#include "owner/certificates/amd_roots.h"
#include "owner/certificates/sev_certificate_parser.h"

namespace oskbc::owner {
namespace {

using core::ByteView;
using core::fail;
using core::Status;

bool looks_like_sev(ByteView bytes) {
  if (bytes.size() < sev_layout::kPublicKey) return false;
  const std::uint32_t usage = tools::load_le<std::uint32_t>(bytes, sev_layout::kUsage);
  return usage >= static_cast<std::uint32_t>(Usage::oca) &&
         usage <= static_cast<std::uint32_t>(Usage::cek);
}

std::string place_name(const std::string& file, std::size_t offset) {
  return offset == 0 ? file : file + ", from byte " + std::to_string(offset);
}

[[noreturn]] void fail_differs(const char* kind, const std::string& a, const std::string& b) {
  fail(Status::argument, "%s: this %s is not that of %s; one chain has one", b.c_str(), kind,
       a.c_str());
}

// AMD's short file and the whole one.
bool is_same_root(const AmdCertificate& a, const AmdCertificate& b) {
  const char* generation = generation_of_ark(a);
  return generation != nullptr && generation == generation_of_ark(b);
}

}  // namespace

void CertificateChain::add(ByteView bytes, const std::string& file) {
  std::size_t offset = 0;
  do {
    offset += add_first(bytes.subspan(offset), place_name(file, offset));
  } while (offset < bytes.size());
}

// Returns the size of the certificate that `bytes` begin with.
std::size_t CertificateChain::add_first(ByteView bytes, const std::string& file) {
  // A key id is random, so an ASK or ARK is told by its usage and size first.
  if (const auto size = AmdCertificate::size_at_start(bytes); size && !looks_like_sev(bytes)) {
    const std::size_t used = size_of_short_ark(bytes).value_or(std::min(*size, bytes.size()));
    add_amd(AmdCertificate::parse(bytes.first(used), file));
    return used;
  }
  if (!looks_like_sev(bytes)) {
    fail(Status::argument, "%s: this is no SEV certificate (PDH, PEK, OCA, CEK) and no ASK or ARK",
         file.c_str());
  }
  const std::size_t used = std::min(SevCertificate::kSize, bytes.size());
  add_sev(SevCertificate::parse(bytes.first(used), file));
  return used;
}

void CertificateChain::add_sev(SevCertificate certificate) {
  const Usage usage = certificate.usage();
  const auto there = sev_.find(usage);
  if (there == sev_.end()) {
    sev_.emplace(usage, std::move(certificate));
    return;
  }
  SevCertificate& known = there->second;
  const bool both_signed = known.is_signed() && certificate.is_signed();
  if (!std::ranges::equal(known.public_key_bytes(), certificate.public_key_bytes()) ||
      (both_signed && !std::ranges::equal(known.bytes(), certificate.bytes()))) {
    fail_differs(name_of(usage), known.file(), certificate.file());
  }
  if (!known.is_signed()) known = std::move(certificate);
}

void CertificateChain::add_amd(AmdCertificate certificate) {
  const Usage usage = certificate.usage();
  const auto there = amd_.find(usage);
  if (there == amd_.end()) {
    amd_.emplace(usage, std::move(certificate));
    return;
  }
  AmdCertificate& known = there->second;
  if (std::ranges::equal(known.bytes(), certificate.bytes())) return;
  if (!is_same_root(known, certificate)) {
    fail_differs(name_of(usage), known.file(), certificate.file());
  }
  if (known.bytes().size() < certificate.bytes().size()) known = std::move(certificate);
}

const SevCertificate* CertificateChain::sev(Usage usage) const {
  const auto there = sev_.find(usage);
  return there == sev_.end() ? nullptr : &there->second;
}

const AmdCertificate* CertificateChain::amd(Usage usage) const {
  const auto there = amd_.find(usage);
  return there == amd_.end() ? nullptr : &there->second;
}

std::string CertificateChain::names() const {
  std::string names;
  for (const Usage usage :
       {Usage::pdh, Usage::pek, Usage::oca, Usage::cek, Usage::ask, Usage::ark}) {
    if (sev(usage) == nullptr && amd(usage) == nullptr) continue;
    names += (names.empty() ? "" : ", ") + std::string(name_of(usage));
  }
  return names;
}

std::vector<CertificateChain::Link> CertificateChain::check() const {
  return {check_sev(Usage::pdh, Usage::pek),
          check_sev(Usage::pek, Usage::oca),
          check_sev(Usage::oca, Usage::oca),
          check_sev(Usage::pek, Usage::cek),
          check_cek(),
          check_amd(Usage::ask),
          check_amd(Usage::ark)};
}

std::vector<CertificateChain::Link> CertificateChain::check_roots() const {
  if (amd(Usage::ask) == nullptr) return {check_amd(Usage::ark)};
  return {check_amd(Usage::ask), check_amd(Usage::ark)};
}

std::string CertificateChain::missing(Usage subject, Usage signer) const {
  for (const Usage usage : {subject, signer}) {
    if (sev(usage) == nullptr && amd(usage) == nullptr) {
      return std::string("the ") + name_of(usage) + " certificate is missing";
    }
  }
  return {};
}

CertificateChain::Link CertificateChain::check_sev(Usage subject, Usage signer) const {
  const std::string by = subject == signer ? "itself" : name_of(signer);
  Link link{std::string(name_of(subject)) + " signed by " + by, missing(subject, signer)};
  if (!link.holds()) return link;
  const SevCertificate& certificate = *sev(subject);
  if (!certificate.signature_by(signer)) {
    link.reason = std::string("it has no signature by a key with the usage ") + name_of(signer);
  } else if (!certificate.is_signed_by(signer, sev(signer)->key())) {
    link.reason = "the signature does not verify";
  }
  return link;
}

CertificateChain::Link CertificateChain::check_cek() const {
  Link link{"CEK signed by ASK", missing(Usage::cek, Usage::ask)};
  const SevCertificate* cek = sev(Usage::cek);
  if (cek == nullptr) return link;
  if (!cek->signature_by(Usage::ask)) {
    link.reason =
        "this CEK has no signature by an ASK, as the platform exports it; give the one that AMD's key server has for this processor";
  } else if (link.holds() && !cek->is_signed_by(Usage::ask, amd(Usage::ask)->key())) {
    link.reason = "the signature does not verify";
  }
  return link;
}

// The ASK by the ARK, or the ARK by itself.
CertificateChain::Link CertificateChain::check_amd(Usage subject) const {
  const std::string by = subject == Usage::ark ? "itself" : "ARK";
  Link link{std::string(name_of(subject)) + " signed by " + by, missing(subject, Usage::ark)};
  if (!link.holds()) return link;
  const AmdCertificate& ark = *amd(Usage::ark);
  if (subject == Usage::ark && ark.is_short()) {
    link.what = "ARK known by its SHA-256, as AMD's file has it without a signature";
  }
  if (!std::ranges::equal(amd(subject)->certifying_id(), ark.key_id())) {
    link.reason = "its certifying key id is not the ARK's";
  } else if (!amd(subject)->is_signed_by(ark)) {
    link.reason = "the signature does not verify";
  }
  return link;
}

}  // namespace oskbc::owner
