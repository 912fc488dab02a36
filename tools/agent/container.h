// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/image.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::agent {

// Makes a new folder and turns it into this process's root. There is no way back.
void enter_new_root(const std::string& root);

// Unpacks decrypted layers, the lowest first, into the root, and wipes each after that.
void unpack_layers(std::vector<Buffer> layers);

// Becomes the image's process. Comes back only by throwing Failure.
[[noreturn]] void become(const Process& process);

}  // namespace oskbc::agent
