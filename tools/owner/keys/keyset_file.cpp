// SPDX-License-Identifier: Apache-2.0
#include "owner/keys/keyset_file.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/wrap_type.h"
#include "common/file_writer.h"
#include "format/keyset.h"
#include "owner/crypto/hash.h"
#include "owner/keys/sealed_keys.h"

namespace oskbc::owner {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;

const std::string kKeyId(core::kFileKeyId);
const std::string kDigestId(core::kFileDigestId);

bool opens_files(const std::string& id) { return id == kKeyId || id == kDigestId; }

std::vector<std::string> ids_to_seal(const KeysFile& file, std::span<const std::string> ids) {
  if (std::ranges::any_of(ids, opens_files)) {
    fail(Status::argument, "%s and %s open the file; they can't be in it", kKeyId.c_str(),
         kDigestId.c_str());
  }
  if (!ids.empty()) return {ids.begin(), ids.end()};
  std::vector<std::string> all = file.ids();
  std::erase_if(all, opens_files);
  if (!all.empty()) return all;
  fail(Status::argument, "the keys file has no key that could be encrypted");
}

void check_size(std::size_t keys, std::size_t bytes) {
  if (keys <= core::limits::kKeysetFileEntries && bytes <= core::limits::kKeysetFile) return;
  fail(Status::argument, "%zu keys, %zu bytes: a guest reads %zu and %zu at most", keys, bytes,
       core::limits::kKeysetFileEntries, core::limits::kKeysetFile);
}

SecretBytes sealing_key_of(const KeysFile& file, bool new_key, Random& random) {
  if (new_key || !file.has(kKeyId)) {
    SecretBytes key(core::kKekSize);
    random.fill(key.expose_writable());
    return key;
  }
  SecretBytes key = file.value(kKeyId);
  if (key.size() == core::kKekSize) return key;
  fail(Status::argument, "the keys file's %s has %zu bytes; 32 are needed", kKeyId.c_str(),
       key.size());
}

}  // namespace

SealedKeysetFile seal_keyset_file(const KeysLocation& keys, std::span<const std::string> ids,
                                  const std::string& output, bool new_key, bool force) {
  SealedKeysetFile sealed;
  change_keys(keys, [&](const KeysFile& file) {
    const auto chosen = file.numbers(ids_to_seal(file, ids));
    SystemRandom random;
    const SecretBytes key = sealing_key_of(file, new_key, random);
    sealed.made_key = new_key || !file.has(kKeyId);
    const SecretBytes bundle = file.bundle(chosen);
    const std::string text = seal_jwe(bundle.expose(), key.expose(), kKeyId, random);
    sealed.keys = chosen.size();
    sealed.bytes = text.size();
    check_size(sealed.keys, sealed.bytes);
    const auto bytes = core::as_bytes(std::string_view(text));
    const KeysFile with_key(file.with_value(kKeyId, key.expose()));
    SecretBytes changed = with_key.with_value(kDigestId, sha256(bytes));
    // First, because it may be refused, and the keys file tells of no file that is not there.
    tools::write_file(output, bytes, tools::FileMode::plain, force);
    return changed;
  });
  return sealed;
}

}  // namespace oskbc::owner
