// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include "common/doctor_report.h"
#include "common/io.h"
#include "host/doctor.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/launch_options.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

struct DoctorOptions {
  host::Setup setup;
  CpuOptions cpus;
  bool json = false;
};

int doctor(const DoctorOptions& options) {
  host::Setup setup = options.setup;
  if (options.cpus.any()) setup.cpus = es_cpus(options.cpus, "for SEV-ES");
  const Report report = host::examine(setup);
  write_output(options.json ? as_json(report) : as_lines(report, wants_colour()));
  return report.status;
}

void add_guest_options(Command& command, host::Setup& setup) {
  command.add_file("--kata", setup.kata,
                   std::string("Kata's configuration; default ") + host::kKataFile);
  command.add_file("--ovmf", setup.ovmf, "The firmware, instead of Kata's");
  command.add_file("--kernel", setup.kernel, "The kernel, instead of Kata's");
  command.add_file("--kernel-config", setup.kernel_config,
                   "The kernel's configuration, where it is not beside the kernel");
  command.add_file("--initrd", setup.initrd, "The initrd, instead of Kata's");
  command.add_text("--append", setup.append, "The whole command line that Kata gives to QEMU")
      .value_name("S");
}

void add_owner_options(Command& command, host::Setup& setup) {
  command.add_file("--keysets", setup.keysets, "The key broker's keysets");
  command.add_text("--keyset", setup.keyset, "One of them, instead of Kata's").value_name("ID");
  command.add_file("--ocicrypt-conf", setup.ocicrypt_conf,
                   "ocicrypt's configuration; default: what OCICRYPT_KEYPROVIDER_CONFIG names");
  command.add_file("--skopeo", setup.skopeo, "The skopeo to try; default: that in PATH")
      .value_name("PATH");
}

}  // namespace

void add_doctor_command(Command& tool) {
  auto options = std::make_shared<DoctorOptions>();
  Command& command = tool.add_command(
      "doctor", "Check that Kata, firmware, kernel, initrd, keysets and skopeo fit together",
      [options] { return doctor(*options); });
  add_guest_options(command, options->setup);
  add_owner_options(command, options->setup);
  add_cpu_options(command, options->cpus);
  add_json(command, options->json);
}

}  // namespace oskbc::tools
