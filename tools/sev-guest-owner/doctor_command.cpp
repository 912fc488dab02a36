// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/doctor_command.h"

#include <memory>
#include <string>

#include "common/doctor_report.h"
#include "common/io.h"
#include "host/doctor.h"
#include "sev-guest-owner/cpu_options.h"

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

void add_file(CLI::App& command, const char* name, std::string& value, const char* about) {
  command.add_option(name, value, about)->type_name("F");
}

void add_guest_options(CLI::App& command, host::Setup& setup) {
  command
      .add_option("--kata", setup.kata,
                  std::string("Kata's configuration; default ") + host::kKataFile)
      ->type_name("F");
  add_file(command, "--ovmf", setup.ovmf, "The firmware, instead of Kata's");
  add_file(command, "--kernel", setup.kernel, "The kernel, instead of Kata's");
  add_file(command, "--kernel-config", setup.kernel_config,
           "The kernel's configuration, where it is not beside the kernel");
  add_file(command, "--initrd", setup.initrd, "The initrd, instead of Kata's");
  command
      .add_option_function<std::string>(
          "--append", [&setup](const std::string& text) { setup.append = text; },
          "The whole command line that Kata gives to QEMU")
      ->type_name("S");
}

void add_owner_options(CLI::App& command, host::Setup& setup) {
  add_file(command, "--keysets", setup.keysets, "The key broker's keysets");
  command.add_option("--keyset", setup.keyset, "One of them, instead of Kata's")->type_name("ID");
  add_file(command, "--ocicrypt-conf", setup.ocicrypt_conf,
           "ocicrypt's configuration; default: what OCICRYPT_KEYPROVIDER_CONFIG names");
  command.add_option("--skopeo", setup.skopeo, "The skopeo to try; default: that in PATH")
      ->type_name("PATH");
}

}  // namespace

CLI::App* add_doctor_command(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command =
      add_command(app, chosen, "doctor",
                  "Check that Kata, firmware, kernel, initrd, keysets and skopeo fit together",
                  [options] { return doctor(*options); });
  add_guest_options(*command, options->setup);
  add_owner_options(*command, options->setup);
  add_cpu_options(*command, options->cpus);
  add_json(*command, options->json);
  return command;
}

}  // namespace oskbc::tools
