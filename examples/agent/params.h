// SPDX-License-Identifier: Apache-2.0
#ifndef OSKBC_EXAMPLES_AGENT_PARAMS_H
#define OSKBC_EXAMPLES_AGENT_PARAMS_H

#include <string>

namespace agent {

// Finds aa_kbc_params: in the environment as AA_KBC_PARAMS, below the root in
// etc/agent-config.toml, or in its kernel command line as agent.aa_kbc_params=…; the first one
// counts. Throws Failure when it is nowhere.
std::string find_params(const std::string& root);

}  // namespace agent

#endif
