// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/config.h"
#include "agent/on_demand_client.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::agent {

// What the services answer, whatever brings the requests. From any number of threads at once.
class Requests {
 public:
  Requests(OnDemandClient& client, const Config& config) : client_(client), config_(config) {}

  // A key provider request of ocicrypt, to its answer. The aa_kbc_params are the request's, or else
  // those of the agent's surroundings.
  [[nodiscard]] Buffer unwrap_key(std::string_view request) const;

  // A resource by /repository/type/tag, kbs:// URI or id. Where neither half of the aa_kbc_params
  // is given, they are those of the agent's surroundings.
  [[nodiscard]] Buffer resource(const std::string& path, const std::string& kbc_name,
                                const std::string& kbs_uri) const;

 private:
  OnDemandClient& client_;
  const Config& config_;
};

}  // namespace oskbc::agent
