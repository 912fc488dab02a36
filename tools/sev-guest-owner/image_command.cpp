// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/status.h"
#include "common/io.h"
#include "common/json.h"
#include "common/text.h"
#include "owner/image/image_check.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/inputs.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::Status;
using owner::LayerReport;
using owner::Recipient;

struct ImageOptions {
  std::string layout;
  owner::KeysLocation keys;
  bool loose_modes = false;
  bool json = false;
};

const char* name_of(core::WrapType type) {
  return type == core::WrapType::a256gcm ? "A256GCM" : "A256CTR";
}

std::string short_digest(const std::string& digest) { return digest.substr(0, 19); }

std::string describe(const Recipient& recipient) {
  std::string text = printable(recipient.scheme);
  if (recipient.packet) {
    text += " key " + printable(recipient.packet->kid) + " (" + name_of(recipient.packet->type) +
            ", " + owner::name_of(*recipient.generation) + ")";
  }
  if (recipient.opens.value_or(false)) text += " opens";
  if (recipient.status != Status::ok) text += " fails: " + recipient.reason;
  return text;
}

std::string line_of(const LayerReport& report) {
  if (!report.artifact.empty()) {
    return short_digest(report.manifest) + " no image, but " + printable(report.artifact) + "\n";
  }
  std::string line = short_digest(report.manifest) + " layer " + std::to_string(report.number) +
                     "/" + std::to_string(report.count) + " " + short_digest(report.layer.digest) +
                     (report.encrypted ? " encrypted" : " not encrypted") +
                     (report.absent ? ", kept elsewhere and not checked" : "");
  for (const Recipient& recipient : report.recipients) line += "; " + describe(recipient);
  if (report.encrypted && report.recipients.empty()) line += "; for nobody";
  return line + "\n";
}

Json json_of(const Recipient& recipient) {
  Json object = Json::object({{"scheme", recipient.scheme}});
  if (recipient.packet) {
    object.set("kid", recipient.packet->kid);
    object.set("wrap_type", name_of(recipient.packet->type));
    object.set("generation", owner::name_of(*recipient.generation));
  }
  if (recipient.opens) object.set("opens", *recipient.opens);
  if (recipient.status != Status::ok) object.set("reason", recipient.reason);
  return object;
}

Json json_of(const LayerReport& report, bool with_keys) {
  if (!report.artifact.empty()) {
    return Json::object({{"manifest", report.manifest}, {"artifact", report.artifact}});
  }
  Json recipients = Json::array();
  for (const Recipient& recipient : report.recipients) recipients.append(json_of(recipient));
  return Json::object({{"manifest", report.manifest},
                       {"layer", report.number},
                       {"layers", report.count},
                       {"digest", report.layer.digest},
                       {"media_type", report.layer.media_type},
                       {"encrypted", report.encrypted},
                       {"absent", report.absent},
                       {"ok", report.verdict(with_keys) == Status::ok},
                       {"recipients", recipients}});
}

void show(const std::vector<LayerReport>& reports, bool with_keys, bool json) {
  Json objects = Json::array();
  std::string lines;
  for (const LayerReport& report : reports) {
    objects.append(json_of(report, with_keys));
    lines += line_of(report);
  }
  write_output(json ? objects.document() : lines);
}

// The first layer's trouble decides the status, where several have some.
void judge(const std::vector<LayerReport>& reports, bool with_keys) {
  std::size_t plain = 0;
  std::size_t closed = 0;
  std::size_t layers = 0;
  Status first = Status::ok;
  for (const LayerReport& report : reports) {
    if (!report.artifact.empty()) continue;
    ++layers;
    const Status verdict = report.verdict(with_keys);
    if (!report.encrypted) {
      ++plain;
    } else if (verdict != Status::ok) {
      ++closed;
    }
    if (first == Status::ok) first = verdict;
  }
  if (layers == 0) fail(Status::argument, "the image layout has no layers");
  if (first == Status::ok) return;
  fail(first, "of %zu layers %zu are not encrypted, and %zu %s", layers, plain, closed,
       with_keys ? "don't open with the keys given" : "have no packet for the attestation agent");
}

int check(const ImageOptions& options) {
  const bool with_keys = !options.keys.file.empty();
  core::Keyset keys;
  if (with_keys) {
    const core::SecretBytes text = read_keys(options.keys, options.loose_modes);
    keys = core::Keyset::parse(text.expose_text());
  }
  const auto reports = owner::check_image(options.layout, with_keys ? &keys : nullptr);
  show(reports, with_keys, options.json);
  judge(reports, with_keys);
  return 0;
}

}  // namespace

void add_image_command(Command& tool) {
  auto options = std::make_shared<ImageOptions>();
  Command& image = tool.add_command("image", "Look at encrypted images");
  Command& command =
      image.add_command("check", "Tell which layers are encrypted, and with which keys",
                        [options] { return check(*options); });
  command
      .add_folder("OCI-LAYOUT", options->layout,
                  "A folder in the OCI image layout; or oci:FOLDER[:TAG], as for skopeo")
      .required();
  command.add_file("--keys", options->keys.file, "A keys file that has to open every layer");
  add_keys_key(command, options->keys.key_file);
  add_allow_loose_modes(command, options->loose_modes);
  add_json(command, options->json);
}

}  // namespace oskbc::tools
