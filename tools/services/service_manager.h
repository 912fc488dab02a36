// SPDX-License-Identifier: Apache-2.0
#pragma once

// What systemd wants to hear of a service of Type=notify: sd_notify(3), without its library.
namespace oskbc::services {

// Sends a state such as "READY=1" to the socket that NOTIFY_SOCKET names; does nothing where there
// is none. Throws Status::io.
void notify_service_manager(const char* state);

}  // namespace oskbc::services
