// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "common/command_line.h"
#include "owner/keys/keyset_policy.h"
#include "owner/launch/launch_digest.h"
#include "owner/launch/launch_report.h"
#include "owner/launch/measurement.h"

namespace oskbc::tools {

// The vCPUs of an SEV-ES guest, as a command line gives them; `digest` and `doctor` share it.
struct CpuOptions {
  std::string type;
  std::optional<std::uint32_t> signature;
  std::optional<unsigned> family;
  std::optional<unsigned> model;
  std::optional<unsigned> stepping;
  std::optional<std::uint32_t> count;

  [[nodiscard]] bool any() const noexcept {
    return count || signature || family || model || stepping || !type.empty();
  }
};

void add_cpu_options(Command& command, CpuOptions& options);

// Throws MissingOption for what is not given; `purpose` says what it is needed for. Throws
// UsageError for an unknown type, and for no vCPU; Status::unsupported for the type "host" on a
// machine that can be none.
[[nodiscard]] owner::EsCpus es_cpus(const CpuOptions& options, const std::string& purpose);

// What the owner knows of a launch and asks of it; `measure` and `secret` share it.
struct LaunchOptions {
  std::optional<std::uint8_t> api_major;
  std::optional<std::uint8_t> api_minor;
  std::optional<std::uint8_t> build_id;
  std::optional<std::uint32_t> policy;
  std::optional<owner::Digest> digest;
  std::optional<owner::Nonce> mnonce;
  std::string keysets;
  std::string keyset;
  bool loose_modes = false;

  [[nodiscard]] bool any() const noexcept;
  // Adds what was told with the measurement. Throws Status::argument where it says otherwise than
  // the options.
  void take(const owner::LaunchReport& report);
  // The options that a measurement needs and that are not given.
  [[nodiscard]] std::vector<std::string> missing() const;
};

void add_launch_options(Command& command, LaunchOptions& options);

// What the host returned: `word` or the file that it names. A word that is neither is a wrong
// command line.
[[nodiscard]] owner::LaunchReport read_report(const std::string& option, const std::string& word);

// A launch whose policy and firmware are known, and allowed by the keyset if one was given.
class CheckedLaunch {
 public:
  // Throws MissingOption with all that is not given, Status::keyset, or Refused.
  explicit CheckedLaunch(const LaunchOptions& options);

  // The digest of the command line, checked against the keyset.
  [[nodiscard]] owner::Digest digest() const;
  // The nonce of the command line or of the measurement. Throws MissingOption if neither has
  // it, Status::argument if they differ.
  [[nodiscard]] owner::Nonce mnonce(const owner::LaunchMeasurement* given) const;
  [[nodiscard]] owner::Mac measure(core::ByteView tik, const owner::Digest& digest,
                                   const owner::Nonce& mnonce) const;
  // Finds out which digest was measured: that of the command line, or without one any that the
  // keyset allows. Throws Refused if none was.
  [[nodiscard]] owner::Digest verify(core::ByteView tik,
                                     const owner::LaunchMeasurement& given) const;

  [[nodiscard]] const owner::Firmware& firmware() const noexcept { return firmware_; }

 private:
  [[nodiscard]] std::vector<owner::Digest> candidates() const;

  const LaunchOptions& options_;
  owner::Firmware firmware_;
  std::uint32_t policy_ = 0;
  owner::KeysetPolicy keyset_;
};

}  // namespace oskbc::tools
