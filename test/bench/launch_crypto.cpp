// SPDX-License-Identifier: Apache-2.0
//
// Processor time of the cryptography of one launch on the owner's side, by OpenSSL alone, as its
// manual shows it: a new key of P-384, a shared secret with a platform's, a signature, and HMACs of
// the lengths that the SEV API has.
//
// usage: launch_crypto SECONDS   (prints microseconds for each launch)
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <vector>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

namespace {

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC, Deleter<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Deleter<EVP_MAC_CTX_free>>;

void check(bool worked) {
  if (!worked) throw std::runtime_error("OpenSSL failed");
}

// What is signed of the owner's certificate, and what HMAC is taken of: three derived keys, the
// wrapped keys, the policy, two launch digests that are allowed, the packet with a keyset of one
// key.
constexpr std::size_t kSigned = 1044;
constexpr std::size_t kHmacs[] = {38, 28, 28, 32, 4, 56, 56, 173};

class Launches {
 public:
  Launches() : platform_(EVP_EC_gen("P-384")), mac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)) {
    maker_.reset(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    char group[] = "P-384";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_end()};
    check(platform_ && mac_ && maker_ && EVP_PKEY_keygen_init(maker_.get()) == 1 &&
          EVP_PKEY_CTX_set_params(maker_.get(), parameters) == 1);
    context_.reset(EVP_MAC_CTX_new(mac_.get()));
  }

  void one() {
    EVP_PKEY* made = nullptr;
    check(EVP_PKEY_generate(maker_.get(), &made) == 1);
    const Key key(made);
    share(key);
    sign(key);
    for (const std::size_t size : kHmacs) authenticate(size);
  }

 private:
  void share(const Key& key) {
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    std::size_t size = buffer_.size();
    check(EVP_PKEY_derive_init(context.get()) == 1 &&
          EVP_PKEY_derive_set_peer_ex(context.get(), platform_.get(), 0) == 1 &&
          EVP_PKEY_derive(context.get(), buffer_.data(), &size) == 1);
  }

  void sign(const Key& key) {
    const Digest context(EVP_MD_CTX_new());
    std::size_t size = signature_.size();
    check(EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(),
                                nullptr) == 1 &&
          EVP_DigestSign(context.get(), signature_.data(), &size, buffer_.data(), kSigned) == 1);
  }

  void authenticate(std::size_t size) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    std::size_t written = 0;
    check(EVP_MAC_init(context_.get(), signature_.data(), 16, parameters) == 1 &&
          EVP_MAC_update(context_.get(), buffer_.data(), size) == 1 &&
          EVP_MAC_final(context_.get(), signature_.data(), &written, signature_.size()) == 1);
  }

  Key platform_;
  Mac mac_;
  KeyContext maker_;
  MacContext context_;
  std::array<unsigned char, 2084> buffer_{};
  std::array<unsigned char, 256> signature_{};
};

double processor_seconds() {
  std::timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc == 2 ? std::atof(argv[1]) : 0;
  if (seconds <= 0) {
    std::fprintf(stderr, "usage: launch_crypto SECONDS\n");
    return 64;
  }
  Launches launches;
  launches.one();
  const double start = processor_seconds();
  int count = 0;
  while (processor_seconds() - start < seconds) {
    launches.one();
    ++count;
  }
  std::printf("%.1f\n", 1e6 * (processor_seconds() - start) / count);
  return 0;
}
