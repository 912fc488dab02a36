// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/io.h"
#include "common/json.h"
#include "common/text.h"
#include "owner/launch/measurement.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/launch_options.h"
#include "sev-guest-owner/output.h"
#include "sev-guest-owner/session_keys.h"

namespace oskbc::tools {
namespace {

struct MeasureOptions {
  LaunchOptions launch;
  SessionKeyFiles keys;
  std::string given;
  bool json = false;
};

struct Result {
  owner::Mac measure{};
  owner::Nonce mnonce{};
  owner::Digest digest{};
  bool verified = false;
};

std::vector<std::string> missing(const MeasureOptions& options) {
  std::vector<std::string> missing = options.keys.missing_tik();
  if (owner::may_tell_more(options.given)) return missing;
  for (std::string& option : options.launch.missing()) missing.push_back(std::move(option));
  return missing;
}

void check_complete(const std::vector<std::string>& missing) {
  if (!missing.empty()) throw MissingOption(missing);
}

Result compute(const MeasureOptions& options) {
  LaunchOptions known = options.launch;
  std::optional<owner::LaunchMeasurement> given;
  if (!options.given.empty()) {
    const owner::LaunchReport report = read_report("--verify", options.given);
    known.take(report);
    given = report.measurement;
  }
  check_complete(known.missing());
  const CheckedLaunch launch(known);
  Result result;
  result.mnonce = launch.mnonce(given ? &*given : nullptr);
  const core::SecretBytes tik = read_session_tik(options.keys);
  result.verified = given.has_value();
  result.digest = given ? launch.verify(tik.expose(), *given) : launch.digest();
  result.measure = launch.measure(tik.expose(), result.digest, result.mnonce);
  return result;
}

std::string text_of(const Result& result) {
  std::string text = "measurement  " + to_hex(result.measure) + "\n" + "base64       " +
                     owner::encode_launch_measurement(result.measure, result.mnonce) + "\n";
  if (result.verified) text += "verified     launch digest " + to_hex(result.digest) + "\n";
  return text;
}

std::string json_of(const Result& result) {
  Json object =
      Json::object({{"measurement", to_hex(result.measure)},
                    {"mnonce", to_hex(result.mnonce)},
                    {"base64", owner::encode_launch_measurement(result.measure, result.mnonce)},
                    {"digest", to_hex(result.digest)}});
  if (result.verified) object.set("verified", true);
  return object.document();
}

int measure(const MeasureOptions& options) {
  const Result result = compute(options);
  write_output(options.json ? json_of(result) : text_of(result));
  return 0;
}

}  // namespace

void add_measure_command(Command& tool) {
  auto options = std::make_shared<MeasureOptions>();
  Command& command =
      tool.add_command("measure", "Compute a launch's measurement, and verify the platform's",
                       [options] { return measure(*options); });
  command.also_needs([options] { return missing(*options); });
  add_session_tik(command, options->keys);
  add_launch_options(command, options->launch);
  command
      .add_text(
          "--verify", options->given,
          "What the host returned, or a file with it: base64, hexadecimal, QEMU's JSON or libvirt's table")
      .value_name("M|F");
  add_json(command, options->json);
}

}  // namespace oskbc::tools
