// SPDX-License-Identifier: Apache-2.0
#include "owner/keyset_check.h"

#include "owner/refusal.h"
#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using owner::Digest;
using owner::Firmware;
using owner::KeysetPolicy;

namespace {

KeysetPolicy guides_keyset() {
  KeysetPolicy keyset;
  keyset.allowed_digests = {Digest{1}, Digest{2}};
  keyset.allowed_policies = {0, 5};
  keyset.min_api_major = 1;
  keyset.min_api_minor = 22;
  keyset.allowed_build_ids = {13, 15};
  return keyset;
}

std::string refusal(const auto& check) {
  const test::Failure failure = test::failure_of(check);
  if (failure.status != core::Status::ok) CHECK(failure.status == owner::kRefused);
  return failure.text;
}

std::string policy_refusal(const KeysetPolicy& keyset, std::uint32_t policy) {
  return refusal([&] { owner::check_policy(keyset, "K", policy); });
}

std::string firmware_refusal(const KeysetPolicy& keyset, const Firmware& firmware) {
  return refusal([&] { owner::check_firmware(keyset, "K", firmware); });
}

std::string digest_refusal(const KeysetPolicy& keyset, const Digest& digest) {
  return refusal([&] { owner::check_digest(keyset, "K", digest); });
}

}  // namespace

TEST_CASE("each condition of a keyset has a refusal of its own") {
  const KeysetPolicy keyset = guides_keyset();
  CHECK(policy_refusal(keyset, 4) == "keyset K does not allow the policy 0x4");
  CHECK(firmware_refusal(keyset, {0, 51, 13}) ==
        "keyset K needs firmware API major version 1 or later, not 0");
  CHECK(firmware_refusal(keyset, {1, 21, 13}) ==
        "keyset K needs firmware API 1.22 or later, not 1.21");
  CHECK(firmware_refusal(keyset, {1, 22, 14}) ==
        "keyset K does not allow the firmware's build id 14");
  CHECK(digest_refusal(keyset, Digest{3}) == "keyset K does not allow this launch digest");
}

TEST_CASE("what a keyset allows passes") {
  const KeysetPolicy keyset = guides_keyset();
  CHECK(policy_refusal(keyset, 0).empty());
  CHECK(policy_refusal(keyset, 5).empty());
  CHECK(firmware_refusal(keyset, {1, 22, 13}).empty());
  CHECK(firmware_refusal(keyset, {1, 255, 15}).empty());
  CHECK(digest_refusal(keyset, Digest{1}).empty());
  CHECK(digest_refusal(keyset, Digest{2}).empty());
}

TEST_CASE("the minor version counts only with the least major one") {
  CHECK(firmware_refusal(guides_keyset(), {2, 0, 13}).empty());
}

TEST_CASE("what a keyset does not have is not asked for, and an empty list allows nothing") {
  KeysetPolicy keyset;
  CHECK(policy_refusal(keyset, 0xffffffff).empty());
  CHECK(firmware_refusal(keyset, {0, 0, 0}).empty());
  CHECK(digest_refusal(keyset, Digest{}).empty());
  keyset.allowed_policies.emplace();
  keyset.allowed_build_ids.emplace();
  keyset.allowed_digests.emplace();
  CHECK_FALSE(policy_refusal(keyset, 0).empty());
  CHECK_FALSE(firmware_refusal(keyset, {0, 0, 0}).empty());
  CHECK_FALSE(digest_refusal(keyset, Digest{}).empty());
}

TEST_CASE("a digest has to be right in all its bytes") {
  KeysetPolicy keyset;
  keyset.allowed_digests = {Digest{}};
  for (std::size_t i = 0; i < Digest().size(); ++i) {
    Digest digest{};
    digest[i] = 1;
    CHECK_FALSE(digest_refusal(keyset, digest).empty());
  }
}
