// SPDX-License-Identifier: Apache-2.0
#include "owner/certificates/amd_roots.h"

#include <array>
#include <string_view>

#include "common/text.h"
#include "owner/certificates/amd_certificate.h"
#include "owner/crypto/hash.h"

namespace oskbc::owner {
namespace {

struct Root {
  const char* generation;
  std::string_view sha256;
};

constexpr std::array<Root, 5> kRoots = {{
    {"Naples", "dedabca561e1dece8cc00b7bda864cf5f20b95017864408cfe18eaee0dce24b9"},
    {"Rome", "865977b268c16d5b27772b00aaefb4e737ba9499e818ed8e9f65b0cecefbc529"},
    {"Milan", "1246469862b78a7a8625579b0378d1f8e975eb8b82a1623b579d7968a5969888"},
    {"Genoa", "8f4e3fd36589c23f1fe0c8338465bac7e2e066d97fc92f228bbee4fd356fb674"},
    {"Turin", "f6405e5096a6eee1eb7d5df75c49f9b9f7c8357a31c7fff150149d68588a7bf7"},
}};
constexpr const Root& kNaples = kRoots[0];

// AMD's file for Naples ends before the signature of its ARK (AMDESE/AMDSEV, issue 17).
constexpr std::string_view kShortSha256 =
    "8efddcaaf84990cf6354d93637be270220cf15797332b3d918c3b8cc77349f31";
constexpr std::size_t kShortSize = 576;
constexpr std::size_t kWholeSize = 832;

std::string sha256_hex(core::ByteView bytes) { return tools::to_hex(sha256(bytes)); }

}  // namespace

const char* generation_of_ark(const AmdCertificate& ark) {
  const std::string sha256 = sha256_hex(ark.bytes());
  if (sha256 == kShortSha256) return kNaples.generation;
  for (const Root& root : kRoots) {
    if (sha256 == root.sha256) return root.generation;
  }
  return nullptr;
}

std::optional<std::size_t> size_of_short_ark(core::ByteView bytes) {
  if (bytes.size() < kShortSize || sha256_hex(bytes.first(kShortSize)) != kShortSha256) {
    return std::nullopt;
  }
  const bool is_whole =
      bytes.size() >= kWholeSize && sha256_hex(bytes.first(kWholeSize)) == kNaples.sha256;
  return is_whole ? std::nullopt : std::optional(kShortSize);
}

}  // namespace oskbc::owner
