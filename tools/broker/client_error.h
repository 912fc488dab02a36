// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace oskbc::broker {

// What a client is told to do about an error; the names are gRPC's.
enum class Code { invalid_argument, resource_exhausted, unimplemented, unavailable, internal };

// A request that is not answered as its client wishes. The client hears one of a few texts, most of
// them gop-server.py's; the reason is for the owner's audit, since it could tell an attacker how
// far he got.
class ClientError final : public std::runtime_error {
 public:
  ClientError(Code code, const char* text, const std::string& reason)
      : std::runtime_error(reason), code_(code), text_(text) {}

  [[nodiscard]] Code code() const noexcept { return code_; }
  [[nodiscard]] const char* what() const noexcept override { return text_; }
  [[nodiscard]] const char* reason() const noexcept { return std::runtime_error::what(); }

 private:
  Code code_;
  const char* text_;  // a literal
};

[[noreturn]] inline void refuse(const char* text, const std::string& reason) {
  throw ClientError(Code::invalid_argument, text, reason);
}

}  // namespace oskbc::broker
