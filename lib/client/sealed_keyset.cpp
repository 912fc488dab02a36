// SPDX-License-Identifier: Apache-2.0
#include "client/sealed_keyset.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "crypto/keyset_file_cipher.h"
#include "format/jwe.h"
#include "source/keyset_file.h"

namespace oskbc::core {
namespace {

constexpr std::array kIds = {kFileKeyId, kFileDigestId};

[[noreturn]] void altered() {
  fail(
      Status::keyset_file_altered,
      "the keyset file is not the one whose digest was injected, and does not open with the injected key: it was altered, or is another guest's");
}

[[noreturn]] void not_for_this_key() {
  fail(
      Status::keyset_file_key,
      "the keyset file was not sealed for the injected key %s; seal it again, or inject the key that it was sealed with",
      kFileKeyId.data());
}

Jwe read(ByteSpan text, bool promised) try { return read_jwe(text); } catch (const Error&) {
  if (promised) throw;
  altered();
}

bool decrypt(const CipherProvider& provider, ByteView kek, const Jwe& jwe) {
  const auto open = [&](ByteView key) {
    return open_gcm(provider, key, jwe.iv, as_bytes(jwe.header), jwe.tag, jwe.ciphertext);
  };
  if (jwe.algorithm == JweAlgorithm::dir) return open(kek);
  SecretBytes key(Jwe::kKeySize);
  return unwrap_key(provider, kek, jwe.wrapped_key, key.expose_writable()) && open(key.expose());
}

// Nothing of a keyset goes into the words, so that these may.
Keyset parse(SecretBytes text) try {
  Keyset keyset = Keyset::parse(std::move(text), limits::kKeysetFile);
  if (keyset.size() <= limits::kKeysetFileEntries) return keyset;
  fail(Status::keyset, "it has more than %zu entries", limits::kKeysetFileEntries);
} catch (const Error& error) {
  fail(error.status(), "in the keyset file: %s", error.what());
}

std::optional<ByteView> find(const Keyset& injected, std::string_view id) {
  const Keyset::Entry* entry = injected.find(id);
  if (entry == nullptr) return std::nullopt;
  const ByteView value = injected.expose_value(*entry);
  if (value.size() == Jwe::kKeySize) return value;
  fail(Status::keyset, "the injected entry %s has %zu bytes; 32 are needed", id.data(),
       value.size());
}

}  // namespace

Keyset open_sealed_keyset(const CipherProvider& provider, ByteView key, SecretBytes text,
                          bool promised) {
  const Jwe jwe = read(text.expose_writable(), promised);
  if (jwe.kid != kFileKeyId) not_for_this_key();
  if (!decrypt(provider, key, jwe)) {
    if (promised) not_for_this_key();
    altered();
  }
  if (!promised) {
    fail(
        Status::keyset_file_old,
        "the keyset file was sealed with the injected key, but is not the one whose digest was injected: an older one, or a newer one");
  }
  text.resize(jwe.ciphertext.size());
  return parse(std::move(text));
}

Keyset with_keyset_file(Keyset injected, System& system, const SourceOptions& source,
                        const CipherProvider& provider) {
  const auto key = find(injected, kFileKeyId);
  const auto digest = find(injected, kFileDigestId);
  if (!key && !digest) return injected;
  // Without the digest, a host could bring back any file that was ever sealed with the key; without
  // the key, the client would open with half of what it was to have.
  if (!key || !digest) {
    fail(Status::keyset, "the injected keyset has %s, but not %s; a keyset in a file needs both",
         (key ? kFileKeyId : kFileDigestId).data(), (key ? kFileDigestId : kFileKeyId).data());
  }
  SecretBytes text = read_keyset_file(system, source);
  const bool promised = std::ranges::equal(sha256(provider, text.expose()), *digest);
  Keyset keyset = open_sealed_keyset(provider, *key, std::move(text), promised);
  keyset.add(injected, kIds);
  return keyset;
}

}  // namespace oskbc::core
