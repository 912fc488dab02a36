// SPDX-License-Identifier: Apache-2.0
#include "broker/state_key.h"

#include "base/status.h"
#include "format/base64.h"
#include "launches.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::state_key_test {

using broker::StateKey;
using core::Status;

namespace {

const core::Bytes kBound = {1, 2, 3};

std::string write_key(const test::TempFolder& folder, const std::string& text) {
  std::string file = folder.write("key", text);
  boost::filesystem::permissions(file, static_cast<boost::filesystem::perms>(0600));
  return file;
}

}  // namespace

TEST_CASE("a key is 32 bytes or base64 of them, and nothing else") {
  const test::TempFolder folder;
  const std::string bytes(32, '\x42');
  const std::string base64 = core::base64::encode(core::as_bytes(bytes));
  for (const std::string& text : {bytes, base64, base64 + "\n", base64 + "\r\n"}) {
    CHECK(StateKey::read(write_key(folder, text)).fingerprint() == test::state_key().fingerprint());
  }
  for (const std::string& text : {std::string(), bytes + "x", bytes.substr(1), " " + base64,
                                  base64 + base64, std::string(44, '!')}) {
    CAPTURE(text.size());
    CHECK(test::status_of([&] { static_cast<void>(StateKey::read(write_key(folder, text))); }) ==
          Status::argument);
  }
}

TEST_CASE("a key is made once, for its owner alone") {
  const test::TempFolder folder;
  bool made = false;
  const std::string first = StateKey::read_or_make(folder.path("key"), made).fingerprint();
  CHECK(made);
  CHECK(folder.mode("key") == 0600);
  CHECK(StateKey::read_or_make(folder.path("key"), made).fingerprint() == first);
  CHECK_FALSE(made);
  CHECK(StateKey::read_or_make(folder.path("other"), made).fingerprint() != first);
}

TEST_CASE("what was sealed opens with the same key and bounds only") {
  owner::SystemRandom random;
  const broker::Launch launch = test::a_launch();
  const std::string sealed = test::state_key().seal(launch.keys, kBound, random);
  broker::Launch opened;
  opened.keys = test::state_key().unseal(sealed, kBound);
  CHECK(test::has_keys_of(opened, launch));
  const auto unseal = [&](const StateKey& key, const std::string& text, const core::Bytes& bound) {
    return test::status_of([&] { static_cast<void>(key.unseal(text, bound)); });
  };
  CHECK(unseal(test::state_key(1), sealed, kBound) == core::Status::decrypt);
  CHECK(unseal(test::state_key(), sealed, {1, 2}) == core::Status::decrypt);
  for (std::size_t i = 0; i < sealed.size(); i += 2) {
    std::string changed = sealed;
    changed[i] = changed[i] == '0' ? '1' : '0';
    CHECK(unseal(test::state_key(), changed, kBound) == core::Status::decrypt);
    CHECK(unseal(test::state_key(), sealed.substr(0, i), kBound) == core::Status::decrypt);
  }
  CHECK(sealed != test::state_key().seal(launch.keys, kBound, random));
}

}  // namespace oskbc::state_key_test
