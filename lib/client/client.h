// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/fork_mark.h"
#include "crypto/key_wrap_cipher.h"
#include "format/keyset.h"
#include "format/packet.h"
#include "format/recipients.h"
#include "source/secret_source.h"

namespace oskbc::core {

// How to open a client; the defaults are oskbc_options_new()'s.
struct ClientOptions {
  SourceOptions source;
  bool require_authenticated = false;

  // All throw Status::argument.
  void set_root(const std::string& directory);
  void set_secret_guid(std::string_view guid);
  [[gnu::cold]] void set_keyset_file(const std::string& path);
};

// The policy: what is taken from the kernel and when, which key opens a packet, what is refused.
// Holds the keyset; nothing changes after it was made, so that all calls may come from any thread
// without a lock. Every operation has two steps, so that a caller can learn the length before
// anything is decrypted: the first checks and finds, the second writes into exactly that many
// bytes.
class Client {
 public:
  // Without keys. Throws what check_params() throws.
  Client(std::string_view aa_kbc_params, const ClientOptions& options);
  // Gives Status::no_secret; throws what take_secret(), Keyset::parse() and with_keyset_file()
  // throw.
  [[nodiscard]] Failure take_keys(System& system, const SourceOptions& source);
  // Both; throws all of it.
  Client(std::string_view aa_kbc_params, const ClientOptions& options, System& system);

  [[nodiscard]] const Keyset& keyset() const noexcept { return keyset_; }
  [[nodiscard]] Protection protection() const noexcept { return keyset_.protection(); }

  // A packet whose key was found.
  struct Unwrapping {
    WrappedOptions options;
    const Keyset::Entry* key = nullptr;
    [[nodiscard]] std::size_t size() const noexcept {
      return KeyWrapCipher::unwrapped_size(options.type, options.wrapped_size);
    }
  };
  // Gives Status::unknown_key, and no_secret in a child of fork(); throws Status::packet,
  // unsupported.
  [[nodiscard]] Result<Unwrapping> prepare_unwrap(const PacketFields& packet) const;
  // The same from a packet's text.
  [[nodiscard]] Result<Unwrapping> prepare_unwrap(std::string_view packet) const;
  // Throws Status::decrypt.
  void unwrap(const Unwrapping& unwrapping, ByteSpan out) const;

  // The value of an entry by id or kbs:// URI. Gives Status::unknown_key, and no_secret in a child
  // of fork(); throws Status::request.
  [[nodiscard]] Result<ByteView> expose_resource(std::string_view uri) const;

  // The packets of a keyunwrap request that could be unwrapped, and what is wrong with the others.
  struct Answering {
    std::vector<Unwrapping> packets;
    MostTelling reasons;
  };
  // Throws Status::request, and gives what prepare_unwrap() says where there is no such packet.
  [[nodiscard]] Result<Answering> prepare_answer(std::string_view request) const;
  // Its length depends on the plaintext, so there is only a longest one.
  [[nodiscard]] static std::size_t longest_answer(const Answering& answering) noexcept;
  // Writes the answer of the first packet that opens into room for the longest one; returns its
  // length. Throws the most telling reason.
  [[nodiscard]] std::size_t answer(const Answering& answering, ByteSpan out) const;

 private:
  [[nodiscard]] Error unknown_key() const;
  [[nodiscard]] static Error forked();
  [[nodiscard]] std::size_t answer(const Unwrapping& unwrapping, ByteSpan out) const;

  bool require_authenticated_;
  ForkMark mark_;
  KeyWrapCipher cipher_;
  Keyset keyset_;
};

}  // namespace oskbc::core
