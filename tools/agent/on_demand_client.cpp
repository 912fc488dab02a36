// SPDX-License-Identifier: Apache-2.0
#include "agent/on_demand_client.h"

#include <utility>

#include "format/uris.h"

namespace oskbc::agent {
namespace {

// A module that hangs takes ten seconds of everybody's; then, trying may take a tenth of the time.
// What fails at once is tried at once.
constexpr std::chrono::milliseconds kSlow{250};
constexpr int kPause = 9;

}  // namespace

OnDemandClient::OnDemandClient(const std::string& root, bool require_authenticated)
    : OnDemandClient([=](const std::string& aa_kbc_params) {
        Options options;
        if (!root.empty()) options.set_root(root);
        options.set_require_authenticated(require_authenticated);
        return Client(aa_kbc_params, options);
      }) {}

const Client& OnDemandClient::get(const std::string& aa_kbc_params) {
  core::check_params(aa_kbc_params);
  std::promise<Client> promise;
  std::shared_future<Client> attempt;
  bool is_ours = false;
  {
    const std::lock_guard lock(mutex_);
    is_ours = !attempt_.valid();
    if (is_ours && failure_ && Clock::now() < counts_until_) std::rethrow_exception(failure_);
    if (is_ours) attempt_ = promise.get_future().share();
    attempt = attempt_;
  }
  if (is_ours) open(promise, aa_kbc_params);
  return attempt.get();
}

void OnDemandClient::open(std::promise<Client>& promise, const std::string& aa_kbc_params) {
  const Clock::time_point begin = Clock::now();
  try {
    promise.set_value(open_(aa_kbc_params));
  } catch (...) {
    // Whoever comes later tries again; whoever waits hears of this failure.
    {
      const std::lock_guard lock(mutex_);
      const Clock::time_point end = Clock::now();
      attempt_ = {};
      failure_ = std::current_exception();
      counts_until_ = end - begin < kSlow ? end : end + kPause * (end - begin);
    }
    promise.set_exception(std::current_exception());
  }
}

}  // namespace oskbc::agent
