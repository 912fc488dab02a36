// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"

// A kernel for x86 as boot loaders see it (Linux, Documentation/arch/x86/boot.rst).
namespace oskbc::host {

// The release that the kernel's header names, "6.1.0-18-amd64", which is also the name of the
// folder of its modules. Throws Status::argument for what is no bzImage or names none.
[[nodiscard]] std::string kernel_release(core::ByteView image);

// Whether UEFI firmware can start it (CONFIG_EFI_STUB).
[[nodiscard]] bool has_efi_stub(core::ByteView image);

// The configuration that the kernel carries (CONFIG_IKCONFIG). Nothing where there is none, or the
// kernel is compressed in a way that can't be read here.
[[nodiscard]] std::optional<std::string> embedded_config(core::ByteView image);

}  // namespace oskbc::host
