// SPDX-License-Identifier: Apache-2.0
#ifndef OSKBC_EXAMPLES_AGENT_CONTAINER_H
#define OSKBC_EXAMPLES_AGENT_CONTAINER_H

#include <string>
#include <vector>

#include "image.h"
#include <oskbc/oskbc.hpp>

namespace agent {

// Makes a new folder and turns it into this process's root. There is no way back.
void enter_new_root(const std::string& root);

// Unpacks decrypted layers, the lowest first, into the root, and wipes each after that.
void unpack_layers(std::vector<oskbc::Buffer> layers);

// Becomes the image's process. Comes back only by throwing Failure.
[[noreturn]] void become(const Process& process);

}  // namespace agent

#endif
