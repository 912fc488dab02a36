// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/vmsa.h"

#include <algorithm>

#include "common/binary.h"
#include "common/text.h"
#include "owner/crypto/hash.h"
#include "owner/vectors.h"
#include "support/catch.h"

using namespace oskbc;
using owner::cpu_signature;
using owner::make_vmsa;
using owner::VmsaGeneration;

namespace {

// Of the vectors' OVMF image.
constexpr std::uint32_t kEsReset = 0x0080b004;

}  // namespace

TEST_CASE("a vCPU's page is the one that the platform measures") {
  const auto vectors = test::owner_vectors("launch_digests.json");
  const std::uint32_t epyc = cpu_signature("EPYC-v4").value();
  const auto first = make_vmsa(VmsaGeneration::init2, owner::kResetVector, epyc);
  const auto other = make_vmsa(VmsaGeneration::init2, kEsReset, epyc);
  const auto legacy = make_vmsa(VmsaGeneration::legacy, owner::kResetVector, epyc);
  CHECK(std::ranges::equal(first, test::from_base64(vectors["vmsa_bsp_EPYC-v4_init2_b64"])));
  CHECK(std::ranges::equal(other, test::from_base64(vectors["vmsa_ap_EPYC-v4_init2_b64"])));
  CHECK(tools::to_hex(owner::sha256(legacy)) == vectors["vmsa_bsp_EPYC-v4_legacy_sha256"]);
}

TEST_CASE("the generations differ in the FPU's registers alone") {
  auto legacy = make_vmsa(VmsaGeneration::legacy, 0x12345678, 0x9abcdef0);
  const auto init2 = make_vmsa(VmsaGeneration::init2, 0x12345678, 0x9abcdef0);
  CHECK(legacy != init2);
  tools::store_le(legacy, 0x408, std::uint32_t{0x1f80});
  tools::store_le(legacy, 0x410, std::uint16_t{0x37f});
  CHECK(legacy == init2);
}

TEST_CASE("start and signature have their places") {
  const auto vmsa = make_vmsa(VmsaGeneration::legacy, 0x12345678, 0x9abcdef0);
  CHECK(tools::load_le<std::uint64_t>(vmsa, 0x18) == 0x12340000);
  CHECK(tools::load_le<std::uint64_t>(vmsa, 0x178) == 0x5678);
  CHECK(tools::load_le<std::uint64_t>(vmsa, 0x310) == 0x9abcdef0);
}

TEST_CASE("CPU types have the signature of their model, in every version") {
  CHECK(cpu_signature("EPYC") == 0x800f12);
  CHECK(cpu_signature("EPYC-v1") == 0x800f12);
  CHECK(cpu_signature("EPYC-IBPB") == 0x800f12);
  CHECK(cpu_signature("EPYC-Rome-v4") == 0x830f10);
  CHECK(cpu_signature("EPYC-Milan") == 0xa00f11);
  CHECK(cpu_signature("EPYC-Genoa-v2") == 0xa10f10);
}

TEST_CASE("other CPU types are not known") {
  for (const char* type :
       {"", "-v1", "v1", "1", "epyc", "EPYC-v", "EPYC-1", "EPYC-v1-v1", "EPYC-Rome-", "Opteron"}) {
    INFO(type);
    CHECK_FALSE(cpu_signature(type));
  }
}
