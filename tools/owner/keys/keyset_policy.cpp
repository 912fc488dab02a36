// SPDX-License-Identifier: Apache-2.0

#include "owner/keys/keyset_policy.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "common/error.h"
#include "common/io.h"
#include "common/text.h"
#include "format/base64.h"
#include "format/json_reader.h"
#include "owner/crypto/hash.h"

namespace oskbc::owner {
namespace {

using core::fail;
using core::JsonReader;
using core::Status;

class KeysetsParser {
 public:
  explicit KeysetsParser(std::string_view text)
      : text_(text), reader_(text, Status::keyset, "keysets file") {}

  KeysetPolicies parse() {
    KeysetPolicies policies;
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      std::string name = to_string(reader_.name());
      if (policies.contains(name)) reader_.malformed("a keyset is there twice");
      policies.emplace(std::move(name), read_policy());
    }
    reader_.finish();
    return policies;
  }

 private:
  KeysetPolicy read_policy() {
    KeysetPolicy policy;
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      std::string name = to_string(reader_.name());
      std::replace(name.begin(), name.end(), '-', '_');
      read_member(name, policy);
    }
    return policy;
  }

  void read_member(std::string_view name, KeysetPolicy& policy) {
    if (name == "allowed_digests") {
      read_list(policy.allowed_digests, [this] { return digest(); });
    } else if (name == "allowed_keys") {
      read_list(policy.allowed_keys, [this] { return to_string(reader_.string()); });
    } else if (name == "allowed_policies") {
      read_list(policy.allowed_policies, [this] { return number<std::uint32_t>(); });
    } else if (name == "allowed_build_ids") {
      read_list(policy.allowed_build_ids, [this] { return number<std::uint8_t>(); });
    } else if (name == "min_api_major") {
      read_once(policy.min_api_major);
    } else if (name == "min_api_minor") {
      read_once(policy.min_api_minor);
    } else {
      reader_.malformed("an unknown member; what is spelled wrong would not be enforced");
    }
  }

  template <typename T, typename Read>
  void read_list(std::optional<std::vector<T>>& list, Read read) {
    check_first(list.has_value());
    list.emplace();
    for (bool more = reader_.enter_array(); more; more = reader_.next_element())
      list->push_back(read());
  }

  void read_once(std::optional<std::uint8_t>& member) {
    check_first(member.has_value());
    member = number<std::uint8_t>();
  }

  void check_first(bool is_there) const {
    if (is_there) reader_.malformed("a member is there twice, be it spelled with _ or -");
  }

  template <typename T>
  T number() {
    reader_.peek();
    const std::size_t start = reader_.position();
    reader_.skip_value();
    const std::string_view token = text_.substr(start, reader_.position() - start);
    T value = 0;
    const auto [last, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error != std::errc() || last != token.data() + token.size()) {
      reader_.malformed(std::numeric_limits<T>::digits == 8
                            ? "a number from 0 to 255 is needed"
                            : "a number from 0 to 4294967295 is needed");
    }
    return value;
  }

  Digest digest() {
    const std::string text = to_string(reader_.string());
    auto bytes = tools::from_hex(text);
    if (!bytes) bytes = core::base64::decode(std::string_view(text));
    if (!bytes) reader_.malformed("a digest is neither hexadecimal nor base64");
    if (bytes->size() != Digest().size()) reader_.malformed("a digest has not 32 bytes");
    Digest digest{};
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
  }

  std::string_view text_;
  JsonReader reader_;
};

KeysetPolicy policy_of(KeysetPolicies policies, std::string_view keyset) {
  const auto found = policies.find(keyset);
  if (found != policies.end()) return std::move(found->second);
  fail(Status::unknown_key, "the keysets file has no such keyset among its %zu", policies.size());
}

using core::fail;

unsigned least_major(const KeysetPolicy& keyset) { return keyset.min_api_major.value_or(0); }

}  // namespace

KeysetPolicies parse_keysets(std::string_view text) { return KeysetsParser(text).parse(); }

KeysetPolicy parse_keysets(std::string_view text, std::string_view keyset) {
  return policy_of(parse_keysets(text), keyset);
}

KeysetPolicies read_keysets_file(const std::string& file) {
  const core::SecretBytes text = tools::read_input(file, core::limits::kKeysetText, Status::keyset);
  return parse_keysets(text.expose_text());
}

KeysetPolicy read_keysets_file(const std::string& file, const std::string& keyset) {
  return policy_of(read_keysets_file(file), keyset);
}

std::vector<std::string> warnings(const KeysetPolicy& keyset, const std::string& id) {
  const std::string name = "keyset " + tools::printable(id);
  if (!keyset.allowed_policies) {
    return {
        name +
        " has no allowed-policies, so the host chooses the guest's, and may choose one with which it reads the guest's memory and the keys in it; allow [1] (NODBG), say"};
  }
  std::vector<std::string> texts;
  for (const std::uint32_t policy : *keyset.allowed_policies) {
    if ((policy & policy::kNoDebug) != 0) continue;
    texts.push_back(name + " allows the policy " + policy::describe(policy) +
                    " without NODBG, so the host may read the guest's memory and the keys in it");
  }
  return texts;
}

void check_policy(const KeysetPolicy& keyset, const std::string& id, std::uint32_t policy) {
  const auto& allowed = keyset.allowed_policies;
  if (!allowed || std::ranges::find(*allowed, policy) != allowed->end()) return;
  tools::refuse("keyset %s does not allow the policy 0x%x", id.c_str(), policy);
}

void check_api_major(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware) {
  const unsigned major = firmware.api_major;
  if (major >= least_major(keyset)) return;
  tools::refuse("keyset %s needs firmware API major version %u or later, not %u", id.c_str(),
                least_major(keyset), major);
}

void check_api_minor(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware) {
  const unsigned major = firmware.api_major;
  const unsigned minor = firmware.api_minor;
  const unsigned least = keyset.min_api_minor.value_or(0);
  if (major != least_major(keyset) || minor >= least) return;
  tools::refuse("keyset %s needs firmware API %u.%u or later, not %u.%u", id.c_str(), major, least,
                major, minor);
}

void check_build(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware) {
  const auto& allowed = keyset.allowed_build_ids;
  if (!allowed || std::ranges::find(*allowed, firmware.build_id) != allowed->end()) return;
  tools::refuse("keyset %s does not allow the firmware's build id %u", id.c_str(),
                unsigned{firmware.build_id});
}

void check_firmware(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware) {
  check_api_major(keyset, id, firmware);
  check_api_minor(keyset, id, firmware);
  check_build(keyset, id, firmware);
}

void check_digest(const KeysetPolicy& keyset, const std::string& id, const Digest& digest) {
  if (!keyset.allowed_digests) return;
  bool found = false;
  for (const Digest& allowed : *keyset.allowed_digests) {
    found |= equal_in_constant_time(allowed, digest);
  }
  if (!found) tools::refuse("keyset %s does not allow this launch digest", id.c_str());
}

}  // namespace oskbc::owner
