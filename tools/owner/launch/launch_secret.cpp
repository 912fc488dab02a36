// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/launch_secret.h"

#include <algorithm>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "format/base64.h"
#include "owner/crypto/aes.h"

namespace oskbc::owner {
namespace {

using core::ByteSpan;
using core::ByteView;
using core::fail;
using core::Status;

// Where things are in the header.
constexpr std::size_t kFlags = 0;
constexpr std::size_t kIv = 4;
constexpr std::size_t kMac = 20;

// Bit 0 says that the secret is compressed.
constexpr std::uint32_t kNoFlags = 0;
// What LAUNCH_SECRET's MAC begins with, so that it is no other MAC of the TIK's.
constexpr std::uint8_t kLaunchSecret[] = {0x01};

Mac packet_mac(ByteView tik, ByteView iv, ByteView data, ByteView measure) {
  // Of the guest's memory and of the packet, equal without compression.
  const auto length = tools::le_bytes(static_cast<std::uint32_t>(data.size()));
  return hmac_sha256(tik,
                     {kLaunchSecret, tools::le_bytes(kNoFlags), iv, length, length, data, measure});
}

}  // namespace

void check_launch_secret_size(std::size_t size) {
  if (size == 0 || size % kLaunchSecretUnit != 0) {
    fail(Status::argument, "the secret has %zu bytes; the firmware needs a multiple of %zu", size,
         kLaunchSecretUnit);
  }
  if (size > kMaxLaunchSecret) {
    fail(Status::argument, "the secret has %zu bytes; the firmware takes at most %zu", size,
         kMaxLaunchSecret);
  }
}

LaunchSecret seal_launch_secret(ByteView table, const TransportKeys& keys,
                                const std::optional<Mac>& measure, Random& random) {
  LaunchSecret secret;
  const ByteSpan header = secret.header;
  const ByteSpan iv = header.subspan(kIv, kAesBlockSize);
  tools::store_le(header, kFlags, kNoFlags);
  random.fill(iv);
  secret.data.resize(table.size());
  aes_128_ctr(keys.tek.expose(), iv, table, secret.data);
  const ByteView binding = measure ? ByteView(*measure) : ByteView();
  std::ranges::copy(packet_mac(keys.tik.expose(), iv, secret.data, binding),
                    header.subspan(kMac).begin());
  return secret;
}

tools::Json qmp_inject_command(const LaunchSecret& secret, std::optional<std::uint64_t> address) {
  tools::Json arguments =
      tools::Json::object({{"packet-header", core::base64::encode(secret.header)},
                           {"secret", core::base64::encode(secret.data)}});
  if (address) arguments.set("gpa", *address);
  return tools::Json::object({{"execute", "sev-inject-launch-secret"}, {"arguments", arguments}});
}

}  // namespace oskbc::owner
