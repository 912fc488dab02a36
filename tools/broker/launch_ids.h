// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "broker/launch_store.h"
#include "broker/state_key.h"

namespace oskbc::broker {

// The GUIDs by which KeyBrokerService names launches: a connection's id and a MAC of it, so that
// nobody guesses another's, and brokers that share a state read one another's without a word in it.
class LaunchIds {
 public:
  explicit LaunchIds(const StateKey& key);

  [[nodiscard]] std::string launch_id(ConnectionId connection) const;
  // 0, which is no launch's, for what launch_id() did not make.
  [[nodiscard]] ConnectionId connection(std::string_view launch_id) const;

 private:
  StateKey key_;
};

}  // namespace oskbc::broker
