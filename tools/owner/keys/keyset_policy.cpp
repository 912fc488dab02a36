// SPDX-License-Identifier: Apache-2.0

#include "owner/keys/keyset_policy.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include <boost/filesystem/operations.hpp>

#include "base/error.h"
#include "base/status.h"
#include "common/error.h"
#include "common/io.h"
#include "common/nearest.h"
#include "common/text.h"
#include "format/base64.h"
#include "format/json_reader.h"
#include "owner/crypto/hash.h"

namespace oskbc::owner {
namespace {

using core::fail;
using core::JsonReader;
using core::Status;

// Some hundred thousand keysets. It is no secret, and so not locked in memory.
constexpr std::size_t kKeysetsText = std::size_t{64} << 20;

class KeysetsParser {
 public:
  KeysetsParser(std::string_view text, const std::string& file)
      : text_(text), file_(file), reader_(text, Status::keyset, "keysets file") {}

  KeysetPolicies parse() try {
    KeysetPolicies policies;
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      keyset_ = read_name();
      if (policies.contains(keyset_)) malformed("a keyset is there twice");
      policies.emplace(keyset_, read_policy());
      keyset_.clear();
    }
    reader_.finish();
    return policies;
  } catch (const Malformed& found) {
    fail_at(found.byte, found.why);
  } catch (const core::Error& error) {
    // The reader's own, which tells the byte.
    const std::string text = error.what();
    fail_at(reader_.position(), text.substr(text.rfind(": ") + 2));
  }

 private:
  struct Malformed {
    std::size_t byte;
    std::string why;
  };

  [[noreturn]] void fail_at(std::size_t byte, const std::string& why) const {
    const std::string where = tools::position_in(file_, text_, byte) +
                              (keyset_.empty() ? "" : ", keyset " + tools::printable(keyset_));
    fail(Status::keyset, "%s: %s", where.c_str(), why.c_str());
  }
  // At the start of what was read last.
  [[noreturn]] void malformed(std::string why) const { throw Malformed{start_, std::move(why)}; }

  void mark() {
    reader_.peek();
    start_ = reader_.position();
  }

  std::string read_name() {
    mark();
    return to_string(reader_.name());
  }

  std::string read_string() {
    mark();
    return to_string(reader_.string());
  }

  KeysetPolicy read_policy() {
    KeysetPolicy policy;
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      std::string name = read_name();
      std::replace(name.begin(), name.end(), '-', '_');
      read_member(name, policy);
    }
    return policy;
  }

  void read_member(std::string_view name, KeysetPolicy& policy) {
    if (name == "allowed_digests") {
      read_list(policy.allowed_digests, [this] { return digest(); });
    } else if (name == "allowed_keys") {
      read_list(policy.allowed_keys, [this] { return read_string(); });
    } else if (name == "allowed_policies") {
      read_list(policy.allowed_policies, [this] { return number<std::uint32_t>(); });
    } else if (name == "allowed_build_ids") {
      read_list(policy.allowed_build_ids, [this] { return number<std::uint8_t>(); });
    } else if (name == "allowed_clients") {
      read_list(policy.allowed_clients, [this] { return read_string(); });
    } else if (name == "min_api_major") {
      read_once(policy.min_api_major);
    } else if (name == "min_api_minor") {
      read_once(policy.min_api_minor);
    } else {
      fail_unknown(name);
    }
  }

  [[noreturn]] void fail_unknown(std::string_view name) const {
    static const std::vector<std::string> kKnown = {
        "allowed_digests", "allowed_keys",  "allowed_policies", "allowed_build_ids",
        "allowed_clients", "min_api_major", "min_api_minor"};
    const std::string meant = tools::nearest(name, kKnown);
    malformed("unknown member " + tools::printable(name) +
              (meant.empty() ? "; what" : "; did you mean " + meant + "? What") +
              " is spelled wrong would not be enforced");
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
    if (is_there) malformed("a member is there twice, be it spelled with _ or -");
  }

  template <typename T>
  T number() {
    mark();
    reader_.skip_value();
    const std::string_view token = text_.substr(start_, reader_.position() - start_);
    T value = 0;
    const auto [last, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error != std::errc() || last != token.data() + token.size()) {
      malformed(std::numeric_limits<T>::digits == 8 ? "a number from 0 to 255 is needed"
                                                    : "a number from 0 to 4294967295 is needed");
    }
    return value;
  }

  Digest digest() {
    const std::string text = read_string();
    auto bytes = tools::from_hex(text);
    if (!bytes) bytes = core::base64::decode(std::string_view(text));
    if (!bytes) malformed("a digest is neither hexadecimal nor base64");
    if (bytes->size() != Digest().size()) malformed("a digest has not 32 bytes");
    Digest digest{};
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
  }

  std::string_view text_;
  const std::string& file_;
  JsonReader reader_;
  std::string keyset_;  // that is being read
  std::size_t start_ = 0;
};

KeysetPolicy policy_of(KeysetPolicies policies, const std::string& keyset,
                       const std::string& file) {
  const auto found = policies.find(keyset);
  if (found != policies.end()) return std::move(found->second);
  std::vector<std::string> known;
  for (const auto& [id, policy] : policies) known.push_back(tools::printable(id));
  fail(Status::unknown_key, "%s has no such keyset as %s among its %zu%s", file.c_str(),
       tools::printable(keyset).c_str(), policies.size(),
       tools::did_you_mean(keyset, known).c_str());
}

// Which file had the keyset before this one: looked for only now, because nobody else wants to
// know.
[[noreturn]] void fail_repeated(const std::string& keyset, const std::vector<std::string>& files,
                                std::size_t found) {
  std::size_t first = 0;
  while (first + 1 < found &&
         !parse_keysets(read_keysets_text(files[first]), files[first]).contains(keyset)) {
    ++first;
  }
  fail(Status::keyset, "keyset %s is in %s and in %s", tools::printable(keyset).c_str(),
       files[first].c_str(), files[found].c_str());
}

// Whether the text is the pattern, in which each * stands for any text. Looks at each byte of the
// text once for each of the pattern's at most.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;  // the last one, and where what it stands for ends
  std::size_t end = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      end = i;
    } else if (at < pattern.size() && pattern[at] == text[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

unsigned least_major(const KeysetPolicy& keyset) { return keyset.min_api_major.value_or(0); }

}  // namespace

KeysetPolicies parse_keysets(std::string_view text, const std::string& file) {
  return KeysetsParser(text, file).parse();
}

std::vector<std::string> keysets_files(const std::string& path) {
  namespace fs = boost::filesystem;
  boost::system::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".json") && !name.starts_with('.')) files.push_back(entry->path().string());
  }
  if (error) fail(Status::io, "reading %s failed: %s", path.c_str(), error.message().c_str());
  std::ranges::sort(files);
  return files;
}

std::string read_keysets_text(const std::string& file) {
  std::string text;
  tools::read_blocks(file, [&](core::ByteView block) {
    if (text.size() + block.size() > kKeysetsText) {
      fail(Status::keyset, "%s has more than %zu bytes", file.c_str(), kKeysetsText);
    }
    text += core::as_text(block);
  });
  return text;
}

KeysetPolicies read_keysets_file(const std::string& path) {
  KeysetPolicies all;
  const std::vector<std::string> files = keysets_files(path);
  for (std::size_t i = 0; i < files.size(); ++i) {
    KeysetPolicies more = parse_keysets(read_keysets_text(files[i]), files[i]);
    all.merge(more);
    // What was there stays behind.
    if (!more.empty()) fail_repeated(more.begin()->first, files, i);
  }
  return all;
}

KeysetPolicy read_keysets_file(const std::string& file, const std::string& keyset) {
  return policy_of(read_keysets_file(file), keyset, file);
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

bool allows_client(const KeysetPolicy& keyset, const std::string& client) {
  if (!keyset.allowed_clients) return true;
  if (client.empty()) return false;
  return std::ranges::any_of(*keyset.allowed_clients,
                             [&](const std::string& pattern) { return matches(pattern, client); });
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
