// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace oskbc::agent {

// Who may ask: root, whoever runs the agent, and the members of a group if one is allowed. The
// socket's mode says the same; this holds where somebody changed the mode, or passed a descriptor
// on.
class Peers {
 public:
  explicit Peers(std::optional<gid_t> group) : group_(group) {}

  [[nodiscard]] const std::optional<gid_t>& group() const noexcept { return group_; }

  // The user at the other end of a connection, if it may ask.
  [[nodiscard]] std::optional<uid_t> user_of(int connection) const;

 private:
  [[nodiscard]] bool in_group(int connection, gid_t own_group) const;

  std::optional<gid_t> group_;
};

// The name that a connection's other end is bound to, with the NUL at its start; empty where it has
// none.
[[nodiscard]] std::string name_of_peer(int connection);

// A group by its name or number. Throws Status::argument.
[[nodiscard]] gid_t find_group(const std::string& name);

// Keys belong into no core dump, and no other process may trace this one, but for root's that are
// allowed to trace all.
void shut_others_out() noexcept;

}  // namespace oskbc::agent
