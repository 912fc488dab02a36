// SPDX-License-Identifier: Apache-2.0
#include "agent/request_params.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "format/json_reader.h"

namespace oskbc::agent {
namespace {

using core::fail;
using core::JsonString;
using core::Status;

// Walks down keyunwrapparams, dc, Parameters, which have to be objects or null.
class Walker {
 public:
  explicit Walker(std::string_view request) : reader_(request, Status::request, "request") {}

  std::optional<std::string> walk() {
    members([this](const JsonString& name) {
      if (!core::equals(name, "keyunwrapparams")) return reader_.skip_value();
      read_inside("dc", [this] { read_inside("Parameters", [this] { read_providers(); }); });
    });
    reader_.finish();
    return found_;
  }

 private:
  template <typename Member>
  void members(Member member) {
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      member(reader_.name());
    }
  }

  template <typename Inside>
  void read_inside(std::string_view wanted, Inside inside) {
    if (reader_.null()) return;
    members([&](const JsonString& name) {
      core::equals(name, wanted) ? inside() : reader_.skip_value();
    });
  }

  void read_providers() {
    if (reader_.null()) return;
    members([this](const JsonString&) { read_values(); });
  }

  void read_values() {
    if (reader_.null()) return;
    for (bool more = reader_.enter_array(); more; more = reader_.next_element()) {
      const std::string value = read_value();
      if (!found_ && value.find("::") != std::string::npos) found_ = value;
    }
  }

  // Go writes base64, early Rust clients arrays of numbers, and what is neither is plain text.
  std::string read_value() {
    core::Bytes bytes;
    const auto allocate = [&bytes](std::size_t size) {
      bytes.resize(size);
      return core::ByteSpan(bytes);
    };
    if (reader_.peek() == '[') {
      core::read_numbers(reader_, allocate);
    } else {
      std::string text = core::to_string(reader_.string());
      if (!core::read_base64(text, allocate)) return text;
    }
    return std::string(core::as_text(bytes));
  }

  core::JsonReader reader_;
  std::optional<std::string> found_;
};

}  // namespace

std::optional<std::string> params_in(std::string_view request) {
  if (request.size() > core::limits::kRequestText) {
    fail(Status::request, "the request has more than %zu bytes", core::limits::kRequestText);
  }
  return Walker(request).walk();
}

}  // namespace oskbc::agent
