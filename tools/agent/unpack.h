// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <oskbc/oskbc.hpp>

namespace oskbc::agent {

// Unpacks a layer, a tar that may be compressed with gzip, over what lies in the working directory,
// and removes from there what the layer says is removed. Nothing keeps a hostile archive from
// writing through a link, so the working directory has to be the process's root, too. Throws
// Failure. Gives the bytes written, of which there can be no more than `limit`.
std::size_t unpack_layer(const Buffer& layer, std::size_t limit);

}  // namespace oskbc::agent
