// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>

#include "services/listener.h"

namespace oskbc::agent {

// Reads unix:///PATH; throws Status::argument for all else.
[[nodiscard]] services::ListenAddress parse_socket_address(std::string_view text);

// Makes the folders that lead to a socket and are not there, with the mode 0755. Throws Status::io,
// and refuses a folder in which others than root and the agent could put a socket of their own in
// place of this one.
void make_folder_of(const services::ListenAddress& address);

// The socket's mode is 0600, or 0660 with a group that it is given. Throws Status::io.
void hand_to_group(const services::ListenAddress& address, std::optional<gid_t> group);

}  // namespace oskbc::agent
