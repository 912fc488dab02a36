// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "agent/on_demand_client.h"
#include "agent/sealed_secret.h"
#include "common/agent_config.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::agent {

// What the services answer, whatever brings the requests. From any number of threads at once. Of
// the aa_kbc_params, a request's own count before those of the agent's surroundings.
class Requests {
 public:
  Requests(OnDemandClient& client, const tools::AgentConfig& config, bool require_authenticated)
      : client_(client), config_(config), require_authenticated_(require_authenticated) {}

  // Opens the client, if it is not open. Throws why not.
  void open() const { static_cast<void>(own_client()); }

  // A key provider request of ocicrypt, to its answer.
  [[nodiscard]] Buffer unwrap_key(std::string_view request) const;

  // A resource by /repository/type/tag, kbs:// URI or id. Without either half of the aa_kbc_params,
  // the request brings none.
  [[nodiscard]] Buffer resource(const std::string& path, const std::string& kbc_name = {},
                                const std::string& kbs_uri = {}) const;

  // What a sealed secret holds.
  [[nodiscard]] Buffer unseal(std::string_view sealed) const;

  // The client as the agent's surroundings open it.
  [[nodiscard]] const Client& own_client() const { return client_.get(config_.aa_kbc_params()); }

 private:
  OnDemandClient& client_;
  const tools::AgentConfig& config_;
  bool require_authenticated_;
  // Made for the first sealed secret: most guests never see one.
  mutable std::once_flag unsealer_made_;
  mutable std::unique_ptr<Unsealer> unsealer_;
};

}  // namespace oskbc::agent
