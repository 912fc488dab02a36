// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/status.h"
#include "format/uris.h"
#include "fuzz/fuzz_common.h"

namespace oskbc::fuzz {
namespace {

core::Status check(std::string_view text) {
  return status_of([text] { core::check_params(text); });
}

// The rule in other words: our name, "::", and at least one byte.
bool is_ours(std::string_view text) {
  constexpr std::string_view kStart = "offline_sev_kbc::";
  return text.size() > kStart.size() && text.starts_with(kStart);
}

void fuzz_params(ByteView bytes) {
  const std::string text(core::as_text(bytes));
  const core::Status status = check(text);
  require(status == (is_ours(text) ? core::Status::ok : core::Status::params),
          "our name and any URI are taken, and nothing else");
  // What a URI is made of is not looked at.
  require(check("offline_sev_kbc::" + text + "x") == core::Status::ok, "any URI is taken");
  require(check("x" + text) == core::Status::params, "another name is refused");
}

const Target params_target("params", fuzz_params);

}  // namespace
}  // namespace oskbc::fuzz
