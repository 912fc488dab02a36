// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "broker/client_error.h"
#include "broker/keysets.h"
#include "common/error.h"

// What clients ask to have put into one secret table, and which keysets may release it.
namespace oskbc::broker {

// As KeyBrokerService has it.
struct WantedSecret {
  std::string guid;
  std::string format;
  std::string type;
  std::string id;
};

// A keyset under the GUID by which the guest's client finds it: all that Setup can ask for.
[[nodiscard]] WantedSecret whole_keyset(const std::string& id);

// An entry of the table. A keyset releases itself; a key on its own is released by any keyset that
// allows it, since that would release it among others.
struct RequestedSecret {
  core::Guid guid;
  Form form = Form::bundle;
  std::vector<owner::KeysFile::Number> keys;
  std::vector<const Keyset*> keysets;

  [[nodiscard]] TablePart part() const { return {guid, form, keys}; }
};

// Throws a ClientError for what is none, and for kinds that only an online broker has. Keysets that
// are for others than the client with this name are none.
[[nodiscard]] std::vector<RequestedSecret> find_secrets(std::span<const WantedSecret> wanted,
                                                        const Keysets& keysets,
                                                        const std::string& client = {});

// Keeps of each secret the keysets that pass a check, which throws Refused; where none does, the
// client hears this text, and the audit has the last refusal.
template <typename Check>
void keep_allowing(std::vector<RequestedSecret>& secrets, const char* text, Check check) {
  for (RequestedSecret& secret : secrets) {
    std::string reason;
    std::erase_if(secret.keysets, [&](const Keyset* keyset) {
      try {
        check(*keyset);
        return false;
      } catch (const tools::Refused& refused) {
        reason = refused.what();
        return true;
      }
    });
    if (secret.keysets.empty()) refuse(text, reason);
  }
}

// For the audit: "bundle KEYSET-1, key key_id1".
[[nodiscard]] std::string describe(std::span<const WantedSecret> wanted);

}  // namespace oskbc::broker
