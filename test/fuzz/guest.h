// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/wrap_type.h"
#include "fake_tree.h"

namespace oskbc::fuzz {

// A packet that was sealed here, and what is in it.
struct SealedPacket {
  std::string text;
  core::WrapType type;
  core::Bytes plain;
};

struct Key {
  std::string id;
  core::Bytes value;
};

// A guest with its owner: a fake tree, a keyset for it, and packets sealed with the keyset's keys.
// One for the whole process, because making one takes longer than an execution.
class Guest {
 public:
  Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest() { fake_tree_remove(&tree_); }

  [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }
  [[nodiscard]] const std::string& keyset() const { return keyset_; }
  [[nodiscard]] const std::vector<SealedPacket>& packets() const { return packets_; }
  // Whether some packet with integrity holds this.
  [[nodiscard]] bool sealed(const core::Bytes& plain) const;

  [[nodiscard]] const char* root() const { return tree_.root; }
  void inject(std::string_view keyset) const;
  void withdraw() const;
  [[nodiscard]] bool has_secret() const;

 private:
  void add_packet(const std::string& kid, const Key& key, core::WrapType type, std::size_t size);

  fake_tree tree_{};
  std::vector<Key> keys_;
  std::string keyset_;
  std::vector<SealedPacket> packets_;
};

}  // namespace oskbc::fuzz
