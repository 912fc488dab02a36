// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/bytes.h"

// Reads input in blocks, so that nothing of ours bounds its size. For what is no secret.
namespace oskbc::owner {

using TakeBlock = std::function<void(core::ByteView)>;

// Reads a file, or standard input for "-". Throws Status::io with the absolute path that was tried.
void read_blocks(const std::string& file, const TakeBlock& take);

// Reads an open file from where it stands; `name` is for messages.
void read_blocks(int fd, const std::string& name, const TakeBlock& take);

}  // namespace oskbc::owner
