// SPDX-License-Identifier: Apache-2.0
#include "host/kata_config.h"

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::kata_config_test {

using core::Status;
using host::KataConfig;
using host::parse_kata_config;

namespace {

KataConfig parse(const std::string& members) {
  return parse_kata_config("[hypervisor.qemu]\n" + members, "configuration.toml");
}

Status status_of(const std::string& text) {
  return test::status_of([&] { static_cast<void>(parse_kata_config(text, "x")); });
}

}  // namespace

TEST_CASE("what is set is read, out of QEMU's section alone") {
  const KataConfig config = parse(
      "confidential_guest = true\nguest_attestation = false\nguest_attestation_proxy = \"h:1\"\n"
      "guest_attestation_keyset = \"K\"\nshared_fs = 'virtio-9p'\nfirmware = \"/f\"\n"
      "kernel = \"/k\"\nkernel_params = \"\"\"a b\"\"\"\ninitrd = \"/i\"\n"
      "[hypervisor.clh]\nimage = \"/other\"\n");
  CHECK(config.confidential_guest == true);
  CHECK(config.guest_attestation == false);
  CHECK(config.guest_attestation_proxy == "h:1");
  CHECK(config.guest_attestation_keyset == "K");
  CHECK(config.shared_fs == "virtio-9p");
  CHECK(config.firmware == "/f");
  CHECK(config.kernel == "/k");
  CHECK(config.kernel_params == "a b");
  CHECK(config.initrd == "/i");
  CHECK(config.image.empty());
}

TEST_CASE("what is not set is told from false") {
  const KataConfig config = parse("");
  CHECK_FALSE(config.confidential_guest);
  CHECK_FALSE(config.guest_attestation);
  CHECK(config.firmware.empty());
}

TEST_CASE("the attestation's later names are read, and its first ones win") {
  const KataConfig later = parse(
      "guest_pre_attestation = true\nguest_pre_attestation_kbs_uri = \"u:1\"\n"
      "guest_pre_attestation_keyset = \"K\"\n");
  CHECK(later.guest_attestation == true);
  CHECK(later.guest_attestation_proxy == "u:1");
  CHECK(later.guest_attestation_keyset == "K");
  const KataConfig both = parse("guest_attestation = false\nguest_pre_attestation = true\n");
  CHECK(both.guest_attestation == false);
  CHECK(later.is_pre_attestation);
  CHECK_FALSE(both.is_pre_attestation);
  CHECK_FALSE(parse("").is_pre_attestation);
  CHECK(parse("guest_pre_attestation_keyset = \"K\"\n").is_pre_attestation);
}

TEST_CASE("what only the later shims know is read") {
  const KataConfig config = parse(
      "guest_pre_attestation_kbs_mode = \"online\"\nsev_guest_policy = 0x16000037\n"
      "sev_cert_chain = \"/c\"\nsev_snp_guest = true\nguest_pre_attestation_proxy = \"p:1\"\n");
  CHECK(config.kbs_mode == "online");
  CHECK(config.sev_guest_policy == 0x16000037);
  CHECK(config.sev_cert_chain == "/c");
  CHECK(config.sev_snp_guest == true);
  CHECK(config.has_old_proxy);
  const KataConfig none = parse("");
  CHECK_FALSE(none.sev_guest_policy);
  CHECK_FALSE(none.sev_snp_guest);
  CHECK_FALSE(none.has_old_proxy);
  CHECK(status_of("[hypervisor.qemu]\nsev_guest_policy = \"1\"\n") == Status::argument);
}

TEST_CASE("a wrong type, a missing section and no TOML are refused") {
  CHECK(status_of("[hypervisor.qemu]\nconfidential_guest = \"true\"\n") == Status::argument);
  CHECK(status_of("[hypervisor.qemu]\nkernel = 1\n") == Status::argument);
  CHECK(status_of("[hypervisor.clh]\n") == Status::argument);
  CHECK(status_of("hypervisor = \"qemu\"\n") == Status::argument);
  CHECK(status_of("[hypervisor.qemu\n") == Status::argument);
  CHECK(status_of("") == Status::argument);
}

}  // namespace oskbc::kata_config_test
