// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/doctor_report.h"
#include "host/doctor.h"

// The doctor's checks, link by link. Where a KataConfig is handed over as a pointer, it may be
// nullptr: there is a guest without Kata too, by its files.
namespace oskbc::host {

using tools::bad;
using tools::doubtful;
using tools::good;
using tools::Report;
using tools::unknown;
using tools::Verdict;

struct Initrd;
struct Kernel;

// "none is named; give --ovmf F, or a Kata configuration that names one"
[[nodiscard]] std::string not_named(const char* option);

// --- kata_checks.cpp: whether Kata is told to start a guest that is measured and gets a secret ---

// The members that stand for themselves: confidential_guest, guest_attestation..., shared_fs.
void check_kata(const KataConfig& config, const Setup& setup, Report& report);
// Skips the same checks.
void skip_kata(Report& report);
// Whether the guest's agent is led to its configuration.
[[nodiscard]] Verdict check_kernel_params(const KataConfig* config, const Setup& setup);

// --- launch_checks.cpp: what is measured ---

// Whether the firmware is OVMF's AmdSev build, which has areas for the hashes of a measured kernel
// and for the secret.
[[nodiscard]] Verdict check_firmware(const KataConfig* config, const Setup& setup);
// Whether the keyset allows the launch digest of these very files, as SEV or SEV-ES.
[[nodiscard]] Verdict check_digest(const Setup& setup);
// Whether the host may choose a policy with which it reads the guest's memory, and whether others
// may change the keysets file.
[[nodiscard]] Verdict check_keyset_policies(const Setup& setup);

// --- kernel_checks.cpp ---

// Whether the kernel starts through OVMF, and was built with what the guest needs. Leaves what it
// found in `kernel`.
void check_kernel(const KataConfig* config, const Setup& setup, Report& report, Kernel& kernel);

// --- initrd_checks.cpp: what takes the secret inside the guest ---

// Whether the kernel can read the initrd, and whether all of what follows is in it.
void check_initrd(const KataConfig* config, const Setup& setup, const Kernel& kernel,
                  Report& report);
// Whether there is efi_secret for exactly this kernel, and modprobe would load it.
[[nodiscard]] Verdict check_module(const Initrd& initrd, const Kernel& kernel);
// Whether there is liboskbc, or an agent that knows offline_sev_kbc without it.
[[nodiscard]] Verdict check_agent(const Initrd& initrd);
// The part of the guest's command line that is known.
[[nodiscard]] std::string command_line(const KataConfig* config, const Setup& setup);
// Whether the agent's configuration selects offline_sev_kbc.
[[nodiscard]] Verdict check_agent_config(const Initrd& initrd, const std::string& command_line);

// --- provider_checks.cpp: whether images can be encrypted here ---

// Whether ocicrypt's configuration leads to the provider "attestation-agent".
[[nodiscard]] Verdict check_ocicrypt(const Setup& setup);
// Whether skopeo was built with key providers, which it shows by using one.
[[nodiscard]] Verdict check_skopeo(const Setup& setup);

}  // namespace oskbc::host
