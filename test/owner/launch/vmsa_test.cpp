// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/vmsa.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/binary.h"
#include "common/text.h"
#include "owner/crypto/hash.h"
#include "owner/vectors.h"
#include "support/catch.h"

namespace oskbc::vmsa_test {

using owner::cpu_signature;
using owner::CpuModel;
using owner::make_vmsa;
using owner::parse_cpuinfo;
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
  CHECK(tools::to_hex(owner::sha256(legacy)) ==
        vectors["vmsa_bsp_EPYC-v4_legacy_sha256"].get<std::string>());
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

TEST_CASE("debug swap is one bit of the features that are turned on") {
  auto legacy = make_vmsa(VmsaGeneration::legacy, 0x12345678, 0x9abcdef0);
  const auto swapped = make_vmsa(VmsaGeneration::legacy_debug_swap, 0x12345678, 0x9abcdef0);
  CHECK(legacy != swapped);
  tools::store_le(legacy, 0x3b0, std::uint64_t{0x20});
  CHECK(legacy == swapped);
}

TEST_CASE("each generation has a name of its own") {
  std::vector<std::string> names;
  for (const auto& known : owner::vmsa_generations()) names.emplace_back(known.name);
  CHECK(names == std::vector<std::string>{"legacy", "legacy-debug-swap", "init2"});
}

TEST_CASE("family, model and stepping make a signature") {
  CHECK(cpu_signature(CpuModel{23, 1, 2}) == cpu_signature("EPYC"));
  CHECK(cpu_signature(CpuModel{23, 49, 0}) == cpu_signature("EPYC-Rome"));
  CHECK(cpu_signature(CpuModel{25, 1, 1}) == cpu_signature("EPYC-Milan"));
  CHECK(cpu_signature(CpuModel{25, 17, 0}) == cpu_signature("EPYC-Genoa"));
  // Before family 15 there is no extended one.
  CHECK(cpu_signature(CpuModel{6, 0x5e, 3}) == 0x506e3);
  CHECK(cpu_signature(CpuModel{owner::kMostCpuFamily, owner::kMostCpuModel,
                               owner::kMostCpuStepping}) == 0x0fff0fff);
}

TEST_CASE("the kernel's description of a CPU is read, the first of several") {
  const std::string milan =
      "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\n"
      "model name\t: AMD EPYC 7763 64-Core Processor\nstepping\t: 1\nmicrocode\t: 0xa0011d5\n";
  const auto model = parse_cpuinfo(milan + "\n" + std::string("model\t\t: 7\n"));
  REQUIRE(model);
  CHECK(cpu_signature(*model) == cpu_signature("EPYC-Milan"));
  for (const auto& [from, to] :
       {std::pair("AuthenticAMD", "GenuineIntel"), std::pair("cpu family", "family"),
        std::pair("model\t\t", "mode\t\t"), std::pair("stepping\t: 1", "stepping\t: 16"),
        std::pair("model\t\t: 1", "model\t\t: 1x"), std::pair(": 25", ": 271"),
        std::pair("model\t\t: 1", "model\t\t: "), std::pair("vendor_id\t:", "vendor_id\t ")}) {
    INFO(to);
    std::string wrong = milan;
    wrong.replace(wrong.find(from), std::string(from).size(), to);
    CHECK_FALSE(parse_cpuinfo(wrong));
  }
  CHECK_FALSE(parse_cpuinfo(""));
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

}  // namespace oskbc::vmsa_test
