// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "owner/crypto/hash.h"
#include "owner/launch/ovmf.h"
#include "owner/launch/vmsa.h"

namespace oskbc::owner {

// A kernel that QEMU starts directly.
struct DirectBoot {
  std::string kernel;
  std::optional<std::string> initrd;
  std::optional<std::string> append;  // byte for byte, white space too
};

// The vCPUs of an SEV-ES guest.
struct EsCpus {
  std::uint32_t count;
  std::uint32_t signature;
};

// What a guest starts with, which decides its launch digest (README.md here): SHA-256 of the OVMF
// image, the table of hashes if a kernel is given, and with SEV-ES a page per vCPU.
class Launch {
 public:
  // Reads the image. Throws Status::io, and Status::argument for one that is empty or over a bound.
  explicit Launch(const std::string& ovmf);
  // With a kernel, as by add_kernel().
  Launch(const std::string& ovmf, const std::optional<DirectBoot>& boot);

  // Streams the kernel's files. Throws Status::io, and Status::argument where the image has no area
  // for their hashes.
  void add_kernel(const DirectBoot& boot);

  // The image and the table that were measured; there is no table without a kernel.
  [[nodiscard]] const core::Bytes& ovmf() const noexcept { return ovmf_; }
  [[nodiscard]] const std::optional<HashesTable>& hashes_table() const noexcept { return hashes_; }

  [[nodiscard]] Digest sev_digest() const { return hash_.digest(); }
  // Throws Status::argument if the image doesn't say where the other vCPUs start.
  [[nodiscard]] Digest sev_es_digest(const EsCpus& cpus, VmsaGeneration generation) const;

 private:
  void check_hashes_area() const;

  Sha256 hash_;
  core::Bytes ovmf_;
  std::optional<HashesTable> hashes_;
};

}  // namespace oskbc::owner
