// SPDX-License-Identifier: Apache-2.0
#include "host/setup.h"

namespace oskbc::host {
namespace {

void fill(std::string& value, const std::string& from) {
  if (value.empty()) value = from;
}

}  // namespace

void Setup::fill_from(const KataConfig& config) {
  fill(ovmf, config.firmware);
  fill(kernel, config.kernel);
  fill(initrd, config.initrd);
  fill(keyset, config.guest_attestation_keyset);
}

std::string not_named(const char* option) {
  return std::string("none is named; give ") + option + ", or a Kata configuration that names one";
}

}  // namespace oskbc::host
