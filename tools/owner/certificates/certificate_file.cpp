// SPDX-License-Identifier: Apache-2.0
#include "owner/certificates/certificate_file.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"
#include "common/host_answer.h"
#include "common/io.h"
#include "format/base64.h"

namespace oskbc::owner {
namespace {

using core::Bytes;
using core::ByteView;
using core::fail;
using core::Status;

// A full chain has less than 12 KiB, and JSON and line ends don't double its base64.
constexpr std::size_t kFileLimit = std::size_t{1} << 16;

void append(Bytes& all, const Bytes& more) { all.insert(all.end(), more.begin(), more.end()); }

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Certificates have other bytes in their first eight.
bool is_text(ByteView bytes) {
  return !bytes.empty() && std::ranges::all_of(core::as_text(bytes), [](char c) {
    return is_space(c) || (c > 0x20 && c < 0x7f);
  });
}

// Texts after one another each bring their own padding.
std::optional<Bytes> decode(std::string text) {
  std::erase_if(text, is_space);
  Bytes all;
  for (std::size_t start = 0; start < text.size();) {
    std::size_t end = text.find('=', start);
    end = end == std::string::npos ? end : text.find_first_not_of('=', end);
    end = std::min(end, text.size());
    const auto part = core::base64::decode(std::string_view(text).substr(start, end - start));
    if (!part) return std::nullopt;
    append(all, *part);
    start = end;
  }
  return all;
}

std::optional<Bytes> from_answer(const tools::HostAnswer& answer, const std::string& name) {
  Bytes all;
  for (const char* member : {"pdh", "cert-chain"}) {
    const auto found = answer.find(member);
    if (found == answer.end()) continue;
    const auto bytes = decode(found->second);
    if (!bytes) fail(Status::argument, "%s: its \"%s\" is not base64", name.c_str(), member);
    append(all, *bytes);
  }
  return all.empty() ? std::nullopt : std::optional(std::move(all));
}

}  // namespace

Bytes certificates_in(ByteView input, const std::string& name) {
  if (!is_text(input)) return {input.begin(), input.end()};
  const std::string_view text = core::as_text(input);
  if (const auto answer = tools::read_host_answer(text, name.c_str())) {
    if (auto bytes = from_answer(*answer, name)) return std::move(*bytes);
    fail(
        Status::argument,
        "%s: it has neither \"pdh\" nor \"cert-chain\", as QEMU's query-sev-capabilities and libvirt's nodesevinfo have them",
        name.c_str());
  }
  auto bytes = decode(std::string(text));
  if (bytes && !bytes->empty()) return std::move(*bytes);
  fail(
      Status::argument,
      "%s: this is text, but not base64, nor what QEMU's query-sev-capabilities or libvirt's nodesevinfo say",
      name.c_str());
}

Bytes read_certificates(const std::string& file) {
  const core::SecretBytes input = tools::read_input(file, kFileLimit, Status::argument);
  return certificates_in(input.expose(), file);
}

void add_file(CertificateChain& chain, const std::string& file) {
  chain.add(read_certificates(file), file);
}

}  // namespace oskbc::owner
