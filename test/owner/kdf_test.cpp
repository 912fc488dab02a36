// SPDX-License-Identifier: Apache-2.0
#include "owner/kdf.h"

#include "owner/sev_vectors.h"
#include "support/catch.h"

using namespace oskbc;

TEST_CASE("keys are derived as the firmware derives them") {
  for (const auto& vector : test::owner_vectors("kdf.json")) {
    const std::string label = vector["label_text"];
    CAPTURE(label);
    const core::SecretBytes key =
        owner::derive_key(test::hex_bytes(vector["key"]), label, test::hex_bytes(vector["context"]),
                          vector["out_len"].get<std::size_t>());
    CHECK(owner::to_hex(key.expose()) == vector["out"]);
  }
}

TEST_CASE("the length is part of the derivation: a shorter key is not the start of a longer one") {
  const core::Bytes key(16);
  const core::SecretBytes two = owner::derive_key(key, "label", {}, 64);
  const core::SecretBytes one = owner::derive_key(key, "label", {}, 32);
  CHECK(two.size() == 64);
  CHECK(test::bytes_of(two.expose().first(32)) != test::bytes_of(one.expose()));
}
