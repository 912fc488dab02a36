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
#include "oskbc/keywrap.h"

namespace oskbc::tools {

namespace {

using core::as_text;
using core::Status;
namespace limits = core::limits;

Client open(const Settings& settings) { return {settings.params, settings.options()}; }

core::ByteView bytes_of(const Buffer& buffer) { return {buffer.data(), buffer.size()}; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// The packets of a manifest's annotation: base64, and several of it where a layer has several
// recipients.
std::vector<std::string> decode_annotation(std::string_view text) {
  std::vector<std::string> packets;
  for (std::size_t comma = 0; comma != std::string_view::npos;) {
    comma = text.find(',');
    const auto packet = core::base64::decode(text.substr(0, comma));
    if (!packet)
      core::fail(Status::packet, "the input is neither a packet's JSON nor base64 of it");
    packets.emplace_back(as_text(*packet));
    if (comma != std::string_view::npos) text.remove_prefix(comma + 1);
  }
  return packets;
}

std::vector<std::string> read_packets(const std::string& file) {
  constexpr std::size_t kLimit = core::base64::encoded_size(limits::kPacketText);
  const core::SecretBytes input = read_input(file, kLimit, Status::packet);
  const std::string_view text = trimmed(input.expose_text());
  if (text.starts_with('{')) return {std::string(text)};
  return decode_annotation(text);
}

// The first packet that the keyset has the key of.
Buffer unwrap_any(const Client& client, const std::vector<std::string>& packets) {
  for (std::size_t i = 0; i + 1 < packets.size(); ++i) {
    try {
      return client.unwrap(packets[i]);
    } catch (const Exception& error) {
      if (error.status() != OSKBC_E_UNKNOWN_KEY) throw;
    }
  }
  return client.unwrap(packets.back());
}

std::size_t value_length(const Client& client, const std::string& id) {
  std::size_t length = 0;
  const oskbc_status status = oskbc_get_resource(client.get(), id.c_str(), nullptr, &length);
  if (status != OSKBC_E_BUFFER) throw Exception(status);
  return length;
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
  const std::vector<std::string> packets = read_packets(file);
  for (const std::string& packet : packets) static_cast<void>(core::parse_packet(packet));
  write_output(bytes_of(unwrap_any(open(settings), packets)));
  return OSKBC_OK;
}

int keyprovider(const Settings& settings) {
  const core::SecretBytes input = read_input("-", limits::kRequestText, Status::request);
  const core::keyprovider::Request request = core::keyprovider::parse_request(input.expose_text());
  if (request.operation == core::keyprovider::Operation::keywrap) {
    write_output(answer_keywrap(request).expose());
  } else {
    static_cast<void>(core::parse_packet(as_text(request.annotation)));
    write_output(bytes_of(open(settings).keyprovider(input.expose_text())));
  }
  return OSKBC_OK;
}

int resource(const Settings& settings, const std::string& uri, bool force) {
  if (!force) refuse_terminal();
  write_output(bytes_of(open(settings).resource(uri)));
  return OSKBC_OK;
}

int list(const Settings& settings, bool json) {
  const Client client = open(settings);
  Json entries = Json::array();
  std::string lines;
  for (const std::string& id : client.key_ids()) {
    const std::size_t length = value_length(client, id);
    entries.append(Json::object({{"id", id}, {"length", length}}));
    // Ids come from JSON and can hold anything; a terminal should not act on it.
    lines += std::to_string(length) + "\t" + printable(id) + "\n";
  }
  write_output(json ? entries.document() : lines);
  return OSKBC_OK;
}

}  // namespace oskbc::tools
