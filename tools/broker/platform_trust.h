// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "owner/certificates/certificate_chain.h"
#include "owner/crypto/hash.h"

namespace oskbc::broker {

// Platforms whose chain was found to hold, each for a while and no more than a few thousand: the
// one that was verified first makes room. Thread-safe.
class VerifiedPlatforms {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMost = 4096;  // a few hundred KiB
  static constexpr std::chrono::hours kWhile{1};

  [[nodiscard]] bool has(const owner::Digest& platform, Clock::time_point now);
  void add(const owner::Digest& platform, Clock::time_point now);

 private:
  void forget_old(Clock::time_point now);

  std::mutex mutex_;
  std::map<owner::Digest, Clock::time_point> since_;
};

// Which platforms get a launch bundle: those whose PDH leads up to a root of AMD's that the owner
// trusts.
class PlatformTrust {
 public:
  struct Options {
    std::vector<std::string> amd_roots;     // files with an ARK, with or without its ASKs
    std::vector<owner::Digest> ark_sha256;  // or an ARK that the client sends
    // Files, or folders of files, with CEKs as AMD signed them: a platform exports its own
    // unsigned.
    std::vector<std::string> ceks;
    bool skip = false;
  };

  // Reads all of the files. Throws Status::argument for one that holds no such certificate, and
  // for options that trust nobody.
  explicit PlatformTrust(const Options& options);

  // Throws Refused with the link that does not hold. Thread-safe. What was verified is remembered,
  // because a host sends the same at every launch, and the check is most of the work for a bundle;
  // all that the host sent, CEK included, is what it is known by. Other roots and CEKs of the
  // owner's come with another object, which remembers nothing.
  void verify(core::ByteView pdh, core::ByteView chain) const;

  // What was passed over in folders of CEKs, and why.
  [[nodiscard]] const std::vector<std::string>& passed_over() const noexcept {
    return passed_over_;
  }

 private:
  struct Cek {
    core::Bytes public_key;
    core::Bytes certificate;
  };
  void add_ceks(const std::string& path);
  void add_folder(const std::string& folder);
  void add_cek(const std::string& file);
  [[nodiscard]] std::string distrust(core::ByteView pdh, core::ByteView certificates) const;
  void add_signed_cek(owner::CertificateChain& chain) const;
  [[nodiscard]] std::string distrust(core::ByteView pdh, core::ByteView certificates,
                                     core::ByteView root) const;

  std::vector<core::Bytes> roots_;
  std::vector<owner::Digest> pins_;
  std::vector<Cek> ceks_;
  std::vector<std::string> passed_over_;
  bool skip_;
  mutable VerifiedPlatforms verified_;
};

}  // namespace oskbc::broker
