// SPDX-License-Identifier: Apache-2.0

#include "broker/files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "common/io.h"
#include "owner/crypto/openssl.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;
using core::evp::Deleter;
using owner::ossl::Key;

void check_private(int fd, const std::string& path) {
  struct stat status {};
  if (fd < 0 || ::fstat(fd, &status) != 0) {
    const int error = errno;
    fail(Status::io, "opening %s failed: %s (errno %d)", path.c_str(), std::strerror(error), error);
  }
  if (!S_ISREG(status.st_mode)) {
    fail(Status::argument, "%s is not a regular file", path.c_str());
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    fail(Status::argument, "%s may be read or written by others: chmod 600 it", path.c_str());
  }
}

using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Input = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

// Chains and bundles of authorities have some KiB.
constexpr std::size_t kFileLimit = std::size_t{1} << 20;

Input input_of(const SecretBytes& text) {
  return owner::ossl::made(
      Input(BIO_new_mem_buf(text.expose().data(), static_cast<int>(text.size()))));
}

// A server has nobody to ask for a password.
int no_password(char*, int, int, void*) { return -1; }

Certificate read_certificate(const std::string& file) {
  const SecretBytes text = tools::read_file(file, kFileLimit, Status::argument);
  Certificate certificate(PEM_read_bio_X509(input_of(text).get(), nullptr, no_password, nullptr));
  if (!certificate) fail(Status::argument, "%s: there is no PEM certificate in it", file.c_str());
  return certificate;
}

Key read_key(const std::string& file) {
  const SecretBytes text = read_private_file(file, kFileLimit);
  Key key(PEM_read_bio_PrivateKey(input_of(text).get(), nullptr, no_password, nullptr));
  if (!key) {
    fail(Status::argument, "%s: there is no PEM private key without a password in it",
         file.c_str());
  }
  return key;
}

}  // namespace

void make_private_file(const std::string& file) {
  const std::string path = tools::absolute_path(file);
  constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  const core::UniqueFd fd(::open(path.c_str(), kFlags, S_IRUSR | S_IWUSR));
  check_private(fd.get(), path);
}

core::SecretBytes read_private_file(const std::string& file, std::size_t limit) {
  const std::string path = tools::absolute_path(file);
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  check_private(fd.get(), path);
  return tools::read_file(file, limit, Status::argument);
}

void check_tls_files(const TlsFiles& files) {
  const core::evp::ErrorQueueMark mark;
  const Certificate certificate = read_certificate(files.certificate);
  const Key key = read_key(files.key);
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    fail(Status::argument, "%s is not the key of the first certificate in %s", files.key.c_str(),
         files.certificate.c_str());
  }
  if (!files.client_ca.empty()) static_cast<void>(read_certificate(files.client_ca));
}

}  // namespace oskbc::broker
