// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "owner/crypto/hash.h"
#include "owner/launch/policy.h"

namespace oskbc::owner {

// On what conditions a keyset's keys may be released, and which: one member of the guide's
// keysets.json (README.md here). What is absent is not asked for; an empty list admits nothing.
struct KeysetPolicy {
  std::optional<std::vector<Digest>> allowed_digests;
  std::optional<std::vector<std::string>> allowed_keys;
  std::optional<std::vector<std::uint32_t>> allowed_policies;
  std::optional<std::uint8_t> min_api_major;
  std::optional<std::uint8_t> min_api_minor;
  std::optional<std::vector<std::uint8_t>> allowed_build_ids;
  std::optional<std::vector<std::string>> allowed_clients;  // names of certificates; * is any text
};

using KeysetPolicies = std::map<std::string, KeysetPolicy, std::less<>>;

// The policies in the text of the guide's keysets.json. The names of their members stand there with
// `_` and with `-`, mixed; each is read in both spellings. Digests are hexadecimal as in the guide,
// or base64. Unknown members are refused, since a policy that is spelled wrong would not be
// enforced. Throws Status::keyset, with the place in the file.
[[nodiscard]] KeysetPolicies parse_keysets(std::string_view text, const std::string& file);

// A keysets file, or the files of a folder whose names end in ".json" and start with no dot,
// sorted. Throws Status::io for a folder that cannot be read.
[[nodiscard]] std::vector<std::string> keysets_files(const std::string& path);
// The text of one of them. Throws Status::keyset for more than 64 MiB.
[[nodiscard]] std::string read_keysets_text(const std::string& file);

// Reads a file, or a folder's files, and the policies in them; or one of them, where all has to be
// right and Status::unknown_key says that there is no such keyset. A keyset may be in one file
// only: Status::keyset names both.
[[nodiscard]] KeysetPolicies read_keysets_file(const std::string& file);
[[nodiscard]] KeysetPolicy read_keysets_file(const std::string& file, const std::string& keyset);

// What an owner should think about before a keyset counts, a sentence each: policies with which the
// host may read the guest's memory, and none at all, which lets the host choose.
[[nodiscard]] std::vector<std::string> warnings(const KeysetPolicy& keyset, const std::string& id);

// The name in a client's certificate, "" for one without; that is in no list of allowed_clients.
[[nodiscard]] bool allows_client(const KeysetPolicy& keyset, const std::string& client);

// Whether a launch fulfils what a keyset asks for (README.md here). Each throws Refused with a
// text of its own. The order is gop-server.py's: policy, API, build, then the digest.

// The keyset's id is for the messages.
void check_policy(const KeysetPolicy& keyset, const std::string& id, std::uint32_t policy);
void check_api_major(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware);
// Counts only where the major version is the least allowed.
void check_api_minor(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware);
void check_build(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware);
// The last three, in this order.
void check_firmware(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware);
// Compares with all allowed digests, each in constant time.
void check_digest(const KeysetPolicy& keyset, const std::string& id, const Digest& digest);

}  // namespace oskbc::owner
