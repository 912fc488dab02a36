// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/status.h"
#include "common/io.h"
#include "common/json.h"
#include "format/base64.h"
#include "owner/crypto/random.h"
#include "owner/keys/secret_table.h"
#include "owner/launch/launch_secret.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/launch_options.h"
#include "sev-guest-owner/output.h"
#include "sev-guest-owner/session_keys.h"

namespace oskbc::tools {
namespace {

using core::SecretBytes;

constexpr const char* kHeader = "packet_header.bin";
constexpr const char* kHeaderBase64 = "packet_header.b64";
constexpr const char* kSecret = "secret.bin";
constexpr const char* kSecretBase64 = "secret.b64";
constexpr const char* kQmp = "qmp.json";
constexpr const char* kLibvirt = "libvirt.json";

struct SecretOptions {
  LaunchOptions launch;
  std::string table;
  SessionKeyFiles keys;
  std::string measure;
  std::string directory;
  std::optional<std::uint64_t> address;
  bool skip_measurement = false;
  bool force = false;
  bool json = false;
};

// Keys sealed for a guest that nobody looked at are given away.
std::vector<std::string> missing_to_verify(const LaunchOptions& launch) {
  std::vector<std::string> missing = launch.missing();
  if (!launch.digest && launch.keyset.empty()) {
    missing.emplace_back("--digest (or --keysets and --keyset)");
  }
  return missing;
}

// The numbers may be told with the measurement.
std::vector<std::string> missing(const SecretOptions& options) {
  std::vector<std::string> missing = options.keys.missing();
  if (options.skip_measurement || owner::may_tell_more(options.measure)) return missing;
  for (std::string& option : missing_to_verify(options.launch))
    missing.push_back(std::move(option));
  return missing;
}

void check_skipped(const SecretOptions& options) {
  if (!options.skip_measurement || !options.launch.any()) return;
  throw UsageError("--unsafe-skip-measurement",
                   "nothing is verified with it; leave out what to verify against");
}

LaunchOptions with_what_is_told(const SecretOptions& options, const owner::LaunchReport& report) {
  LaunchOptions known = options.launch;
  if (options.skip_measurement) return known;
  known.take(report);
  const std::vector<std::string> missing = missing_to_verify(known);
  if (!missing.empty()) throw MissingOption(missing);
  return known;
}

// A table that gives no files in the guest would be found out only there.
SecretBytes read_table(const std::string& file) {
  SecretBytes table = read_binary_or_base64(file, 4 * owner::kMaxLaunchSecret);
  owner::check_launch_secret_size(table.size());
  const owner::ParsedSecretTable parsed = owner::parse_secret_table(table.expose());
  if (parsed.result != owner::ProbeResult::files) {
    core::fail(core::Status::argument, "%s: the guest's kernel would refuse this table: %s",
               file.c_str(), parsed.reason);
  }
  return table;
}

// The measurement to bind the packet to; none for firmware that does not want it.
std::optional<owner::Mac> binding_of(const LaunchOptions& known, core::ByteView tik,
                                     const owner::LaunchMeasurement& given) {
  const CheckedLaunch launch(known);
  static_cast<void>(launch.verify(tik, given));
  if (!owner::has_full_measurement(launch.firmware())) return std::nullopt;
  return given.measure;
}

owner::LaunchSecret seal(const SecretOptions& options) {
  check_skipped(options);
  const owner::TransportKeys keys = read_session_keys(options.keys);
  const owner::LaunchReport report = read_report("--measure", options.measure);
  const LaunchOptions known = with_what_is_told(options, report);
  std::optional<owner::Mac> binding = report.measurement.measure;
  if (!options.skip_measurement) {
    binding = binding_of(known, keys.tik.expose(), report.measurement);
  }
  const SecretBytes table = read_table(options.table);
  owner::SystemRandom random;
  return owner::seal_launch_secret(table.expose(), keys, binding, random);
}

// The parameters of libvirt's virDomainSetLaunchSecurityState().
Json libvirt_parameters(const owner::LaunchSecret& secret,
                        const std::optional<std::uint64_t>& address) {
  Json object = Json::object({{"sev-secret-header", core::base64::encode(secret.header)},
                              {"sev-secret", core::base64::encode(secret.data)}});
  if (address) object.set("sev-secret-set-address", *address);
  return object;
}

std::string virsh_command(const OutputDirectory& directory,
                          const std::optional<std::uint64_t>& address) {
  std::string command = "virsh domsetlaunchsecstate DOMAIN --secrethdr " +
                        directory.path_of(kHeaderBase64) + " --secret " +
                        directory.path_of(kSecretBase64);
  if (address) command += " --set-address " + std::to_string(*address);
  return command;
}

void write(const owner::LaunchSecret& secret, const SecretOptions& options,
           OutputDirectory& directory) {
  const std::string header = core::base64::encode(secret.header);
  const std::string data = core::base64::encode(secret.data);
  const std::string qmp = owner::qmp_inject_command(secret, options.address).line() + "\n";
  const std::string libvirt = libvirt_parameters(secret, options.address).line() + "\n";
  directory.add(kHeader, secret.header);
  directory.add(kHeaderBase64, core::as_bytes(header));
  directory.add(kSecret, secret.data);
  directory.add(kSecretBase64, core::as_bytes(data));
  directory.add(kQmp, core::as_bytes(qmp));
  directory.add(kLibvirt, core::as_bytes(libvirt));
  directory.write(options.force);
}

std::string text_of(const owner::LaunchSecret& secret, const SecretOptions& options,
                    const OutputDirectory& directory) {
  std::string text = options.skip_measurement
                         ? "UNSAFE: the measurement was not verified; any guest gets the keys\n\n"
                         : "verified the measurement\n\n";
  text += "QMP, also in " + directory.path_of(kQmp) + ":\n" +
          owner::qmp_inject_command(secret, options.address).line() + "\n\n";
  return text + "libvirt, its parameters in " + directory.path_of(kLibvirt) + ":\n" +
         virsh_command(directory, options.address) + "\n";
}

std::string json_of(const owner::LaunchSecret& secret, const SecretOptions& options,
                    const OutputDirectory& directory) {
  const Json files = Json::object({{"packet_header", directory.path_of(kHeader)},
                                   {"packet_header_base64", directory.path_of(kHeaderBase64)},
                                   {"secret", directory.path_of(kSecret)},
                                   {"secret_base64", directory.path_of(kSecretBase64)},
                                   {"qmp", directory.path_of(kQmp)},
                                   {"libvirt", directory.path_of(kLibvirt)}});
  // A script that looks for "verified" alone must not find it where nothing was.
  const char* outcome = options.skip_measurement ? "unsafe_skip_measurement" : "verified";
  return Json::object({{outcome, true},
                       {"qmp", owner::qmp_inject_command(secret, options.address)},
                       {"libvirt", libvirt_parameters(secret, options.address)},
                       {"virsh", virsh_command(directory, options.address)},
                       {"files", files}})
      .document();
}

int secret(const SecretOptions& options) {
  const owner::LaunchSecret sealed = seal(options);
  OutputDirectory directory(options.directory);
  write(sealed, options, directory);
  write_output(options.json ? json_of(sealed, options, directory)
                            : text_of(sealed, options, directory));
  return 0;
}

void add_key_options(Command& command, SecretOptions& options) {
  command.add_file("--table", options.table, "The secret table, raw or base64").required();
  add_session_keys(command, options.keys);
  command
      .add_text(
          "--measure", options.measure,
          "What the host returned, or a file with it: base64, hexadecimal, QEMU's JSON or libvirt's table")
      .value_name("M|F")
      .required();
}

}  // namespace

void add_secret_command(Command& tool) {
  auto options = std::make_shared<SecretOptions>();
  Command& command = tool.add_command("secret", "Encrypt a secret table for one measured launch",
                                      [options] { return secret(*options); });
  command.also_needs([options] { return missing(*options); });
  add_key_options(command, *options);
  add_output_directory(command, options->directory);
  add_launch_options(command, options->launch);
  command.add_flag("--unsafe-skip-measurement", options->skip_measurement,
                   "Seal the keys for whatever guest was launched");
  command.add_number("--gpa", options->address,
                     "Where in the guest's memory; default: where OVMF says");
  add_force(command, options->force);
  add_json(command, options->json);
}

}  // namespace oskbc::tools
