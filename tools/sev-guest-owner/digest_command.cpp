// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/io.h"
#include "common/json.h"
#include "common/text.h"
#include "format/base64.h"
#include "owner/launch/launch_digest.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/launch_options.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

using owner::VmsaGeneration;

struct DigestOptions {
  std::string ovmf;
  std::optional<std::string> kernel;
  std::optional<std::string> initrd;
  std::optional<std::string> append;
  std::string mode = "sev";
  std::string vmsa;
  CpuOptions cpus;
  bool json = false;
};

struct Generation {
  VmsaGeneration generation;
  const char* name;
  // QEMU's option is described in its qapi/qom.json.
  const char* where;
};

constexpr Generation kGenerations[] = {
    {VmsaGeneration::legacy, "legacy",
     "KVM_SEV_ES_INIT: Linux before 6.10, QEMU before 9.1, and newer ones with legacy-vm-type=on or auto"},
    {VmsaGeneration::init2, "init2",
     "KVM_SEV_INIT2: Linux 6.10 and later with QEMU 9.1 and later and legacy-vm-type=off"},
};

struct Line {
  const Generation* generation;  // nullptr for SEV
  owner::Digest digest;
};

std::optional<owner::DirectBoot> direct_boot(const DigestOptions& options) {
  if (!options.kernel) return std::nullopt;
  return owner::DirectBoot{*options.kernel, options.initrd, options.append};
}

void check_sev(const DigestOptions& options) {
  if (options.cpus.any() || !options.vmsa.empty()) {
    throw UsageError("--mode", "vCPUs are measured with sev-es only");
  }
}

std::vector<Line> compute(const DigestOptions& options) {
  if (options.mode == "sev") {
    check_sev(options);
    return {{nullptr, owner::Launch(options.ovmf, direct_boot(options)).sev_digest()}};
  }
  const owner::EsCpus cpus = es_cpus(options.cpus, "with --mode sev-es");
  const owner::Launch launch(options.ovmf, direct_boot(options));
  std::vector<Line> lines;
  for (const Generation& generation : kGenerations) {
    if (!options.vmsa.empty() && options.vmsa != generation.name) continue;
    lines.push_back({&generation, launch.sev_es_digest(cpus, generation.generation)});
  }
  return lines;
}

std::string text_of(const std::vector<Line>& lines) {
  std::string text;
  for (const Line& line : lines) {
    if (line.generation != nullptr) {
      text += std::string(line.generation->name) + ": " + line.generation->where + "\n";
    }
    text += "hex: " + to_hex(line.digest) + "\n";
    text += "base64: " + core::base64::encode(core::ByteView(line.digest)) + "\n";
  }
  return text;
}

std::string json_of(const std::string& mode, const std::vector<Line>& lines) {
  Json digests = Json::array();
  for (const Line& line : lines) {
    Json object = Json::object();
    if (line.generation != nullptr) {
      object.set("vmsa", line.generation->name);
      object.set("where", line.generation->where);
    }
    object.set("hex", to_hex(line.digest));
    object.set("base64", core::base64::encode(core::ByteView(line.digest)));
    digests.append(object);
  }
  return Json::object({{"mode", mode}, {"digests", digests}}).document();
}

int digest(const DigestOptions& options) {
  const std::vector<Line> lines = compute(options);
  write_output(options.json ? json_of(options.mode, lines) : text_of(lines));
  return 0;
}

void add_boot_options(Command& command, DigestOptions& options) {
  command
      .add_file("--ovmf", options.ovmf,
                "The guest's firmware, one file without variables beside it")
      .required();
  const Option& kernel =
      command.add_file("--kernel", options.kernel, "The kernel, where QEMU has -kernel");
  command.add_file("--initrd", options.initrd, "The initrd, where QEMU has -initrd").needs(kernel);
  command.add_text("--append", options.append, "The kernel's command line, to the last blank")
      .value_name("S")
      .needs(kernel);
}

void add_mode_options(Command& command, DigestOptions& options) {
  command.add_text("--mode", options.mode, "How the guest is launched")
      .choices({"sev", "sev-es"})
      .show_default();
  add_cpu_options(command, options.cpus);
  command
      .add_text("--vmsa", options.vmsa, "Which interface of KVM starts them; default: print both")
      .choices({"legacy", "init2"});
}

}  // namespace

void add_digest_command(Command& tool) {
  auto options = std::make_shared<DigestOptions>();
  Command& command =
      tool.add_command("digest", "Compute the launch digest that the platform will measure",
                       [options] { return digest(*options); });
  add_boot_options(command, *options);
  add_mode_options(command, *options);
  add_json(command, options->json);
}

}  // namespace oskbc::tools
