// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/status.h"
#include "common/error.h"
#include "common/file_trust.h"
#include "common/text.h"
#include "host/checks.h"
#include "host/kata_config.h"
#include "host/whole_file.h"
#include "owner/keys/keyset_policy.h"
#include "owner/launch/firmware_image.h"
#include "owner/launch/launch_digest.h"
#include "owner/launch/ovmf.h"

namespace oskbc::host {
namespace {

using core::Status;
using tools::printable;

constexpr const char* kMend =
    "; build OVMF with OvmfPkg/AmdSev/AmdSevX64.dsc and name that as the firmware";
constexpr const char* kReviewed =
    "; for keys that count, build AmdSev from edk2-stable202408 or edk2-stable202411";

std::string describe(const char* name, const owner::MemoryArea& area) {
  char text[64];
  std::snprintf(text, sizeof text, "%s of %u bytes at 0x%x", name, area.size, area.base);
  return text;
}

// What the areas miss, or nothing.
const char* missing_area(const owner::OvmfTable& table) {
  if (!table.secret_area || table.secret_area->base == 0 || table.secret_area->size == 0) {
    return "has no area for a secret, so none can be injected";
  }
  if (!table.hashes_area || table.hashes_area->base == 0 ||
      table.hashes_area->size < owner::kHashesTableSize) {
    return "has no area for the hashes of kernel, initrd and command line, so these are not measured";
  }
  return nullptr;
}

Verdict judge_image(const std::string& file, core::ByteView bytes) {
  const owner::FirmwareImage image = owner::read_firmware_image(bytes, file);
  const owner::OvmfTable table = owner::parse_ovmf_table(bytes);
  const auto lacks = [&file](const std::string& what) {
    return bad(Status::argument, file + " " + what + kMend);
  };
  const std::vector<std::string> missing = owner::missing_in(image);
  const char* area = missing_area(table);
  // Other builds have no areas either, and fewer people know the drivers' names.
  if (area != nullptr && !image.is_split) return lacks(area);
  if (!missing.empty()) return lacks(missing.front());
  if (!image.stops_at_wrong_hash) {
    return doubtful(
        file +
        " is older than edk2-stable202408, since it has no RngDxe: its verifier goes on after a kernel, initrd or command line whose hash differs" +
        kReviewed);
  }
  if (image.takes_named_files) {
    return doubtful(
        file +
        " is of edk2-stable202502 or later, since it knows etc/boot/: it takes boot files by name from the host, and which of these the digest covers was not reviewed" +
        kReviewed);
  }
  return good(file + ": " + describe("a secret area", *table.secret_area) + ", " +
              describe("a hashes area", *table.hashes_area));
}

}  // namespace

Verdict check_firmware(const KataConfig* config, const Setup& setup) {
  if (setup.ovmf.empty() && config == nullptr) return unknown(not_named("--ovmf F"));
  if (setup.ovmf.empty()) {
    return bad(
        Status::argument,
        std::string("not set, so QEMU takes a BIOS, which has no area for a secret") + kMend);
  }
  if (config != nullptr && !config->firmware_volume.empty()) {
    return bad(
        Status::argument,
        "firmware_volume is set, and variables beside the firmware are not measured; set firmware_volume = \"\"");
  }
  return judge_image(printable(setup.ovmf), read_whole_file(setup.ovmf, bounds::kFirmware));
}

namespace {

struct Candidate {
  std::string name;
  owner::Digest digest;
};

std::string missing_input(const Setup& setup) {
  const struct {
    bool missing;
    const char* name;
  } inputs[] = {
      {setup.ovmf.empty(), "the firmware"},
      {setup.kernel.empty(), "the kernel"},
      {setup.initrd.empty(), "the initrd"},
      {!setup.append, "the whole command line that Kata gives to QEMU (--append S)"},
      {setup.keysets.empty(), "the keysets file (--keysets F)"},
      {setup.keyset.empty(), "the keyset's id (--keyset ID)"},
  };
  std::string names;
  for (const auto& input : inputs) {
    if (input.missing) names += (names.empty() ? "" : ", ") + std::string(input.name);
  }
  return names;
}

std::vector<Candidate> candidates(const Setup& setup) {
  const owner::Launch launch(setup.ovmf,
                             owner::DirectBoot{setup.kernel, setup.initrd, setup.append});
  std::vector<Candidate> all = {{"SEV", launch.sev_digest()}};
  if (!setup.cpus) return all;
  for (const owner::VmsaGenerationName& known : owner::vmsa_generations()) {
    all.push_back(
        {std::string("SEV-ES ") + known.name, launch.sev_es_digest(*setup.cpus, known.generation)});
  }
  return all;
}

Verdict compare(const Setup& setup, const std::vector<owner::Digest>& allowed) {
  std::string tried;
  for (const Candidate& candidate : candidates(setup)) {
    const std::string text = tools::to_hex(candidate.digest) + " (" + candidate.name + ")";
    if (std::ranges::find(allowed, candidate.digest) != allowed.end()) return good(text);
    tried += (tried.empty() ? "" : ", ") + text;
  }
  throw tools::Refused(tried + " is not among the " + std::to_string(allowed.size()) +
                       " allowed_digests of " + printable(setup.keyset) +
                       "; if firmware, kernel, initrd and command line are the right ones, add it" +
                       (setup.cpus ? "" : " (--vcpus and --cpu give those of SEV-ES)"));
}

}  // namespace

Verdict check_keyset_policies(const Setup& setup) {
  if (setup.keysets.empty()) return unknown("needs the keysets file (--keysets F)");
  if (setup.keyset.empty()) return unknown("needs the keyset's id (--keyset ID)");
  static_cast<void>(tools::check_mode(setup.keysets, tools::Holds::decisions, false));
  const owner::KeysetPolicy keyset = owner::read_keysets_file(setup.keysets, setup.keyset);
  std::string text;
  for (const std::string& warning : owner::warnings(keyset, setup.keyset)) {
    text += (text.empty() ? "" : "; ") + warning;
  }
  if (!text.empty()) return doubtful(std::move(text));
  return good(std::to_string(keyset.allowed_policies->size()) + " allowed, all with NODBG");
}

Verdict check_digest(const Setup& setup) {
  const std::string missing = missing_input(setup);
  if (!missing.empty()) return unknown("needs " + missing);
  const owner::KeysetPolicy policy = owner::read_keysets_file(setup.keysets, setup.keyset);
  if (!policy.allowed_digests) {
    return doubtful(
        printable(setup.keyset) +
        " has no allowed_digests, so its keys are released to any guest; list this guest's");
  }
  return compare(setup, *policy.allowed_digests);
}

}  // namespace oskbc::host
