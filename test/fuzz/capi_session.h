// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "byte_call.h"
#include "fuzz/fuzz_common.h"
#include "fuzz/guest.h"
#include <oskbc/oskbc.h>

namespace oskbc::fuzz {

// A caller of the C interface that does what the input's bytes say, in any order, with NULLs and
// short buffers, and one call inside the library that fails where the input wants one. It knows
// what must come of each call. Never opens but on its own tree: others may hold somebody's secret.
class CapiSession {
 public:
  CapiSession(const Guest& guest, ByteView bytes) : guest_(guest), input_(bytes) {}
  CapiSession(const CapiSession&) = delete;
  CapiSession& operator=(const CapiSession&) = delete;
  ~CapiSession();

  void run();

 private:
  enum class Injected { nothing, keyset, other };

  void step(std::uint8_t code);
  void make_options();
  void set_option();
  void inject();
  void open();
  void count();
  void key_id();
  void unwrap();
  void unwrap_fields();
  void answer();
  void resource();
  void misuse();

  // Any call that returns a status. The message and OpenSSL's errors have to fit it.
  template <typename Call>
  oskbc_status checked(Call call);
  // A call that fills a buffer; what it wrote, if it succeeded.
  std::optional<std::string> filled(const oskbc_test::ByteCall& call);
  void check_plain(std::string_view packet, const SealedPacket& sealed, const std::string& plain);
  // `same` if what was unwrapped is the sealed packet as it was.
  void check_unwrapped(core::WrapType type, bool same, const SealedPacket& sealed,
                       const std::string& plain);
  void check_opens(const SealedPacket& sealed) const;
  std::string altered(const std::string& text);
  std::string text();
  bool flag() { return input_.consume_byte() % 2 != 0; }

  const Guest& guest_;
  Input input_;
  oskbc_options* options_ = nullptr;
  oskbc_client* client_ = nullptr;
  bool has_root_ = false;
  bool has_guid_ = true;
  bool keeps_ = false;
  bool authenticated_only_ = false;
  Injected injected_ = Injected::nothing;
  bool has_own_keys_ = false;
  bool client_authenticated_only_ = false;
  int opened_ = 0;
  unsigned fault_ = 0;
  bool faulted_ = false;
  oskbc_status status_ = OSKBC_OK;
};

}  // namespace oskbc::fuzz
