// SPDX-License-Identifier: Apache-2.0
#include "broker/tls.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "base/status.h"
#include "broker/tls_files.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::Status;
using core::evp::Deleter;
using core::evp::ErrorQueueMark;
using owner::ossl::made;
using owner::ossl::require;

using Names = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;
struct FreeText {
  void operator()(unsigned char* text) const noexcept { OPENSSL_free(text); }
};
using Text = std::unique_ptr<unsigned char, FreeText>;
using Verification = std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>>;

constexpr int kLongestName = 255;

// The audit and the lists of allowed clients must not see more, or less, than the authority signed.
std::string name_in(const ASN1_STRING* text) {
  unsigned char* bytes = nullptr;
  const int size = ASN1_STRING_to_UTF8(&bytes, text);
  const Text owner(bytes);
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  if (size <= 0 || size > kLongestName || std::any_of(bytes, bytes + size, is_control)) {
    fail(Status::argument, "the name in the client's certificate is empty, too long or no text");
  }
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

// The first that is text, as gRPC takes it.
std::string alternative_name(const X509* certificate) {
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type == GEN_DNS || type == GEN_URI || type == GEN_EMAIL) {
      return name_in(static_cast<const ASN1_STRING*>(value));
    }
  }
  return {};
}

std::string common_name(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) fail(Status::argument, "the client's certificate has no name");
  return name_in(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

// Clients that offer none are taken at their word that they speak HTTP/2.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kOurs[] = {2, 'h', '2'};
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, size, kOurs, sizeof kOurs, offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_protocol(SSL_CTX* context) {
  require(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1, "the least version of TLS");
  require(SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1, "TLS's ciphers");
  // A session that goes on where an earlier one ended would skip looking whether it was revoked.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

}  // namespace

void ClientSocket::Free::operator()(ssl_st* session) const noexcept {
  const ErrorQueueMark mark;
  SSL_free(session);
}

void TlsContext::Free::operator()(ssl_ctx_st* context) const noexcept {
  const ErrorQueueMark mark;
  SSL_CTX_free(context);
}

TlsContext::TlsContext(const TlsFiles& files) {
  const ErrorQueueMark mark;
  context_.reset(made(SSL_CTX_new(TLS_server_method())));
  set_protocol(context_.get());
  use_certificate(files);
  if (!files.client_ca.empty()) use_clients(files);
}

void TlsContext::use_certificate(const TlsFiles& files) {
  const auto certificates = tls::read_certificates(files.certificate);
  const owner::ossl::Key key = tls::read_key(files.key);
  if (X509_check_private_key(certificates[0].get(), key.get()) != 1) {
    fail(Status::argument, "%s is not the key of the first certificate in %s", files.key.c_str(),
         files.certificate.c_str());
  }
  if (SSL_CTX_use_certificate(context_.get(), certificates[0].get()) != 1 ||
      SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1) {
    fail(Status::argument, "%s: TLS cannot use the certificate, whose key may be too short",
         files.certificate.c_str());
  }
  for (std::size_t i = 1; i < certificates.size(); ++i) {
    require(SSL_CTX_add1_chain_cert(context_.get(), certificates[i].get()) == 1, "a certificate");
  }
  const std::string doubt = tls::doubt_about_server(*certificates[0], files.certificate);
  if (!doubt.empty()) warnings_.push_back(doubt);
}

void TlsContext::use_clients(const TlsFiles& files) {
  const auto note = [this](const std::string& doubt) {
    if (!doubt.empty()) warnings_.push_back(doubt);
  };
  X509_STORE* store = SSL_CTX_get_cert_store(context_.get());
  for (const auto& authority : tls::read_certificates(files.client_ca)) {
    require(X509_STORE_add_cert(store, authority.get()) == 1, "an authority");
    require(SSL_CTX_add_client_CA(context_.get(), authority.get()) == 1, "an authority's name");
    note(tls::doubt_about_authority(*authority, files.client_ca));
  }
  for (const std::string& file : files.revoked) {
    for (const auto& list : tls::read_revocation_lists(file)) {
      require(X509_STORE_add_crl(store, list.get()) == 1, "a revocation list");
      note(tls::doubt_about_list(*list, file));
    }
  }
  if (!files.revoked.empty()) {
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  }
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

ClientSocket TlsContext::accept(int fd) const {
  const ErrorQueueMark mark;
  ClientSocket client(fd);
  client.session_.reset(made(SSL_new(context_.get())));
  require(SSL_set_fd(client.session_.get(), fd) == 1, "TLS's socket");
  SSL_set_accept_state(client.session_.get());
  return client;
}

bool TlsContext::accepts(const ClientSocket& client) const {
  const ErrorQueueMark mark;
  SSL* session = client.session_.get();
  X509_STORE* store = SSL_CTX_get_cert_store(context_.get());
  if (SSL_CTX_get_verify_mode(context_.get()) == SSL_VERIFY_NONE) return true;
  const tls::Certificate certificate(SSL_get1_peer_certificate(session));
  if (!certificate) return false;
  const Verification verification = made(Verification(X509_STORE_CTX_new()));
  require(X509_STORE_CTX_init(verification.get(), store, certificate.get(),
                              SSL_get_peer_cert_chain(session)) == 1,
          "verifying a certificate");
  X509_STORE_CTX_set_default(verification.get(), "ssl_client");
  return X509_verify_cert(verification.get()) == 1;
}

Io ClientSocket::outcome(int result) const {
  if (!session_) {
    return result < 0 && (errno == EAGAIN || errno == EINTR) ? Io::wants_read : Io::closed;
  }
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Io::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Io::wants_write;
    default:
      return Io::closed;
  }
}

Io ClientSocket::shake_hands() {
  if (!session_) return Io::done;
  ERR_clear_error();
  const int result = SSL_do_handshake(session_.get());
  return result == 1 ? Io::done : outcome(result);
}

Io ClientSocket::read(core::ByteSpan bytes, std::size_t& count) {
  if (!session_) {
    const ssize_t result = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    count = result > 0 ? static_cast<std::size_t>(result) : 0;
    return result > 0 ? Io::done : outcome(static_cast<int>(result));
  }
  ERR_clear_error();
  const int result = SSL_read_ex(session_.get(), bytes.data(), bytes.size(), &count);
  return result == 1 ? Io::done : outcome(result);
}

Io ClientSocket::write(core::ByteView bytes, std::size_t& count) {
  if (!session_) {
    const ssize_t result = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    count = result > 0 ? static_cast<std::size_t>(result) : 0;
    if (result >= 0) return Io::done;
    return outcome(-1) == Io::closed ? Io::closed : Io::wants_write;
  }
  ERR_clear_error();
  const int result = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &count);
  return result == 1 ? Io::done : outcome(result);
}

void ClientSocket::say_goodbye() noexcept {
  if (!session_) return;
  ERR_clear_error();
  if (SSL_is_init_finished(session_.get()) == 1) SSL_shutdown(session_.get());
  ERR_clear_error();
}

const char* ClientSocket::refusal() const {
  if (!session_) return nullptr;
  const long error = SSL_get_verify_result(session_.get());
  return error == X509_V_OK ? nullptr : X509_verify_cert_error_string(error);
}

std::string ClientSocket::name() const {
  if (!session_) return {};
  const ErrorQueueMark mark;
  const tls::Certificate certificate(SSL_get1_peer_certificate(session_.get()));
  if (!certificate) return {};
  const std::string name = alternative_name(certificate.get());
  return name.empty() ? common_name(certificate.get()) : name;
}

}  // namespace oskbc::broker
