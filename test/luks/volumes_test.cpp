// SPDX-License-Identifier: Apache-2.0
#include "luks/volumes.h"

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::volumes_test {

using core::Status;
using luks::Volume;
using luks::volumes_in;

namespace {

const std::string kVolume =
    "[[volume]]\n"
    "name = \"data\"\n"
    "device = \"/dev/vdb\"\n"
    "uuid = \"c0ffee00-1234-4abc-8def-0123456789ab\"\n"
    "cipher = \"aes-xts-plain64\"\n"
    "header = \"/run/oskbc/data.header\"\n";

std::vector<Volume> volumes(const std::string& text) {
  const test::TempFolder root;
  root.write("etc/agent-config.toml", text);
  return volumes_in(tools::AgentConfig(root.path(), ""));
}

std::string refusal(const std::string& text) {
  const test::Failure failure = test::failure_of([&] { (void)volumes(text); });
  CHECK(failure.status == Status::argument);
  return failure.text;
}

}  // namespace

TEST_CASE("a volume says what its header has to be, and what opens it") {
  CHECK(volumes("aa_kbc_params = \"offline_sev_kbc::null\"\n").empty());
  const auto found = volumes(kVolume +
                             "entry = \"default/key/data\"\nkey_bits = \"256\"\n"
                             "keyslot_cipher = \"aes-xts-plain\"\nintegrity = \"hmac-sha256\"\n" +
                             kVolume.substr(0, 18) + "\"more\"\n" +
                             kVolume.substr(kVolume.find("device")) + "secret = \"luks-key\"\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0].entry == "default/key/data");
  CHECK(found[0].device == "/dev/vdb");
  CHECK(found[0].header == "/run/oskbc/data.header");
  CHECK(found[0].wanted.key_bits == 256);
  CHECK(found[0].wanted.keyslot_cipher == "aes-xts-plain");
  CHECK(found[0].wanted.integrity == "hmac-sha256");
  CHECK(found[1].entry.empty());
  CHECK(found[1].wanted.integrity == "none");
  CHECK(luks::find_volume(found, "data") == &found[0]);
  CHECK(luks::find_volume(found, "more") == &found[1]);
  CHECK(luks::find_volume(found, "dat") == nullptr);
}

TEST_CASE("a volume that is none is refused by its name") {
  CHECK_THAT(refusal(kVolume), Catch::ContainsSubstring("the volume data in"));
  CHECK_THAT(refusal(kVolume), Catch::ContainsSubstring("needs one of the two"));
  CHECK_THAT(refusal(kVolume + "entry = \"a\"\nsecret = \"luks-key\"\n"),
             Catch::ContainsSubstring("needs one of the two"));
  CHECK_THAT(refusal(kVolume + "secret = \"another\"\n"),
             Catch::ContainsSubstring("needs one of the two"));
  CHECK_THAT(refusal(kVolume + "entry = \"a\"\nmore = \"b\"\n"),
             Catch::ContainsSubstring("unknown member more"));
  CHECK_THAT(refusal(kVolume + "entry = \"a\"\nkey_bits = \"many\"\n"),
             Catch::ContainsSubstring("no number"));
  CHECK_THAT(refusal("[[volume]]\nname = \"data\"\ndevice = \"vdb\"\n"),
             Catch::ContainsSubstring("absolute path"));
  CHECK_THAT(refusal(kVolume + "entry = \"a\"\n" + kVolume + "entry = \"b\"\n"),
             Catch::ContainsSubstring("twice"));
  CHECK_THAT(refusal("[[volume]]\nname = \"a/b\"\n"), Catch::ContainsSubstring("/ in its name"));
  CHECK_THAT(refusal("[[volume]]\n"), Catch::ContainsSubstring("without a name"));
  CHECK_THAT(refusal("volume = \"data\"\n"), Catch::ContainsSubstring("[[volume]]"));
  CHECK_THAT(refusal("[[volume]]\nname = 7\n"), Catch::ContainsSubstring("between quotes"));
}

}  // namespace oskbc::volumes_test
