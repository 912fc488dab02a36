// SPDX-License-Identifier: Apache-2.0
#include "host/kernel_image.h"

#include <algorithm>
#include <string>

#include "host/pack.h"
#include "owner/packed.h"
#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using core::Bytes;
using core::Status;
using test::operator+;

namespace {

void put(Bytes& image, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), image.begin() + static_cast<std::ptrdiff_t>(at));
}

// Two sectors of setup after the first, then the payload.
Bytes kernel(const Bytes& payload = {}) {
  Bytes image(1536);
  put(image, 0, "MZ");
  image[0x1f1] = 2;
  put(image, 0x202, "HdrS");
  owner::store_le<std::uint16_t>(image, 0x206, 0x20f);
  owner::store_le<std::uint16_t>(image, 0x20e, 0x300);
  put(image, 0x500, "6.1.0-sev (me@here) #1");
  owner::store_le<std::uint32_t>(image, 0x248, 0);
  owner::store_le<std::uint32_t>(image, 0x24c, static_cast<std::uint32_t>(payload.size()));
  return image + payload;
}

std::string vmlinux(const std::string& config) {
  const Bytes packed = test::pack(config, "gzip");
  return "code IKCFG_ST" + std::string(core::as_text(packed)) + "IKCFG_ED code";
}

Status status_of(const Bytes& image) {
  return test::status_of([&] { static_cast<void>(host::kernel_release(image)); });
}

}  // namespace

TEST_CASE("a bzImage names its release") {
  CHECK(host::kernel_release(kernel()) == "6.1.0-sev");
  CHECK(host::has_efi_stub(kernel()));
}

TEST_CASE("what is no bzImage, or names no release, is refused") {
  Bytes image = kernel();
  image[0x202] = 'x';
  CHECK(status_of(image) == Status::argument);
  CHECK(status_of({}) == Status::argument);
  image = kernel();
  owner::store_le<std::uint16_t>(image, 0x20e, 0);
  CHECK(status_of(image) == Status::argument);
  owner::store_le<std::uint16_t>(image, 0x20e, 0xffff);
  CHECK(status_of(image) == Status::argument);
  image = kernel();
  image.resize(0x505);
  CHECK(status_of(image) == Status::argument);
  image.resize(0x24f);
  CHECK(status_of(image) == Status::argument);
}

TEST_CASE("a kernel without an EFI stub is told") {
  Bytes image = kernel();
  image[0] = 0;
  CHECK_FALSE(host::has_efi_stub(image));
  CHECK_FALSE(host::has_efi_stub({}));
}

TEST_CASE("the configuration is found inside, however the kernel is packed") {
  const std::string text = "CONFIG_EFI=y\n";
  CHECK(host::embedded_config(kernel(test::pack(vmlinux(text), "gzip"))) == text);
  for (const char* filter : {"bzip2", "xz", "lzma", "zstd"}) {
    INFO(filter);
    const Bytes with_size = test::pack(vmlinux(text), filter) + Bytes{0, 0, 1, 0};
    CHECK(host::embedded_config(kernel(with_size)) == text);
  }
}

TEST_CASE("a configuration that is not there or can't be read is none") {
  CHECK_FALSE(host::embedded_config({}));
  CHECK_FALSE(host::embedded_config(kernel()));
  CHECK_FALSE(host::embedded_config(kernel(Bytes(100, 'x'))));
  CHECK_FALSE(host::embedded_config(kernel(test::pack("code", "gzip"))));
  CHECK_FALSE(host::embedded_config(kernel(test::pack("code IKCFG_ST code", "gzip"))));
  CHECK_FALSE(host::embedded_config(kernel(test::pack("IKCFG_ST nothing IKCFG_ED", "gzip"))));
  Bytes image = kernel(test::pack(vmlinux("x"), "gzip"));
  owner::store_le<std::uint32_t>(image, 0x248, 0xffffffff);
  CHECK_FALSE(host::embedded_config(image));
  image = kernel(test::pack(vmlinux("x"), "gzip"));
  owner::store_le<std::uint32_t>(image, 0x24c, 0xffffffff);
  CHECK_FALSE(host::embedded_config(image));
}
