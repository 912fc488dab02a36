// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/file_writer.h"
#include "common/io.h"
#include "common/json.h"
#include "common/text.h"
#include "format/base64.h"
#include "owner/launch/firmware_image.h"
#include "owner/launch/launch_digest.h"
#include "owner/launch/ovmf.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/inputs.h"
#include "sev-guest-owner/launch_options.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

using owner::VmsaGenerationName;

struct DigestOptions {
  std::string ovmf;
  std::optional<std::string> kernel;
  std::optional<std::string> initrd;
  std::optional<std::string> append;
  std::string mode = "sev";
  std::string vmsa;
  CpuOptions cpus;
  std::string hashes_table;
  bool force = false;
  bool json = false;
};

struct Line {
  const VmsaGenerationName* generation;  // nullptr for SEV
  owner::Digest digest;
};

void check_sev(const DigestOptions& options) {
  if (options.cpus.any() || !options.vmsa.empty()) {
    throw UsageError("--mode", "vCPUs are measured with sev-es only");
  }
}

// Nothing for SEV.
std::optional<owner::EsCpus> cpus_of(const DigestOptions& options) {
  if (options.mode != "sev") return es_cpus(options.cpus, "with --mode sev-es");
  check_sev(options);
  return std::nullopt;
}

std::vector<Line> compute(const DigestOptions& options, const owner::Launch& launch,
                          const std::optional<owner::EsCpus>& cpus) {
  if (!cpus) return {{nullptr, launch.sev_digest()}};
  std::vector<Line> lines;
  for (const VmsaGenerationName& generation : owner::vmsa_generations()) {
    if (!options.vmsa.empty() && options.vmsa != generation.name) continue;
    lines.push_back({&generation, launch.sev_es_digest(*cpus, generation.generation)});
  }
  return lines;
}

owner::Launch measure(const DigestOptions& options) {
  owner::Launch launch(options.ovmf);
  const std::string name = printable(options.ovmf);
  const owner::FirmwareImage image = owner::read_firmware_image(launch.ovmf(), name);
  if (!options.kernel) return launch;
  launch.add_kernel({*options.kernel, options.initrd, options.append});
  // A digest with hashes that nothing checks promises nothing.
  for (const std::string& missing : owner::missing_in(image)) warn(name + " " + missing);
  return launch;
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

Json area_of(const owner::MemoryArea& area) {
  return Json::object({{"address", area.base}, {"size", area.size}});
}

// Where the secret and the table of hashes have to be, of those that the image announces.
Json areas_of(const owner::OvmfTable& table) {
  Json areas = Json::object();
  if (table.secret_area) areas.set("secret", area_of(*table.secret_area));
  if (table.hashes_area) areas.set("hashes", area_of(*table.hashes_area));
  return areas;
}

std::string json_of(const std::string& mode, const std::vector<Line>& lines,
                    const owner::Launch& launch) {
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
  return Json::object({{"mode", mode},
                       {"digests", digests},
                       {"areas", areas_of(owner::parse_ovmf_table(launch.ovmf()))}})
      .document();
}

int digest(const DigestOptions& options) {
  const std::optional<owner::EsCpus> cpus = cpus_of(options);
  const owner::Launch launch = measure(options);
  const std::vector<Line> lines = compute(options, launch, cpus);
  if (!options.hashes_table.empty()) {
    write_file(options.hashes_table, launch.hashes_table().value(), FileMode::plain, options.force);
  }
  write_output(options.json ? json_of(options.mode, lines, launch) : text_of(lines));
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
  command
      .add_file("--hashes-table", options.hashes_table,
                "Write the table of hashes that was measured, 176 bytes")
      .needs(kernel);
  add_force(command, options.force);
}

void add_mode_options(Command& command, DigestOptions& options) {
  command.add_text("--mode", options.mode, "How the guest is launched")
      .choices({"sev", "sev-es"})
      .show_default();
  add_cpu_options(command, options.cpus);
  command
      .add_text("--vmsa", options.vmsa,
                "What the host's KVM puts into their start state; default: print all")
      .choices({"legacy", "legacy-debug-swap", "init2"});
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
