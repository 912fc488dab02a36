// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "luks/header.h"

// Whether a disk's header is the one that its owner made. A header is not authenticated: a host can
// write one that any passphrase opens, over a disk that is then written in plain (CVE-2025-59054).
namespace oskbc::luks {

// What the owner knows of the header.
struct Wanted {
  std::string uuid;
  std::string cipher;          // "aes-xts-plain64"
  std::string keyslot_cipher;  // "" for the same
  std::string integrity = "none";
  unsigned key_bits = 0;  // of the volume's key; 0 for 512 with XTS, else 256
};

// Refuse what no owner should want. Throw Status::argument.
void check_uuid(const std::string& uuid);
void check_cipher(const std::string& cipher);
void check_wanted(const Wanted& wanted);

// Holds a header against what is wanted. Throws tools::Refused with what differs.
void check(const Header& header, const Wanted& wanted);

// Reads the header of a disk, or a header's backup, and checks it; changes nothing. With a file
// named in `copy`, the header is read once, with its keyslots, and that file, which has to be in
// memory, is what was checked: cryptsetup's --header then takes it from there, and a host that
// answers twice differently has no say. Throws Status::io, argument; tools::Refused.
Header check_device(const std::string& device, const Wanted& wanted, const std::string& copy = {});

}  // namespace oskbc::luks
