// SPDX-License-Identifier: Apache-2.0
#include "oskbc/settings.h"

namespace oskbc::tools {

Options Settings::options() const {
  Options options;
  if (!root.empty()) options.set_root(root);
  if (!guid.empty()) options.set_secret_guid(guid);
  if (no_kernel) options.set_manage_kernel(false);
  options.set_keep_secret(keep_secret);
  return options;
}

core::ClientOptions Settings::core_options() const {
  core::ClientOptions options;
  if (!root.empty()) options.set_root(root);
  if (!guid.empty()) options.set_secret_guid(guid);
  if (no_kernel) options.source.manage_kernel = false;
  options.source.keep_secret = keep_secret;
  return options;
}

}  // namespace oskbc::tools
