// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>

#include "common/io.h"
#include "common/json.h"
#include "common/text.h"
#include "owner/launch/measurement.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/launch_options.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

struct MeasureOptions {
  LaunchOptions launch;
  std::string tik;
  std::string given;
  bool json = false;
};

struct Result {
  owner::Mac measure{};
  owner::Nonce mnonce{};
  owner::Digest digest{};
  bool verified = false;
};

Result compute(const MeasureOptions& options) {
  const CheckedLaunch launch(options.launch);
  std::optional<owner::LaunchMeasurement> given;
  if (!options.given.empty()) given = owner::parse_launch_measurement(options.given);
  Result result;
  result.mnonce = launch.mnonce(given ? &*given : nullptr);
  const core::SecretBytes tik = owner::read_transport_key(options.tik, "TIK");
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
  command.add_file("--tik", options->tik, "The session's TIK").required();
  add_launch_options(command, options->launch);
  command
      .add_text("--verify", options->given,
                "What the platform returned: base64 as QEMU has it, or hexadecimal")
      .value_name("M");
  add_json(command, options->json);
}

}  // namespace oskbc::tools
