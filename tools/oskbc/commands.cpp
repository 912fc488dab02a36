// SPDX-License-Identifier: Apache-2.0
#include "oskbc/commands.h"

#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "common/io.h"
#include "common/json.h"
#include "common/text.h"
#include "format/base64.h"
#include "format/keyprovider.h"
#include "format/packet.h"
#include "format/recipients.h"
#include "oskbc/key_source.h"
#include "oskbc/keywrap.h"
#include "ttrpc/client.h"

namespace oskbc::tools {

namespace {

using core::as_text;
using core::Status;
namespace limits = core::limits;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Of a recipient that is not base64, nothing is left: it fails as a packet, and the others are
// tried.
std::vector<core::Bytes> decode_annotation(std::string_view text) {
  std::vector<core::Bytes> packets;
  bool any = false;
  for (const std::string_view recipient : core::split_recipients(text)) {
    const auto packet = core::base64::decode(recipient);
    any = any || (packet && !packet->empty());
    packets.push_back(packet.value_or(core::Bytes()));
  }
  if (!any) core::fail(Status::packet, "the input is neither a packet's JSON nor base64 of it");
  return packets;
}

std::vector<core::Bytes> read_packets(const std::string& file) {
  constexpr std::size_t kLimit = core::base64::encoded_size(limits::kPacketText);
  const core::SecretBytes input = read_input(file, kLimit, Status::packet);
  const std::string_view text = trimmed(input.expose_text());
  if (text.starts_with('{')) return {core::Bytes(text.begin(), text.end())};
  return decode_annotation(text);
}

// Throws where none of them could be unwrapped, whatever the keyset holds.
void check_packets(const std::vector<core::Bytes>& packets) {
  static_cast<void>(core::open_first(
      packets, [](const core::Bytes& packet) { return core::parse_packet(as_text(packet)); }));
}

// In a guest, its agent has taken the keyset; what it holds is what there is.
std::vector<ttrpc::Entry> find_entries(Settings settings, bool consume) {
  if (settings.agent.empty() && !consume) {
    if (auto agent = ttrpc::find_agent(settings.root)) return agent->entries();
  }
  // Looking is no use of it.
  if (!consume) settings.keep_secret = true;
  return KeySource::open(settings)->entries();
}

}  // namespace

Options Settings::options() const {
  Options options;
  if (!root.empty()) options.set_root(root);
  if (!guid.empty()) options.set_secret_guid(guid);
  if (no_kernel) options.set_manage_kernel(false);
  options.set_keep_secret(keep_secret);
  return options;
}

core::ClientOptions Settings::core_options() const {
  core::ClientOptions options;
  if (!root.empty()) options.set_root(root);
  if (!guid.empty()) options.set_secret_guid(guid);
  if (no_kernel) options.source.manage_kernel = false;
  options.source.keep_secret = keep_secret;
  return options;
}

int unwrap(const Settings& settings, const std::string& file, bool force) {
  if (!force) refuse_terminal();
  const std::vector<core::Bytes> packets = read_packets(file);
  check_packets(packets);
  write_output(KeySource::open(settings)->unwrap(packets).expose());
  return OSKBC_OK;
}

int keyprovider(const Settings& settings) {
  const core::SecretBytes input = read_input("-", limits::kRequestText, Status::request);
  const core::keyprovider::Request request = core::keyprovider::parse_request(input.expose_text());
  if (request.operation == core::keyprovider::Operation::keywrap) {
    write_output(answer_keywrap(request).expose());
  } else {
    check_packets(request.annotations);
    write_output(KeySource::open(settings)->keyprovider(input.expose_text()).expose());
  }
  return OSKBC_OK;
}

int resource(const Settings& settings, const std::string& uri, bool force) {
  if (!force) refuse_terminal();
  write_output(KeySource::open(settings)->resource(uri).expose());
  return OSKBC_OK;
}

int list(const Settings& settings, bool json, bool consume) {
  Json entries = Json::array();
  std::string lines;
  for (const auto& [id, length] : find_entries(settings, consume)) {
    entries.append(Json::object({{"id", id}, {"length", length}}));
    // Ids come from JSON and can hold anything; a terminal should not act on it.
    lines += std::to_string(length) + "\t" + printable(id) + "\n";
  }
  write_output(json ? entries.document() : lines);
  return OSKBC_OK;
}

}  // namespace oskbc::tools
