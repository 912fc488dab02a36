// SPDX-License-Identifier: Apache-2.0
#include "agent/requests.h"

#include "agent/request_params.h"
#include "base/error.h"
#include "base/status.h"

namespace oskbc::agent {

// Asking for the length first would read the request twice. Bytes of the answer take at most four
// characters for each byte that takes 16/9 of base64 twice in the request, or more.
Buffer Requests::unwrap_key(std::string_view request) const {
  const auto params = params_in(request);
  const Client& client = client_.get(params ? *params : config_.aa_kbc_params());
  constexpr std::size_t kAround = 64;
  Buffer answer(3 * request.size() + kAround);
  std::size_t size = answer.size();
  check(oskbc_keyprovider(client.get(), request.data(), request.size(), answer.data(), &size));
  answer.truncate(size);
  return answer;
}

Buffer Requests::resource(const std::string& path, const std::string& kbc_name,
                          const std::string& kbs_uri) const {
  // The interface below would take what is before it for the whole.
  if (path.empty() || path.find('\0') != std::string::npos) {
    core::fail(core::Status::request,
               "ResourcePath is empty or holds a NUL; ask for /repository/type/tag");
  }
  const bool has_params = !kbc_name.empty() || !kbs_uri.empty();
  const Client& client =
      client_.get(has_params ? kbc_name + "::" + kbs_uri : config_.aa_kbc_params());
  return client.resource(path.starts_with('/') ? "kbs://" + path : path);
}

Buffer Requests::unseal(std::string_view sealed) const {
  std::call_once(unsealer_made_, [this] { unsealer_ = std::make_unique<Unsealer>(); });
  return unsealer_->unseal(own_client(), sealed, require_authenticated_);
}

}  // namespace oskbc::agent
