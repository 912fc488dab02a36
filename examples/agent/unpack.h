// SPDX-License-Identifier: Apache-2.0
#ifndef OSKBC_EXAMPLES_AGENT_UNPACK_H
#define OSKBC_EXAMPLES_AGENT_UNPACK_H

#include <cstddef>

#include <oskbc/oskbc.hpp>

namespace agent {

// Unpacks a layer, a tar that may be compressed with gzip, over what lies in the working directory,
// and removes from there what the layer says is removed. Nothing keeps a hostile archive from
// writing through a link, so the working directory has to be the process's root, too. Throws
// Failure. Gives the bytes written, of which there can be no more than `limit`.
std::size_t unpack_layer(const oskbc::Buffer& layer, std::size_t limit);

}  // namespace agent

#endif
