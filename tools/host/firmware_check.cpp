// SPDX-License-Identifier: Apache-2.0
#include "host/firmware_check.h"

#include <algorithm>
#include <cstdio>

#include "host/bounds.h"
#include "host/whole_file.h"
#include "owner/hashes_table.h"
#include "owner/ovmf.h"
#include "owner/printable.h"

namespace oskbc::host {
namespace {

using core::Status;

constexpr const char* kMend =
    "; build OVMF with OvmfPkg/AmdSev/AmdSevX64.dsc and name that as the firmware";

owner::OvmfTable read_table(const std::string& file) {
  const core::Bytes image = read_whole_file(file, bounds::kFirmware);
  const core::ByteView view = image;
  return owner::parse_ovmf_table(view.last(std::min(view.size(), owner::kOvmfTail)));
}

std::string describe(const char* name, const owner::MemoryArea& area) {
  char text[64];
  std::snprintf(text, sizeof text, "%s of %u bytes at 0x%x", name, area.size, area.base);
  return text;
}

Verdict judge(const std::string& file, const owner::OvmfTable& table) {
  if (!table.secret_area || table.secret_area->base == 0 || table.secret_area->size == 0) {
    return bad(Status::argument,
               file + " has no area for a secret, so none can be injected" + kMend);
  }
  if (!table.hashes_area || table.hashes_area->base == 0 ||
      table.hashes_area->size < owner::kHashesTableSize) {
    return bad(
        Status::argument,
        file +
            " has no area for the hashes of kernel, initrd and command line, so these are not measured" +
            kMend);
  }
  return good(file + ": " + describe("a secret area", *table.secret_area) + ", " +
              describe("a hashes area", *table.hashes_area));
}

}  // namespace

Verdict check_firmware(const KataConfig* config, const Setup& setup) {
  if (setup.ovmf.empty() && config == nullptr) return unknown(not_named("--ovmf F"));
  if (setup.ovmf.empty()) {
    return bad(
        Status::argument,
        std::string("not set, so QEMU takes a BIOS, which has no area for a secret") + kMend);
  }
  if (config != nullptr && !config->firmware_volume.empty()) {
    return bad(
        Status::argument,
        "firmware_volume is set, and variables beside the firmware are not measured; set firmware_volume = \"\"");
  }
  return judge(owner::printable(setup.ovmf), read_table(setup.ovmf));
}

}  // namespace oskbc::host
