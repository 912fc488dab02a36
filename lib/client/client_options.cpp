// SPDX-License-Identifier: Apache-2.0
#include "client/client_options.h"

#include "base/status.h"
#include "source/root.h"

namespace oskbc::core {

void ClientOptions::set_root(const std::string& directory) {
  source.root = resolve_root(directory);
  // A fake tree has no kernel behind it. Who wants one nevertheless says so afterwards.
  source.manage_kernel = false;
}

void ClientOptions::set_secret_guid(std::string_view guid) {
  const auto parsed = Guid::parse(guid);
  if (!parsed) fail(Status::argument, "the secret's GUID is not 8-4-4-4-12 hexadecimal digits");
  source.guid = *parsed;
}

}  // namespace oskbc::core
