// SPDX-License-Identifier: Apache-2.0
#include "format/params.h"

#include "base/status.h"

namespace oskbc::core {
namespace {

[[noreturn]] void refuse(const char* why) {
  fail(Status::params, "aa_kbc_params %s; write \"offline_sev_kbc::null\"", why);
}

}  // namespace

void check_params(std::string_view aa_kbc_params) {
  const std::size_t split = aa_kbc_params.find("::");
  if (split == std::string_view::npos) refuse("has no \"::\"");
  if (split == 0) refuse("names no KBC before \"::\"");
  if (aa_kbc_params.size() == split + 2) refuse("has nothing after \"::\"");
  if (aa_kbc_params.substr(0, split) != kKbcName) refuse("names another KBC than offline_sev_kbc");
}

}  // namespace oskbc::core
