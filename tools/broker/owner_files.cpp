// SPDX-License-Identifier: Apache-2.0
#include "broker/owner_files.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/status.h"
#include "broker/files.h"
#include "broker/messages.h"
#include "common/file_trust.h"
#include "common/text.h"
#include "owner/crypto/hash.h"

namespace oskbc::broker {
namespace {

// Somebody who writes both files is done within the time of one reading.
constexpr int kReadings = 3;
// Nobody reads thousands, and the journal drops what comes too quickly.
constexpr std::size_t kMostWarnings = 20;

void check_mode(const std::string& file, tools::Holds holds, const ServeOptions& options) {
  const std::string warning = tools::check_mode(file, holds, options.allow_loose_modes);
  if (!warning.empty()) warn(warning);
}

void warn_of(const Keysets& keysets) {
  if (!keysets.keys().locked()) {
    warn("the keys may be swapped: locking their memory takes more than RLIMIT_MEMLOCK allows");
  }
  const std::vector<std::string> warnings = keysets.warnings();
  for (std::size_t i = 0; i < std::min(kMostWarnings, warnings.size()); ++i) warn(warnings[i]);
  if (warnings.size() > kMostWarnings) {
    warn(std::to_string(warnings.size() - kMostWarnings) +
         " more of that kind; sev-guest-owner check has them all");
  }
}

// Of a folder, that of its keysets files' names and digests, as sha256sum(1) prints them.
std::string keysets_digest(const std::string& path) {
  const std::vector<std::string> files = owner::keysets_files(path);
  if (files.size() == 1 && files.front() == path) return content_digest(path);
  std::string lines;
  for (const std::string& file : files) {
    lines += content_digest(file) + "  " + file.substr(file.rfind('/') + 1) + "\n";
  }
  return tools::to_hex(owner::sha256(core::as_bytes(lines)));
}

OwnerKeysets read_once(const ServeOptions& options, Unusable unusable) {
  OwnerKeysets read;
  read.keys_sha256 = content_digest(options.keys);
  read.keysets_sha256 = keysets_digest(options.keysets);
  read.keysets = std::make_shared<const Keysets>(
      owner::KeysLocation(options.keys, options.keys_key), options.keysets, options.area, unusable);
  return read;
}

bool is_unchanged(const OwnerKeysets& read, const ServeOptions& options) {
  return read.keys_sha256 == content_digest(options.keys) &&
         read.keysets_sha256 == keysets_digest(options.keysets);
}

}  // namespace

OwnerKeysets read_keysets(const ServeOptions& options, Unusable unusable) {
  check_mode(options.keys, tools::Holds::keys, options);
  check_mode(options.keysets, tools::Holds::decisions, options);
  for (const std::string& file : owner::keysets_files(options.keysets)) {
    if (file != options.keysets) check_mode(file, tools::Holds::decisions, options);
  }
  for (int i = 0; i < kReadings; ++i) {
    OwnerKeysets read = read_once(options, unusable);
    if (!is_unchanged(read, options)) continue;
    warn_of(*read.keysets);
    return read;
  }
  core::fail(core::Status::io, "%s or %s changed while they were read, %d times",
             options.keys.c_str(), options.keysets.c_str(), kReadings);
}

std::shared_ptr<const PlatformTrust> read_trust(const ServeOptions& options) {
  for (const std::string& root : options.trust.amd_roots) {
    check_mode(root, tools::Holds::decisions, options);
  }
  auto trust = std::make_shared<const PlatformTrust>(options.trust);
  for (const std::string& file : trust->passed_over()) warn("passed over: " + file);
  return trust;
}

}  // namespace oskbc::broker
