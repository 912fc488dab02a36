// SPDX-License-Identifier: Apache-2.0
#include "broker/platform_trust.h"

#include <algorithm>

#include <boost/filesystem/operations.hpp>

#include "base/error.h"
#include "base/status.h"
#include "common/error.h"
#include "owner/certificates/certificate_chain.h"
#include "owner/certificates/certificate_file.h"

namespace oskbc::broker {
namespace {

using core::Bytes;
using core::ByteView;
using core::fail;
using core::Status;
using owner::CertificateChain;
using owner::Usage;

Bytes read_root(const std::string& file) {
  Bytes bytes = owner::read_certificates(file);
  CertificateChain chain;
  chain.add(bytes, file);
  if (chain.amd(Usage::ark) == nullptr) fail(Status::argument, "%s holds no ARK", file.c_str());
  return bytes;
}

// The PDH's own digest, so that it is plain where the one ends and the other begins.
owner::Digest digest_of(ByteView pdh, ByteView chain) {
  owner::Sha256 hash;
  hash.update(owner::sha256(pdh));
  hash.update(chain);
  return hash.digest();
}

Bytes copy_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

bool VerifiedPlatforms::has(const owner::Digest& platform, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = since_.find(platform);
  return found != since_.end() && now - found->second < kWhile;
}

void VerifiedPlatforms::add(const owner::Digest& platform, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (since_.size() >= kMost) forget_old(now);
  since_.insert_or_assign(platform, now);
}

void VerifiedPlatforms::forget_old(Clock::time_point now) {
  std::erase_if(since_, [&](const auto& one) { return now - one.second >= kWhile; });
  if (since_.size() < kMost) return;
  since_.erase(std::ranges::min_element(since_, {}, [](const auto& one) { return one.second; }));
}

PlatformTrust::PlatformTrust(const Options& options)
    : pins_(options.ark_sha256), skip_(options.skip) {
  for (const std::string& file : options.amd_roots) roots_.push_back(read_root(file));
  for (const std::string& path : options.ceks) add_ceks(path);
  if (skip_ || !roots_.empty() || !pins_.empty()) return;
  fail(
      Status::argument,
      "which platforms to trust? --amd-root names a file with AMD's root (ARK), --ark-sha256 its SHA-256; --unsafe-skip-chain trusts anybody");
}

void PlatformTrust::add_ceks(const std::string& path) {
  if (!boost::filesystem::is_directory(path)) {
    add_cek(path);
    return;
  }
  add_folder(path);
}

// A folder is filled by scripts and people; a stray file in it must not keep all guests waiting.
void PlatformTrust::add_folder(const std::string& folder) {
  for (const auto& entry : boost::filesystem::directory_iterator(folder)) {
    if (!boost::filesystem::is_regular_file(entry.status())) continue;
    try {
      add_cek(entry.path().string());
    } catch (const core::Error& error) {
      passed_over_.emplace_back(error.what());
    }
  }
}

void PlatformTrust::add_cek(const std::string& file) {
  CertificateChain chain;
  owner::add_file(chain, file);
  const owner::SevCertificate* cek = chain.sev(Usage::cek);
  if (cek == nullptr) fail(Status::argument, "%s holds no CEK", file.c_str());
  ceks_.push_back({copy_of(cek->public_key_bytes()), copy_of(cek->bytes())});
}

// A CEK as AMD signed it takes the place of the one that the platform exported.
void PlatformTrust::add_signed_cek(CertificateChain& chain) const {
  const owner::SevCertificate* cek = chain.sev(Usage::cek);
  if (cek == nullptr) return;
  const auto known = std::ranges::find_if(ceks_, [&](const Cek& one) {
    return std::ranges::equal(one.public_key, cek->public_key_bytes());
  });
  if (known != ceks_.end()) chain.add(known->certificate, "CEK");
}

// Why the platform is not trusted with this root, or, if it is empty, with an ARK of the client's;
// "" if it is.
std::string PlatformTrust::distrust(ByteView pdh, ByteView certificates, ByteView root) const try {
  CertificateChain chain;
  chain.add(pdh, "PlatformPublicKey");
  if (!certificates.empty()) chain.add(certificates, "CertificateChain");
  if (!root.empty()) chain.add(root, "AMD's root");
  add_signed_cek(chain);
  for (const auto& link : chain.check()) {
    if (!link.holds()) return link.what + ": " + link.reason;
  }
  if (!root.empty()) return {};
  // What signs itself is AMD's only if the owner says so.
  const owner::Digest ark = owner::sha256(chain.amd(Usage::ark)->bytes());
  const bool pinned = std::ranges::find(pins_, ark) != pins_.end();
  return pinned ? "" : "the ARK is not one that is trusted";
} catch (const core::Error& error) {
  // No certificate, or one of another root's chain.
  return error.what();
}

// With every root in turn.
std::string PlatformTrust::distrust(ByteView pdh, ByteView certificates) const {
  std::string reason;
  for (const Bytes& root : roots_) {
    reason = distrust(pdh, certificates, root);
    if (reason.empty()) return {};
  }
  return pins_.empty() ? reason : distrust(pdh, certificates, {});
}

void PlatformTrust::verify(ByteView pdh, ByteView chain) const {
  if (skip_) return;
  const owner::Digest platform = digest_of(pdh, chain);
  const auto now = VerifiedPlatforms::Clock::now();
  if (verified_.has(platform, now)) return;
  const std::string reason = distrust(pdh, chain);
  if (!reason.empty()) throw tools::Refused(reason);
  verified_.add(platform, now);
}

}  // namespace oskbc::broker
