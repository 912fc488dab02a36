// SPDX-License-Identifier: Apache-2.0
#include "format/recipients.h"

#include <utility>

#include "base/status.h"
#include "format/base64.h"

namespace oskbc::core {

std::vector<std::string_view> split_recipients(std::string_view annotation) {
  std::vector<std::string_view> recipients;
  for (;;) {
    const std::size_t comma = annotation.find(',');
    recipients.push_back(annotation.substr(0, comma));
    if (comma == std::string_view::npos) return recipients;
    annotation.remove_prefix(comma + 1);
  }
}

Bytes decode_recipient(std::string_view base64) {
  if (auto packet = base64::decode(base64)) return *std::move(packet);
  fail(Status::packet, "the annotation packet is not canonical base64");
}

void MostTelling::note(const Error& error) {
  if (!error_ || weight(error.status()) > weight(error_->status())) error_ = error;
}

int MostTelling::weight(Status status) noexcept {
  switch (status) {
    case Status::ok:
      return 0;
    case Status::unknown_key:  // for another guest, most likely
      return 1;
    case Status::unsupported:  // of another provider
      return 2;
    case Status::packet:
      return 3;
    case Status::decrypt:  // for a key of ours
      return 4;
    default:  // no fault of the packet's
      return 5;
  }
}

Error MostTelling::error() const {
  return error_ ? *error_ : make_error(Status::packet, "there is no annotation packet");
}

void MostTelling::report() const { throw error(); }

}  // namespace oskbc::core
