// SPDX-License-Identifier: Apache-2.0
#include "host/digest_check.h"

#include <algorithm>
#include <vector>

#include "owner/hex.h"
#include "owner/keysets_file.h"
#include "owner/launch_digest.h"
#include "owner/printable.h"
#include "owner/refusal.h"

namespace oskbc::host {
namespace {

using owner::VmsaGeneration;

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
  all.push_back({"SEV-ES legacy", launch.sev_es_digest(*setup.cpus, VmsaGeneration::legacy)});
  all.push_back({"SEV-ES init2", launch.sev_es_digest(*setup.cpus, VmsaGeneration::init2)});
  return all;
}

Verdict compare(const Setup& setup, const std::vector<owner::Digest>& allowed) {
  std::string tried;
  for (const Candidate& candidate : candidates(setup)) {
    const std::string text = owner::to_hex(candidate.digest) + " (" + candidate.name + ")";
    if (std::ranges::find(allowed, candidate.digest) != allowed.end()) return good(text);
    tried += (tried.empty() ? "" : ", ") + text;
  }
  return bad(owner::kRefused,
             tried + " is not among the " + std::to_string(allowed.size()) +
                 " allowed_digests of " + owner::printable(setup.keyset) +
                 "; if firmware, kernel, initrd and command line are the right ones, add it" +
                 (setup.cpus ? "" : " (--vcpus and --cpu give those of SEV-ES)"));
}

}  // namespace

Verdict check_digest(const Setup& setup) {
  const std::string missing = missing_input(setup);
  if (!missing.empty()) return unknown("needs " + missing);
  const owner::KeysetPolicy policy = owner::read_keysets_file(setup.keysets, setup.keyset);
  if (!policy.allowed_digests) {
    return doubtful(
        owner::printable(setup.keyset) +
        " has no allowed_digests, so its keys are released to any guest; list this guest's");
  }
  return compare(setup, *policy.allowed_digests);
}

}  // namespace oskbc::host
