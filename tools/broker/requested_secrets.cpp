// SPDX-License-Identifier: Apache-2.0
#include "broker/requested_secrets.h"

#include <algorithm>
#include <optional>

#include "owner/keys/secret_table.h"

namespace oskbc::broker {
namespace {

using owner::KeysFile;

constexpr const char* kBundle = "bundle";
constexpr const char* kKey = "key";

constexpr const char* kKeysetInvalid = "KEYSET INVALID";
constexpr const char* kKeyInvalid = "KEY INVALID";

// simple-kbs's other kinds: what the guest asks for later by its network, and a signed report.
void check_type(const std::string& type) {
  if (type == kBundle || type == kKey) return;
  if (type == "connection") {
    throw ClientError(
        Code::unimplemented,
        "SECRET TYPE connection IS AN ONLINE BROKER'S; THIS ONE RELEASES bundle AND key BEFORE THE GUEST STARTS (KATA: guest_pre_attestation_kbs_mode = \"offline\")",
        "an online broker's connection was asked for");
  }
  if (type == "report") {
    throw ClientError(Code::unimplemented,
                      "SECRET TYPE report IS UNSUPPORTED; THIS BROKER RELEASES bundle AND key",
                      "a report was asked for");
  }
  refuse("SECRET TYPE INVALID", "neither bundle nor key was asked for");
}

// Kata's shim writes JSON, simple-kbs's client json.
bool is_json(const std::string& format) { return format == "json" || format == "JSON"; }

Form form_of(const WantedSecret& wanted) {
  constexpr const char* kInvalid = "SECRET FORMAT INVALID";
  const bool is_bundle = wanted.type == kBundle;
  if (is_json(wanted.format)) return is_bundle ? Form::bundle : Form::json;
  if (is_bundle) refuse(kInvalid, "a bundle is JSON, and another format was asked for");
  if (wanted.format != "binary") refuse(kInvalid, "neither binary nor json was asked for");
  return Form::binary;
}

core::Guid guid_of(const WantedSecret& wanted, const std::vector<RequestedSecret>& before) {
  constexpr const char* kInvalid = "SECRET GUID INVALID";
  const auto guid = core::Guid::parse(wanted.guid);
  if (!guid) refuse(kInvalid, "an entry of the table is named by no GUID");
  if (wanted.guid.find_first_not_of("0-") == std::string::npos) {
    refuse(kInvalid, "a GUID of zeros marks a deleted entry");
  }
  const auto same = [&](const RequestedSecret& other) { return other.guid == *guid; };
  if (std::ranges::any_of(before, same)) refuse(kInvalid, "two secrets have one GUID");
  return *guid;
}

void find_keyset(const WantedSecret& wanted, const Keysets& keysets, RequestedSecret& found) {
  const Keyset* keyset = keysets.find(wanted.id);
  if (keyset == nullptr) refuse(kKeysetInvalid, keysets.why_missing(wanted.id));
  found.keysets = {keyset};
  found.keys = keyset->keys;
}

void find_key(const WantedSecret& wanted, const Keysets& keysets, RequestedSecret& found) {
  const auto key = keysets.keys().find(wanted.id);
  if (!key) refuse(kKeyInvalid, "there is no such key");
  found.keysets = keysets.releasing(*key);
  if (found.keysets.empty()) refuse(kKeyInvalid, "no keyset allows this key");
  found.keys = {*key};
}

// To others it looks as if there were none.
void keep_for(const std::string& client, RequestedSecret& secret) {
  std::string reason;
  std::erase_if(secret.keysets, [&](const Keyset* keyset) {
    if (owner::allows_client(keyset->policy, client)) return false;
    reason = "keyset " + std::string(keyset->id) + " does not allow this client";
    return true;
  });
  if (!secret.keysets.empty()) return;
  refuse(secret.form == Form::bundle ? kKeysetInvalid : kKeyInvalid, reason);
}

}  // namespace

WantedSecret whole_keyset(const std::string& id) {
  return {std::string(core::kKeysetGuid), "json", kBundle, id};
}

std::vector<RequestedSecret> find_secrets(std::span<const WantedSecret> wanted,
                                          const Keysets& keysets, const std::string& client) {
  if (wanted.empty()) refuse("NO SECRET REQUESTED", "no secret was asked for");
  if (wanted.size() > owner::kMaxSecretEntries) {
    refuse("TOO MANY SECRETS", "more secrets were asked for than the guest's kernel reads");
  }
  std::vector<RequestedSecret> secrets;
  for (const WantedSecret& one : wanted) {
    check_type(one.type);
    const Form form = form_of(one);
    secrets.push_back({guid_of(one, secrets), form, {}, {}});
    if (form == Form::bundle) {
      find_keyset(one, keysets, secrets.back());
    } else {
      find_key(one, keysets, secrets.back());
    }
    keep_for(client, secrets.back());
  }
  return secrets;
}

std::string describe(std::span<const WantedSecret> wanted) {
  std::string text;
  for (const WantedSecret& one : wanted) {
    text += (text.empty() ? "" : ", ") + one.type + " " + one.id;
  }
  return text;
}

}  // namespace oskbc::broker
