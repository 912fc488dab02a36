// SPDX-License-Identifier: Apache-2.0
#include "common/io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include <boost/filesystem/operations.hpp>

#include "base/status.h"
#include "base/unique_fd.h"
#include "format/base64.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "support/temp_tree.h"
#include "unit/failure.h"
#include "unit/redirect.h"
#include "unit/terminal.h"
#include "unit/test_bytes.h"

namespace oskbc::io_test {

using core::Status;
using core::UniqueFd;
using test::failure_of;
using test::Redirect;
using test::TempFolder;
using test::TempTree;
using tools::read_binary_or_base64;

namespace {

constexpr std::size_t kLimit = 100000;

std::string varied(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 256);
  return text;
}

std::string read(const std::string& file, std::size_t limit = kLimit) {
  return std::string(tools::read_input(file, limit, Status::keyset).expose_text());
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    out = UniqueFd(ends[0]);
    in = UniqueFd(ends[1]);
  }
  UniqueFd out;
  UniqueFd in;
};

constexpr std::size_t kBinaryLimit = 4096;

core::Bytes read_binary(const std::string& file) {
  const core::SecretBytes bytes = read_binary_or_base64(file, kBinaryLimit);
  return {bytes.expose().begin(), bytes.expose().end()};
}

Status binary_status(const std::string& file) {
  return test::status_of([&] { static_cast<void>(read_binary(file)); });
}

// Base64 in lines, as base64(1) writes it.
std::string in_lines(const std::string& text) {
  std::string lines;
  for (std::size_t i = 0; i < text.size(); i += 76) lines += text.substr(i, 76) + "\n";
  return lines;
}

}  // namespace

TEST_CASE("a file is read whole, whatever its length") {
  const TempTree tree;
  for (const std::size_t size :
       {0U, 1U, 16383U, 16384U, 16385U, 32768U, 32769U, 65536U, 99999U, 100000U}) {
    const std::string content = varied(size);
    CHECK(read(tree.write("file", content)) == content);
  }
}

TEST_CASE("a file of the limit is read, and of one byte more refused with the caller's status") {
  const TempTree tree;
  for (const std::size_t limit : {0U, 1U, 32U, 16383U, 16384U, 16385U, 40000U}) {
    const std::string content = varied(limit);
    CHECK(read(tree.write("file", content), limit) == content);
    const std::string file = tree.write("longer", content + "x");
    const auto failure = failure_of([&] { static_cast<void>(read(file, limit)); });
    CHECK(failure.status == Status::keyset);
    CHECK(failure.text == file + " has more than " + std::to_string(limit) + " bytes");
  }
}

TEST_CASE("a file without an end is given up at the limit") {
  CHECK(failure_of([] { static_cast<void>(read("/dev/zero")); }).status == Status::keyset);
}

TEST_CASE("a file that is not there is named by the absolute path that was tried") {
  const TempTree tree;
  const std::string missing = tree.path("missing");
  const auto failure = failure_of([&] { static_cast<void>(read(missing)); });
  CHECK(failure.status == Status::io);
  CHECK(failure.text == "opening " + missing + " failed: No such file or directory (errno 2)");
  const auto relative = failure_of([] { static_cast<void>(read("no/such/file")); });
  CHECK_THAT(relative.text, Catch::ContainsSubstring(
                                (boost::filesystem::current_path() / "no/such/file").string()));
}

TEST_CASE("a folder can't be read and is named") {
  const TempTree tree;
  const auto failure = failure_of([&] { static_cast<void>(read(tree.path())); });
  CHECK(failure.status == Status::io);
  CHECK_THAT(failure.text, Catch::StartsWith("reading " + tree.path() + " failed"));
}

TEST_CASE("where a file is needed, nothing else is opened, and nothing waits") {
  const TempTree tree;
  const auto read_file = [](const std::string& file) {
    return std::string(tools::read_file(file, kLimit, Status::keyset).expose_text());
  };
  const std::string content = varied(50000);
  CHECK(read_file(tree.write("file", content)) == content);
  const std::string pipe = tree.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& other : {pipe, tree.path(), std::string("/dev/null")}) {
    const auto failure = failure_of([&] { static_cast<void>(read_file(other)); });
    CHECK(failure.status == Status::io);
    CHECK(failure.text == other + " is not a regular file");
  }
  const std::string longer = tree.write("longer", std::string(kLimit + 1, 'x'));
  CHECK(test::status_of([&] { static_cast<void>(read_file(longer)); }) == Status::keyset);
  const auto missing = failure_of([&] { static_cast<void>(read_file("-")); });
  CHECK_THAT(missing.text, Catch::StartsWith("opening " + tools::absolute_path("-") + " failed"));
}

TEST_CASE("an absolute path stays, and a relative one begins at the working directory") {
  CHECK(tools::absolute_path("/a/b") == "/a/b");
  CHECK(tools::absolute_path("a/b") == (boost::filesystem::current_path() / "a/b").string());
}

TEST_CASE("standard input is read to its end, in whatever pieces it comes") {
  const std::string content = varied(90000);
  Pipe pipe;
  std::thread writer([&] {
    for (std::size_t i = 0; i < content.size(); i += 1000) {
      if (::write(pipe.in.get(), &content[i], 1000) != 1000) break;
    }
    pipe.in.reset();
  });
  std::string text;
  {
    const Redirect redirect(STDIN_FILENO, pipe.out.get());
    text = read("-");
  }
  writer.join();
  CHECK(text == content);
}

TEST_CASE("standard input that is too long is refused by its name") {
  Pipe pipe;
  REQUIRE(::write(pipe.in.get(), "MARKER", 6) == 6);
  pipe.in.reset();
  test::Failure failure;
  {
    const Redirect redirect(STDIN_FILENO, pipe.out.get());
    failure = failure_of([] { static_cast<void>(read("-", 5)); });
  }
  CHECK(failure.status == Status::keyset);
  CHECK(failure.text == "standard input has more than 5 bytes");
}

TEST_CASE("everything is written to standard output, in one piece or many") {
  for (const std::size_t size : {0U, 1U, 100000U}) {
    const std::string content = varied(size);
    CHECK(test::output_of(STDOUT_FILENO, [&] { tools::write_output(content); }) == content);
  }
}

TEST_CASE("a reader that takes little at a time still gets everything") {
  const std::string content = varied(300000);
  Pipe pipe;
  std::string got;
  std::thread reader([&] {
    std::array<char, 1000> piece{};
    for (ssize_t size = 1; size > 0;) {
      size = ::read(pipe.out.get(), piece.data(), piece.size());
      if (size > 0) got.append(piece.data(), static_cast<std::size_t>(size));
    }
  });
  {
    const Redirect redirect(STDOUT_FILENO, pipe.in.get());
    tools::write_output(content);
  }
  pipe.in.reset();
  reader.join();
  CHECK(got == content);
}

TEST_CASE("a full disk under standard output is an error") {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (full.get() < 0) {
    WARN("skipped: there is no /dev/full");
    return;
  }
  test::Failure failure;
  {
    const Redirect redirect(STDOUT_FILENO, full.get());
    failure = failure_of([] { tools::write_output("MARKER"); });
  }
  CHECK(failure.status == Status::io);
  CHECK_THAT(failure.text, Catch::StartsWith("writing to standard output failed"));
}

TEST_CASE("secrets go to a file or a pipe, and not to a terminal") {
  const Pipe pipe;
  const test::Terminal terminal;
  if (!terminal.exists()) return;
  const auto status_with = [](int fd) {
    const Redirect redirect(STDOUT_FILENO, fd);
    return test::status_of([] { tools::refuse_terminal(); });
  };
  CHECK(status_with(pipe.in.get()) == Status::ok);
  CHECK(status_with(terminal.fd()) == Status::argument);
}

TEST_CASE("blocks are a file's bytes, in order and complete") {
  const TempFolder folder;
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += std::to_string(i);
  const std::string file = folder.write("f", content);
  std::string read;
  int blocks = 0;
  tools::read_blocks(file, [&](core::ByteView block) {
    read += core::as_text(block);
    ++blocks;
  });
  CHECK(read == content);
  CHECK(blocks > 1);
}

TEST_CASE("an empty file has no blocks") {
  const TempFolder folder;
  tools::read_blocks(folder.write("f", ""), [](core::ByteView) { FAIL("a block"); });
}

TEST_CASE("what can't be read is an input error") {
  const TempFolder folder;
  const auto read = [](const std::string& file) {
    tools::read_blocks(file, [](core::ByteView) {});
  };
  CHECK(test::status_of([&] { read(folder.path("none")); }) == Status::io);
  CHECK(test::status_of([&] { read(folder.path()); }) == Status::io);
}

TEST_CASE("bytes are read as they are and from base64, in lines or not") {
  const test::TempFolder folder;
  const core::Bytes bytes = test::counting(2084);
  const std::string base64 = core::base64::encode(bytes);
  CHECK(read_binary(folder.write("raw", bytes)) == bytes);
  CHECK(read_binary(folder.write("base64", base64)) == bytes);
  CHECK(read_binary(folder.write("lines", in_lines(base64))) == bytes);
  CHECK(read_binary(folder.write(
            "crlf", " " + base64.substr(0, 100) + "\r\n" + base64.substr(100))) == bytes);
}

TEST_CASE("text that is not base64 is refused") {
  const test::TempFolder folder;
  for (const char* text :
       {"MARKER", "-----BEGIN CERTIFICATE-----\nAAAA\n", "AAA=AAAA", "AAB=", " \n"}) {
    CAPTURE(text);
    CHECK(binary_status(folder.write("text", std::string_view(text))) == Status::argument);
  }
}

TEST_CASE("an empty file is empty bytes, which the caller refuses") {
  const test::TempFolder folder;
  CHECK(read_binary(folder.write("empty", std::string_view())).empty());
}

TEST_CASE("files have a bound") {
  const test::TempFolder folder;
  const core::Bytes most(kBinaryLimit, 0xff);
  CHECK(read_binary(folder.write("most", most)) == most);
  CHECK(read_binary(folder.write("base64", core::base64::encode(most))) == most);
  core::Bytes more = most;
  more.push_back(0);
  CHECK(binary_status(folder.write("more", more)) == Status::argument);
  CHECK(binary_status(folder.write("more", core::base64::encode(more))) == Status::argument);
  more.resize(3 * kBinaryLimit);
  CHECK(binary_status(folder.write("more", more)) == Status::argument);
}

TEST_CASE("a file that is not there is an I/O error") {
  const test::TempFolder folder;
  CHECK(binary_status(folder.path("none")) == Status::io);
}

}  // namespace oskbc::io_test
