// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/fake_firmware.h"

#include <lzma.h>

#include <stdexcept>

#include "owner/launch/efi_guid.h"

namespace oskbc::test {
namespace {

std::string padded(std::string text, std::size_t alignment, char with) {
  text.append((alignment - text.size() % alignment) % alignment, with);
  return text;
}

void check(bool worked) {
  if (!worked) throw std::runtime_error("liblzma does not compress");
}

}  // namespace

std::string guid_bytes(std::string_view guid) {
  const owner::EfiGuid bytes = owner::to_efi_guid(guid);
  return std::string(core::as_text(bytes));
}

std::string number(std::uint64_t value, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

std::string section(unsigned type, std::string_view body) {
  return padded(number(body.size() + 4, 3) + number(type, 1) + std::string(body), 4, '\0');
}

std::string guided_section(std::string_view guid, unsigned attributes, std::string_view data) {
  return section(0x02,
                 guid_bytes(guid) + number(24, 2) + number(attributes, 2) + std::string(data));
}

std::string lzma(std::string_view data) {
  lzma_options_lzma options;
  lzma_stream stream = LZMA_STREAM_INIT;
  // The quickest, whose dictionary needs the least memory.
  check(!lzma_lzma_preset(&options, 0));
  check(lzma_alone_encoder(&stream, &options) == LZMA_OK);
  core::Bytes out(data.size() + 1000);
  const core::ByteView in = core::as_bytes(data);
  stream.next_in = in.data();
  stream.avail_in = in.size();
  stream.next_out = out.data();
  stream.avail_out = out.size();
  check(lzma_code(&stream, LZMA_FINISH) == LZMA_STREAM_END);
  out.resize(stream.total_out);
  lzma_end(&stream);
  // liblzma leaves the size open, edk2 writes it.
  std::string text(core::as_text(out));
  return text.replace(5, 8, number(data.size(), 8));
}

std::string file(std::string_view guid, std::string_view sections, unsigned type) {
  const std::string header = guid_bytes(guid) + number(0, 2) + number(type, 1) + number(0, 1) +
                             number(24 + sections.size(), 3) + number(0xf8, 1);
  return padded(header + std::string(sections), 8, '\xff');
}

std::string volume(std::string_view files, std::string_view system) {
  // Its own header follows, 8 bytes that were never written, and the map of blocks is empty.
  const std::string blocks = number(0, 8);
  const std::size_t length = 64 + files.size() + 8;
  std::string header = std::string(16, '\0') + guid_bytes(system) + number(length, 8) + "_FVH" +
                       number(0x0004feff, 4) + number(64, 2) + number(0, 2) + number(0, 2) +
                       number(0, 1) + number(2, 1) + blocks;
  unsigned sum = 0;
  for (std::size_t i = 0; i < header.size(); i += 2) {
    sum += static_cast<unsigned char>(header[i]) +
           (unsigned{static_cast<unsigned char>(header[i + 1])} << 8);
  }
  header.replace(50, 2, number(0x10000 - (sum & 0xffff), 2));
  return header + std::string(files) + std::string(8, '\xff');
}

std::string verifier(std::string_view more) {
  return section(kProgram, "MZ" + guid_bytes("97d02dd8-bd20-4c94-aa78-e7714d36ab2a") +
                               guid_bytes("44baf731-3a2f-4bd7-9af1-41e29169781d") + "code" +
                               guid_bytes("4de79437-abd2-427f-b835-d5b172d2045b") +
                               std::string(more));
}

std::string amdsev_files() {
  return file(kSecretDriver, section(kProgram, "MZ secret")) +
         file(kRandomDriver, section(kProgram, "MZ random")) + file(kLoader, verifier());
}

std::string wrap(std::string_view files) {
  const std::string drivers = section(kVolume, volume(files));
  return volume("", kVariables) +
         volume(file("9e21fd93-9c72-4c15-8c4b-e77f1db2d792",
                     guided_section(kLzma, 1, lzma(section(0x19, "raw") + drivers)), 0x0b)) +
         std::string(64, '\0');
}

}  // namespace oskbc::test
