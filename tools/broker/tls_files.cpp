// SPDX-License-Identifier: Apache-2.0
#include "broker/tls_files.h"

#include <array>
#include <ctime>
#include <utility>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"
#include "broker/files.h"
#include "common/io.h"

namespace oskbc::broker::tls {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;
using core::evp::Deleter;

using Input = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

// Chains and bundles of authorities have some KiB, lists of what they revoked some more.
constexpr std::size_t kFileLimit = std::size_t{1} << 20;
constexpr std::size_t kListLimit = std::size_t{16} << 20;

// Time enough to have a certificate renewed.
constexpr int kDaysOfWarning = 14;
constexpr std::time_t kDay = 24 * 60 * 60;

Input input_of(const SecretBytes& text) {
  return owner::ossl::made(
      Input(BIO_new_mem_buf(text.expose().data(), static_cast<int>(text.size()))));
}

// A server has nobody to ask for a password.
int no_password(char*, int, int, void*) { return -1; }

// OpenSSL's form of it, such as "Nov 26 12:00:00 2026 GMT".
std::string text_of(const ASN1_TIME* time) {
  const Input output = owner::ossl::made(Input(BIO_new(BIO_s_mem())));
  ASN1_TIME_print(output.get(), time);
  std::array<char, 64> text{};
  const int size = BIO_read(output.get(), text.data(), text.size());
  return {text.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
}

bool is_before(const ASN1_TIME* time, std::time_t other) { return X509_cmp_time(time, &other) < 0; }

}  // namespace

std::vector<Certificate> read_certificates(const std::string& file) {
  const SecretBytes text = tools::read_file(file, kFileLimit, Status::argument);
  const Input input = input_of(text);
  std::vector<Certificate> certificates;
  while (X509* one = PEM_read_bio_X509(input.get(), nullptr, no_password, nullptr)) {
    certificates.emplace_back(one);
  }
  if (certificates.empty()) {
    fail(Status::argument, "%s: there is no PEM certificate in it", file.c_str());
  }
  return certificates;
}

owner::ossl::Key read_key(const std::string& file) {
  const SecretBytes text = read_private_file(file, kFileLimit);
  owner::ossl::Key key(
      PEM_read_bio_PrivateKey(input_of(text).get(), nullptr, no_password, nullptr));
  if (!key) {
    fail(Status::argument, "%s: there is no PEM private key without a password in it",
         file.c_str());
  }
  return key;
}

std::vector<RevocationList> read_revocation_lists(const std::string& file) {
  const SecretBytes text = tools::read_file(file, kListLimit, Status::argument);
  const Input input = input_of(text);
  std::vector<RevocationList> lists;
  while (X509_CRL* one = PEM_read_bio_X509_CRL(input.get(), nullptr, no_password, nullptr)) {
    lists.emplace_back(one);
  }
  // Authorities publish them in DER.
  if (lists.empty()) {
    if (X509_CRL* one = d2i_X509_CRL_bio(input_of(text).get(), nullptr)) lists.emplace_back(one);
  }
  if (lists.empty()) {
    fail(Status::argument, "%s: there is no revocation list in it, PEM or DER", file.c_str());
  }
  return lists;
}

std::string doubt_about_server(const X509& certificate, const std::string& file) {
  const ASN1_TIME* end = X509_get0_notAfter(&certificate);
  const ASN1_TIME* begin = X509_get0_notBefore(&certificate);
  const std::time_t now = std::time(nullptr);
  if (is_before(end, now)) {
    return "the server's certificate in " + file + " expired at " + text_of(end) +
           ": clients refuse it";
  }
  if (is_before(end, now + kDaysOfWarning * kDay)) {
    return "the server's certificate in " + file + " expires at " + text_of(end);
  }
  if (!is_before(begin, now)) {
    return "the server's certificate in " + file + " is not valid before " + text_of(begin) +
           ": clients refuse it";
  }
  return {};
}

std::string doubt_about_authority(const X509& certificate, const std::string& file) {
  // Looking caches what it finds in the certificate.
  if (X509_check_ca(const_cast<X509*>(&certificate)) == 0) {
    return "a certificate in " + file +
           " is no authority's (its basic constraints say no CA): no client's certificate is accepted by it";
  }
  if (is_before(X509_get0_notAfter(&certificate), std::time(nullptr))) {
    return "the authority in " + file + " expired at " + text_of(X509_get0_notAfter(&certificate)) +
           ": its clients are refused";
  }
  return {};
}

std::string doubt_about_list(const X509_CRL& list, const std::string& file) {
  const ASN1_TIME* next = X509_CRL_get0_nextUpdate(&list);
  if (next == nullptr || !is_before(next, std::time(nullptr))) return {};
  return "the revocation list in " + file + " was to be replaced at " + text_of(next) +
         ": its authority's clients are refused";
}

}  // namespace oskbc::broker::tls
