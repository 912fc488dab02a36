// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/cpu_options.h"

namespace oskbc::tools {
namespace {

// The most that KVM can be built for on x86 (CONFIG_KVM_MAX_NR_VCPUS).
constexpr std::uint32_t kMostCpus = 4096;

std::uint32_t signature(const CpuOptions& options) {
  if (options.signature) return *options.signature;
  const auto known = owner::cpu_signature(options.type);
  if (!known) {
    throw CLI::ValidationError(
        "--cpu",
        "not one of EPYC, EPYC-IBPB, EPYC-Rome, EPYC-Milan, EPYC-Genoa, EPYC-Turin with or without -vN; --cpu-sig takes the number of any other");
  }
  return *known;
}

}  // namespace

void add_cpu_options(CLI::App& command, CpuOptions& options) {
  add_number<std::uint32_t>(command, "--vcpus", options.count, "vCPUs of an SEV-ES guest",
                            kMostCpus);
  CLI::Option* type =
      command.add_option("--cpu", options.type, "Their type in QEMU: EPYC-Milan, EPYC-v4...")
          ->type_name("TYPE");
  add_number<std::uint32_t>(command, "--cpu-sig", options.signature, "Their CPUID signature")
      ->excludes(type);
}

owner::EsCpus es_cpus(const CpuOptions& options, const std::string& purpose) {
  if (!options.count) throw CLI::RequiredError("--vcpus " + purpose);
  if (*options.count == 0) throw CLI::ValidationError("--vcpus", "a guest has at least one");
  if (options.type.empty() && !options.signature) {
    throw CLI::RequiredError("--cpu or --cpu-sig " + purpose);
  }
  return {*options.count, signature(options)};
}

}  // namespace oskbc::tools
