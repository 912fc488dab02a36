// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "keeper.h"
#include "open_client.h"
#include "searcher.h"
#include "tally.h"
#include <oskbc/oskbc.h>

namespace oskbc_test {

// A process as an agent's: a tree with a keyset, a client, an output buffer, and a search of
// everything.
class Agent {
 public:
  Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  ~Agent() { close(); }

  [[nodiscard]] const Keeper& keeper() const { return keeper_; }
  [[nodiscard]] const fake_tree& tree() const { return tree_.get(); }

  // Opens what the keeper puts into the tree, or what is there.
  oskbc_status open(Keeper::Form form, std::uint32_t position = 0);
  oskbc_status open_as_is();
  void close() { oskbc_client_close(&client_); }

  // The calls write to the output buffer, of which they are told `size`.
  static constexpr std::size_t kOutputSize = 8192;
  oskbc_status unwrap(const std::string& packet, std::size_t size = kOutputSize);
  oskbc_status unwrap_fields(const std::string& packet, std::size_t size = kOutputSize);
  oskbc_status answer(const std::string& request, std::size_t size = kOutputSize);
  oskbc_status resource(const std::string& uri, std::size_t size = kOutputSize);
  void wipe_output() { oskbc_wipe(output_.data(), output_.size()); }

  Tally search(Scope scope) { return tally_up(searcher_.search(scope), output_); }

 private:
  class Tree {
   public:
    Tree();
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;
    ~Tree() { fake_tree_remove(&tree_); }
    [[nodiscard]] const fake_tree& get() const { return tree_; }

   private:
    fake_tree tree_{};
  };

  Tree tree_;
  Piece mask_;
  // Before the searcher, whose thread a fork would lose.
  Keeper keeper_;
  Searcher searcher_;
  oskbc_client* client_ = nullptr;
  std::array<std::uint8_t, kOutputSize> output_{};
};

// The key provider request that carries a packet.
[[nodiscard]] std::string request_for(const std::string& packet);

}  // namespace oskbc_test
