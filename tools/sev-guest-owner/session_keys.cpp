// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/session_keys.h"

namespace oskbc::tools {

std::vector<std::string> SessionKeyFiles::missing() const {
  std::vector<std::string> options;
  if (both.empty() && tek.empty()) options.emplace_back("--tek");
  if (both.empty() && tik.empty()) options.emplace_back("--tik");
  if (options.size() == 2) options.back() += " (or --tk)";
  return options;
}

std::vector<std::string> SessionKeyFiles::missing_tik() const {
  if (both.empty() && tik.empty()) return {"--tik (or --tk)"};
  return {};
}

Option& add_session_tik(Command& command, SessionKeyFiles& files) {
  const Option& tik = command.add_file("--tik", files.tik, "The session's TIK");
  return command
      .add_file("--tk", files.both, "Instead: TEK and TIK in one file of 32 bytes, as sev-tool's")
      .excludes(tik);
}

void add_session_keys(Command& command, SessionKeyFiles& files) {
  const Option& tek = command.add_file("--tek", files.tek, "The session's TEK");
  add_session_tik(command, files).excludes(tek);
}

owner::TransportKeys read_session_keys(const SessionKeyFiles& files) {
  if (!files.both.empty()) return owner::read_transport_keys(files.both);
  return {owner::read_transport_key(files.tek, "TEK"), owner::read_transport_key(files.tik, "TIK")};
}

core::SecretBytes read_session_tik(const SessionKeyFiles& files) {
  if (!files.both.empty()) return owner::read_transport_keys(files.both).tik;
  return owner::read_transport_key(files.tik, "TIK");
}

}  // namespace oskbc::tools
