// SPDX-License-Identifier: Apache-2.0
#include "fuzz/guest.h"

#include <algorithm>
#include <cstdio>

#include "format/base64.h"
#include "format/packet.h"
#include "fuzz/fuzz_common.h"
#include "fuzz/seal.h"

namespace oskbc::fuzz {
namespace {

using core::Bytes;
using core::WrapType;

Bytes counting(std::size_t size, std::uint8_t first) {
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = first++;
  return bytes;
}

std::string keyset_of(const std::vector<Key>& keys) {
  std::string text;
  for (const Key& key : keys)
    text +=
        (text.empty() ? "{\"" : ",\"") + key.id + "\":\"" + core::base64::encode(key.value) + "\"";
  return text + "}";
}

}  // namespace

// Ids in the keyset's order, so that an index means the same here and there.
Guest::Guest()
    : keys_{{"default/key/1", counting(32, 1)},
            {"key_id1", counting(32, 101)},
            {"short", counting(16, 201)}},
      keyset_(keyset_of(keys_)) {
  require(fake_tree_make(&tree_) == 0, "a fake tree can be made");
  for (const WrapType type : {WrapType::a256gcm, WrapType::a256ctr}) {
    add_packet("kbs:///default/key/1", keys_[0], type, 40);
    add_packet("key_id1", keys_[1], type, 1);
    add_packet("default/key/1", keys_[0], type, 0);
  }
}

void Guest::add_packet(const std::string& kid, const Key& key, WrapType type, std::size_t size) {
  const auto number = static_cast<std::uint8_t>(packets_.size());
  const Bytes plain = counting(size, number);
  const Bytes iv = counting(core::iv_size(type), number);
  const Bytes wrapped = seal(type, key.value, iv, plain);
  packets_.push_back({core::write_packet({kid, wrapped, iv, type}), type, plain});
}

bool Guest::sealed(const Bytes& plain) const {
  return std::ranges::any_of(packets_, [&](const SealedPacket& packet) {
    return core::is_authenticated(packet.type) && packet.plain == plain;
  });
}

// Removed first, because only root may write to what is there.
void Guest::inject(std::string_view keyset) const {
  withdraw();
  require(fake_tree_put(&tree_, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, keyset.data(),
                        keyset.size()) == 0,
          "a keyset can be injected");
}

void Guest::withdraw() const {
  char path[1024];
  require(fake_tree_path(&tree_, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, path, sizeof path) == 0,
          "an entry has a path");
  static_cast<void>(std::remove(path));
}

bool Guest::has_secret() const {
  return fake_tree_has(&tree_, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID) != 0;
}

}  // namespace oskbc::fuzz
