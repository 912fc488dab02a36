// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/policy.h"

#include <cstdio>

namespace oskbc::owner::policy {
namespace {

struct Flag {
  std::uint32_t bit;
  const char* name;
};

constexpr Flag kFlags[] = {{kNoDebug, "NODBG"}, {kNoKeySharing, "NOKS"}, {kEncryptedState, "ES"},
                           {kNoSend, "NOSEND"}, {kDomain, "DOMAIN"},     {kSev, "SEV"}};

std::string hex(std::uint32_t number) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%x", number);
  return text;
}

}  // namespace

std::vector<std::string> flags(std::uint32_t policy) {
  std::vector<std::string> names;
  for (const Flag& flag : kFlags) {
    if ((policy & flag.bit) != 0) names.emplace_back(flag.name);
  }
  return names;
}

std::string describe(std::uint32_t policy) {
  std::vector<std::string> parts = flags(policy);
  if (policy >> 16 != 0) {
    parts.push_back("API " + std::to_string(min_api_major(policy)) + "." +
                    std::to_string(min_api_minor(policy)) + " or later");
  }
  if ((policy & kReserved) != 0) parts.push_back("reserved bits " + hex(policy & kReserved));
  std::string list;
  for (const std::string& part : parts) list += (list.empty() ? "" : ", ") + part;
  return hex(policy) + " (" + (list.empty() ? "no bits set" : list) + ")";
}

std::vector<std::string> warnings(std::uint32_t policy) {
  std::vector<std::string> texts;
  if ((policy & kNoDebug) == 0) {
    texts.emplace_back(
        "NODBG (bit 0) is not set: the host may read the guest's memory, and the secrets in it");
  }
  if ((policy & kReserved) != 0)
    texts.emplace_back("reserved bits are set: the firmware may refuse it");
  return texts;
}

}  // namespace oskbc::owner::policy
