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

  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const {
    return document_.integer(path(name));
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

// Where both are there, guest_attestation counts, as its members do.
bool is_pre_attestation(const Section& section) {
  if (section.flag({"guest_attestation"})) return false;
  return section.flag({"guest_pre_attestation"}) ||
         !section
              .text({"guest_pre_attestation_kbs_uri", "guest_pre_attestation_proxy",
                     "guest_pre_attestation_keyset", "guest_pre_attestation_kbs_mode"})
              .empty();
}

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
  const std::string old_proxy = section.text({"guest_pre_attestation_proxy"});
  return {.is_pre_attestation = is_pre_attestation(section),
          .confidential_guest = section.flag({"confidential_guest"}),
          .guest_attestation = section.flag({"guest_attestation", "guest_pre_attestation"}),
          .guest_attestation_proxy =
              section.text({"guest_attestation_proxy", "guest_pre_attestation_proxy",
                            "guest_pre_attestation_kbs_uri"}),
          .guest_attestation_keyset =
              section.text({"guest_attestation_keyset", "guest_pre_attestation_keyset"}),
          .kbs_mode = section.text({"guest_pre_attestation_kbs_mode"}),
          .has_old_proxy = !old_proxy.empty(),
          .sev_guest_policy = section.number("sev_guest_policy"),
          .sev_cert_chain = section.text({"sev_cert_chain"}),
          .sev_snp_guest = section.flag({"sev_snp_guest"}),
          .shared_fs = section.text({"shared_fs"}),
          .firmware = section.text({"firmware"}),
          .firmware_volume = section.text({"firmware_volume"}),
          .kernel = section.text({"kernel"}),
          .kernel_params = section.text({"kernel_params"}),
          .initrd = section.text({"initrd"}),
          .image = section.text({"image"})};
}

}  // namespace oskbc::host
