// SPDX-License-Identifier: Apache-2.0
#include "agent/credentials.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/error.h"
#include "base/guid.h"
#include "base/status.h"
#include "common/error.h"
#include "luks/check.h"
#include "source/secret_source.h"

namespace oskbc::agent {
namespace {

using core::fail;
using core::Status;
using tools::refuse;

// The entry for a disk's passphrase that libvirt, sevctl and GRUB use, too.
constexpr std::string_view kLuksKey = "736869e5-84f0-4973-92ec-06879ce3da0b";
constexpr std::size_t kMaxRandomDigits = 16;

bool is_hexadecimal(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// A unit, a credential and a volume are names of files to systemd.
bool is_name(std::string_view text) {
  const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f && c != '/'; };
  return !text.empty() && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), is_plain);
}

std::string describe(const Asked& asked) {
  return asked.kind == Asked::Kind::passphrase ? "the volume " + asked.name
                                               : asked.unit + "'s credential " + asked.name;
}

Buffer copy_of(core::ByteView bytes) {
  Buffer copy(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.data());
  return copy;
}

}  // namespace

std::optional<Asked> parse_peer_name(std::string_view name) {
  if (name.empty() || name[0] != '\0') return std::nullopt;
  name.remove_prefix(1);
  const std::size_t random = std::min(name.find('/'), name.size());
  if (random > kMaxRandomDigits || !is_hexadecimal(name.substr(0, random))) return std::nullopt;
  name.remove_prefix(random);
  constexpr std::string_view kVolume = "/cryptsetup/";
  constexpr std::string_view kUnit = "/unit/";
  if (name.starts_with(kVolume)) {
    name.remove_prefix(kVolume.size());
    if (!is_name(name)) return std::nullopt;
    return Asked{Asked::Kind::passphrase, {}, std::string(name)};
  }
  if (!name.starts_with(kUnit)) return std::nullopt;
  name.remove_prefix(kUnit.size());
  const std::size_t end = std::min(name.find('/'), name.size());
  const std::string_view unit = name.substr(0, end);
  const std::string_view credential = name.substr(std::min(end + 1, name.size()));
  if (!is_name(unit) || !is_name(credential)) return std::nullopt;
  return Asked{Asked::Kind::credential, std::string(unit), std::string(credential)};
}

Credentials::Credentials(const tools::AgentConfig& config, const Requests& requests,
                         std::string root)
    : requests_(requests),
      root_(std::move(root)),
      rules_(rules_in(config)),
      volumes_(luks::volumes_in(config)) {}

std::vector<Credentials::Rule> Credentials::rules_in(const tools::AgentConfig& config) {
  std::vector<Rule> rules;
  for (const auto& record : config.records("credential")) {
    const auto text = [&record](std::string_view name) {
      const auto found = record.find(name);
      return found == record.end() ? std::string() : found->second;
    };
    Rule rule{text("unit"), text("credential"), text("entry")};
    if (record.size() != 3 || !is_name(rule.unit) || !is_name(rule.credential) ||
        rule.entry.empty()) {
      fail(
          Status::argument,
          "a [[credential]] in %s needs unit, credential and entry, and nothing else: a service's full name, the name of LoadCredential=, and an id of the keyset",
          config.file().c_str());
    }
    const auto is_same = [&rule](const Rule& other) {
      return other.unit == rule.unit && other.credential == rule.credential;
    };
    if (std::any_of(rules.begin(), rules.end(), is_same)) {
      fail(Status::argument, "%s has two rules for the credential %s of %s", config.file().c_str(),
           rule.credential.c_str(), rule.unit.c_str());
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

void Credentials::take_disk_secret() {
  const auto wants_it = [](const luks::Volume& volume) { return volume.entry.empty(); };
  if (!disk_secret_.empty() || std::none_of(volumes_.begin(), volumes_.end(), wants_it)) return;
  try {
    core::SourceOptions options;
    if (!root_.empty()) {
      options.root = root_;
      options.manage_kernel = false;
    }
    options.guid = core::Guid::parse(kLuksKey).value();
    disk_secret_ = core::value_of(core::take_secret(core::linux_system(), options));
  } catch (const core::Error& error) {
    log_.add("the secret area's luks-key", error.what());
  }
}

Buffer Credentials::answer(std::string_view peer_name) {
  const std::optional<Asked> asked = parse_peer_name(peer_name);
  if (!asked) {
    log_.add("a credential", "denied: whoever asks is neither a service of systemd nor cryptsetup");
    return {};
  }
  try {
    Buffer answer =
        asked->kind == Asked::Kind::passphrase ? passphrase(*asked) : credential(*asked);
    log_.add(describe(*asked).c_str(), "given");
    return answer;
  } catch (const std::exception& error) {
    // What the library, the header's check and the rules have against it.
    log_.add(describe(*asked).c_str(), std::string("denied: ") + error.what());
  }
  return {};
}

Buffer Credentials::credential(const Asked& asked) const {
  const auto fits = [&asked](const Rule& rule) {
    return rule.unit == asked.unit && rule.credential == asked.name;
  };
  const auto rule = std::find_if(rules_.begin(), rules_.end(), fits);
  if (rule == rules_.end()) refuse("no rule of the configuration gives it");
  return requests_.resource(rule->entry);
}

// First the header that cryptsetup is given: it is as its owner made it, or no passphrase leaves.
Buffer Credentials::passphrase(const Asked& asked) {
  const luks::Volume* volume = luks::find_volume(volumes_, asked.name);
  if (volume == nullptr) refuse("no volume of the configuration has this name");
  static_cast<void>(luks::check_device(volume->header, volume->wanted));
  if (!volume->entry.empty()) return requests_.resource(volume->entry);
  take_disk_secret();
  if (disk_secret_.empty()) refuse("the secret area's luks-key was not there");
  return copy_of(disk_secret_.expose());
}

}  // namespace oskbc::agent
