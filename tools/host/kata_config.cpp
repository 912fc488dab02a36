// SPDX-License-Identifier: Apache-2.0
#include "host/kata_config.h"

#include <initializer_list>
#include <string_view>

#include "base/error.h"
#include "base/status.h"
#include "common/toml.h"

namespace oskbc::host {

using core::fail;
using core::Status;
using tools::TomlText;

namespace {

constexpr std::string_view kSection = "hypervisor.qemu";

using Names = std::initializer_list<std::string_view>;

class Section {
 public:
  explicit Section(const TomlText& document) : document_(document) {}

  // The first of these names that is set.
  [[nodiscard]] std::string text(Names names) const {
    for (const std::string_view name : names) {
      if (auto value = document_.string(path(name))) return *value;
    }
    return {};
  }

  [[nodiscard]] std::optional<bool> flag(Names names) const {
    for (const std::string_view name : names) {
      if (auto value = document_.boolean(path(name))) return value;
    }
    return std::nullopt;
  }

 private:
  static std::string path(std::string_view name) {
    return std::string(kSection) + "." + std::string(name);
  }

  const TomlText& document_;
};

}  // namespace

KataConfig parse_kata_config(std::string_view text, const std::string& name) {
  const TomlText document(text, name);
  if (!document.has_table(kSection)) {
    fail(
        Status::argument,
        "%s has no section [hypervisor.qemu]; SEV guests are QEMU's, so take Kata's configuration for that",
        name.c_str());
  }
  const Section section(document);
  return {.confidential_guest = section.flag({"confidential_guest"}),
          .guest_attestation = section.flag({"guest_attestation", "guest_pre_attestation"}),
          .guest_attestation_proxy =
              section.text({"guest_attestation_proxy", "guest_pre_attestation_proxy",
                            "guest_pre_attestation_kbs_uri"}),
          .guest_attestation_keyset =
              section.text({"guest_attestation_keyset", "guest_pre_attestation_keyset"}),
          .shared_fs = section.text({"shared_fs"}),
          .firmware = section.text({"firmware"}),
          .firmware_volume = section.text({"firmware_volume"}),
          .kernel = section.text({"kernel"}),
          .kernel_params = section.text({"kernel_params"}),
          .initrd = section.text({"initrd"}),
          .image = section.text({"image"})};
}

}  // namespace oskbc::host
