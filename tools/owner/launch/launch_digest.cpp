// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/launch_digest.h"

#include "base/error.h"
#include "base/status.h"
#include "common/io.h"
#include "owner/launch/ovmf.h"

namespace oskbc::owner {
namespace {

using core::fail;
using core::Status;

// OVMF has 2 or 4 MB.
constexpr std::size_t kMostOvmf = std::size_t{64} << 20;

Digest command_line_hash(const std::string& command_line) {
  // c_str(), because the NUL at its end is hashed too.
  return sha256(core::as_bytes({command_line.c_str(), command_line.size() + 1}));
}

}  // namespace

Launch::Launch(const std::string& file) {
  tools::read_blocks(file, [&](core::ByteView block) {
    if (block.size() > kMostOvmf - ovmf_.size()) {
      fail(Status::argument, "the OVMF image %s has more than %zu bytes, far beyond what it should",
           file.c_str(), kMostOvmf);
    }
    hash_.update(block);
    ovmf_.insert(ovmf_.end(), block.begin(), block.end());
  });
  if (ovmf_.empty()) fail(Status::argument, "the OVMF image %s is empty", file.c_str());
}

Launch::Launch(const std::string& ovmf, const std::optional<DirectBoot>& boot) : Launch(ovmf) {
  if (boot) add_kernel(*boot);
}

void Launch::check_hashes_area() const {
  const OvmfTable table = parse_ovmf_table(ovmf_);
  if (!table.hashes_area) {
    fail(
        Status::argument,
        "the OVMF image has no area for a kernel's hashes, so QEMU can't start the kernel measured; an AmdSev build has one");
  }
  // QEMU refuses both (sev_add_kernel_loader_hashes).
  if (table.hashes_area->base == 0 || table.hashes_area->size < kHashesTableSize) {
    fail(Status::argument,
         "the OVMF image's area for a kernel's hashes is at 0 or has less than %zu bytes",
         kHashesTableSize);
  }
}

void Launch::add_kernel(const DirectBoot& boot) {
  check_hashes_area();
  const KernelHashes hashes = {.command_line = command_line_hash(boot.append.value_or("")),
                               .initrd = boot.initrd ? sha256_of_file(*boot.initrd) : sha256({}),
                               .kernel = sha256_of_file(boot.kernel)};
  hashes_ = make_hashes_table(hashes);
  hash_.update(*hashes_);
}

Digest Launch::sev_es_digest(const EsCpus& cpus, VmsaGeneration generation) const {
  const OvmfTable table = parse_ovmf_table(ovmf_);
  if (!table.es_reset_vector) {
    fail(Status::argument,
         "the OVMF image has no reset vector for SEV-ES, so QEMU can't start it so");
  }
  Sha256 hash = hash_.clone();
  hash.update(make_vmsa(generation, kResetVector, cpus.signature));
  const Vmsa other = make_vmsa(generation, *table.es_reset_vector, cpus.signature);
  for (std::uint32_t i = 1; i < cpus.count; ++i) hash.update(other);
  return hash.digest();
}

}  // namespace oskbc::owner
