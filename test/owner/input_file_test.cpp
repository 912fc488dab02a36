// SPDX-License-Identifier: Apache-2.0
#include "owner/input_file.h"

#include "format/base64.h"
#include "owner/sev_vectors.h"
#include "owner/temp_folder.h"
#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using owner::read_binary_or_base64;
using owner::read_transport_key;

namespace {

constexpr std::size_t kLimit = 4096;

core::Bytes read(const std::string& file) {
  return test::bytes_of(read_binary_or_base64(file, kLimit).expose());
}

test::Failure failure(const std::string& file) {
  return test::failure_of([&] { static_cast<void>(read_binary_or_base64(file, kLimit)); });
}

// Base64 in lines, as base64(1) writes it.
std::string in_lines(const std::string& text) {
  std::string lines;
  for (std::size_t i = 0; i < text.size(); i += 76) lines += text.substr(i, 76) + "\n";
  return lines;
}

}  // namespace

TEST_CASE("a certificate is read from its bytes and from base64, in lines or not") {
  const test::TempFolder folder;
  const core::Bytes bytes = test::certificate_bytes("pdh");
  const std::string base64 = core::base64::encode(bytes);
  CHECK(read(folder.write("raw", bytes)) == bytes);
  CHECK(read(folder.write("base64", base64)) == bytes);
  CHECK(read(folder.write("lines", in_lines(base64))) == bytes);
  CHECK(read(folder.write("crlf", " " + base64.substr(0, 100) + "\r\n" + base64.substr(100))) ==
        bytes);
}

TEST_CASE("text that is not base64 is refused") {
  const test::TempFolder folder;
  for (const char* text :
       {"MARKER", "-----BEGIN CERTIFICATE-----\nAAAA\n", "AAA=AAAA", "AAB=", " \n"}) {
    CAPTURE(text);
    CHECK(failure(folder.write("text", std::string_view(text))).status == core::Status::argument);
  }
}

TEST_CASE("an empty file is empty bytes, which the caller refuses") {
  const test::TempFolder folder;
  CHECK(read(folder.write("empty", std::string_view())).empty());
}

TEST_CASE("files have a bound") {
  const test::TempFolder folder;
  const core::Bytes most(kLimit, 0xff);
  CHECK(read(folder.write("most", most)) == most);
  CHECK(read(folder.write("base64", core::base64::encode(most))) == most);
  core::Bytes more = most;
  more.push_back(0);
  CHECK(failure(folder.write("more", more)).status == core::Status::argument);
  CHECK(failure(folder.write("more", core::base64::encode(more))).status == core::Status::argument);
  more.resize(3 * kLimit);
  CHECK(failure(folder.write("more", more)).status == core::Status::argument);
}

TEST_CASE("a file that is not there is an I/O error") {
  const test::TempFolder folder;
  CHECK(failure(folder.path("none")).status == core::Status::io);
}

TEST_CASE("a transport key has 16 bytes, raw or in base64") {
  const test::TempFolder folder;
  const core::Bytes key = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const auto read_key = [](const std::string& file) {
    return test::bytes_of(read_transport_key(file, "TIK").expose());
  };
  CHECK(read_key(folder.write("raw", key)) == key);
  CHECK(read_key(folder.write("base64", core::base64::encode(key) + "\n")) == key);
  // 16 characters are a key, not base64 of 12 bytes.
  CHECK(read_key(folder.write("letters", std::string_view("AAAAAAAAAAAAAAAA"))) ==
        core::Bytes(16, 'A'));
  for (const std::size_t size : {0U, 1U, 15U, 17U, 32U, 64U}) {
    CAPTURE(size);
    const std::string file = folder.write("key", core::Bytes(size, 0xee));
    const test::Failure refused = test::failure_of([&] { static_cast<void>(read_key(file)); });
    CHECK(refused.status == core::Status::argument);
    CHECK(refused.text == file + ": a TIK has 16 bytes, this has " + std::to_string(size));
  }
}
