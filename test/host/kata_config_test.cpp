// SPDX-License-Identifier: Apache-2.0
#include "host/kata_config.h"

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using core::Status;
using host::KataConfig;
using host::kernel_parameter;
using host::parse_kata_config;
using host::TomlText;

TEST_CASE("values are found by their paths") {
  const TomlText text("a = \"x\"\n[b.c]\nd = true\n'e' = '''\ny'''\n", "x.toml");
  CHECK(text.string("a") == "x");
  CHECK(text.boolean("b.c.d") == true);
  CHECK(text.string("b.c.e") == "y");
  CHECK_FALSE(text.string("b.a"));
  CHECK_FALSE(text.boolean("a.b.c"));
  CHECK(text.has_table("b"));
  CHECK(text.has_table("b.c"));
  CHECK_FALSE(text.has_table("a"));
  CHECK_FALSE(text.has_table("z"));
}

TEST_CASE("a value of another type is refused by its name") {
  const TomlText text("a = 1\nb = \"true\"\n[c]\n", "x.toml");
  const auto failure = test::failure_of([&] { static_cast<void>(text.string("a")); });
  CHECK(failure.status == Status::argument);
  CHECK_THAT(failure.text, Catch::ContainsSubstring("a in x.toml"));
  CHECK(test::status_of([&] { static_cast<void>(text.boolean("b")); }) == Status::argument);
  CHECK(test::status_of([&] { static_cast<void>(text.string("c")); }) == Status::argument);
}

TEST_CASE("what is no TOML is refused with its position, and not shown") {
  for (const std::string& text :
       {std::string("a = 1\nb = MARKER\n"), std::string("a = 1\n\"\xff\" = 1\n"),
        std::string("a = 1\na.b = 1\n"), std::string("a = 1\n[") + std::string(100'000, '[')}) {
    const auto failure = test::failure_of([&] { const TomlText toml(text, "x.toml"); });
    CHECK(failure.status == Status::argument);
    CHECK_THAT(failure.text, Catch::ContainsSubstring("x.toml is not TOML: look at line 2"));
  }
}

TEST_CASE("deep nesting is refused, not followed") {
  std::string text = "a = ";
  text.append(100'000, '[');
  CHECK(test::status_of([&] { const TomlText toml(text, "x"); }) == Status::argument);
}

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
}

TEST_CASE("a wrong type, a missing section and no TOML are refused") {
  CHECK(status_of("[hypervisor.qemu]\nconfidential_guest = \"true\"\n") == Status::argument);
  CHECK(status_of("[hypervisor.qemu]\nkernel = 1\n") == Status::argument);
  CHECK(status_of("[hypervisor.clh]\n") == Status::argument);
  CHECK(status_of("hypervisor = \"qemu\"\n") == Status::argument);
  CHECK(status_of("[hypervisor.qemu\n") == Status::argument);
  CHECK(status_of("") == Status::argument);
}

TEST_CASE("a kernel's parameter is a word of its own, and its last one counts") {
  CHECK(kernel_parameter("a b.c=1 d", "b.c=") == "1");
  CHECK(kernel_parameter("b.c=1 b.c=2", "b.c=") == "2");
  CHECK(kernel_parameter("b.c=", "b.c=") == "");
  CHECK(kernel_parameter("\tb.c=x=y\n", "b.c=") == "x=y");
  CHECK_FALSE(kernel_parameter("xb.c=1 b.c", "b.c="));
  CHECK_FALSE(kernel_parameter("", "b.c="));
}
