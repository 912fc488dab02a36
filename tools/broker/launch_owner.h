// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "broker/client.h"

namespace oskbc::broker {

// Whom a launch belongs to, as the state has it: a digest of the client's TLS name, since that may
// have any bytes, or of its host's address where clients have no names.
[[nodiscard]] std::string owner_of(const Client& client);

// Whether the client may use and close the owner's launch. Addresses say too little for that: of
// clients without names, each may.
[[nodiscard]] bool may_use(const Client& client, const std::string& owner);

}  // namespace oskbc::broker
