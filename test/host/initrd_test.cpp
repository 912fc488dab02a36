// SPDX-License-Identifier: Apache-2.0
#include "host/initrd.h"

#include <string>

#include "base/status.h"
#include "host/pack.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::initrd_test {

using core::Bytes;
using core::Status;
using host::Initrd;
using test::cpio;
using test::operator+;

namespace {

Bytes packed(const Bytes& archive, const char* filter) {
  return test::pack(core::as_text(archive), filter);
}

Initrd read(const Bytes& bytes) {
  return host::read_initrd(bytes, "the initrd", [](std::string_view) { return 1000; });
}

Status status_of(const Bytes& bytes) {
  return test::status_of([&] { static_cast<void>(read(bytes)); });
}

std::string content(const Initrd& initrd, const char* path) {
  const host::InitrdFile* file = initrd.find(path);
  return file == nullptr ? "none" : std::string(core::as_text(file->content));
}

}  // namespace

TEST_CASE("archives follow one another, padded or not, packed or not") {
  const Bytes early = cpio({{"microcode", "early"}});
  for (const char* filter : {"gzip", "bzip2", "xz", "lzma", "zstd"}) {
    INFO(filter);
    const Initrd initrd = read(early + Bytes(512) + packed(cpio({{"init", "late"}}), filter));
    CHECK(content(initrd, "microcode") == "early");
    CHECK(content(initrd, "init") == "late");
    REQUIRE(initrd.archives.size() == 2);
    CHECK(initrd.archives[0] == nullptr);
    CHECK(initrd.archives[1] != nullptr);
  }
}

TEST_CASE("one packed stream may hold several archives, and another may follow") {
  const Bytes two = cpio({{"a", "1"}}) + Bytes(100) + cpio({{"b", "2"}});
  const Initrd initrd = read(packed(two, "gzip") + cpio({{"c", "3"}}) + Bytes(7));
  CHECK(content(initrd, "a") == "1");
  CHECK(content(initrd, "b") == "2");
  CHECK(content(initrd, "c") == "3");
  CHECK(initrd.archives.size() == 3);
}

TEST_CASE("of two files with one path, the last stays, however the path is written") {
  const Initrd initrd = read(cpio({{"./etc/x", "first"}}) + cpio({{"/etc//x", "last"}}));
  CHECK(content(initrd, "/etc/x") == "last");
  CHECK(initrd.files.size() == 1);
}

TEST_CASE("symbolic links are followed, of folders too, and not for ever") {
  const Initrd initrd = read(cpio({{"lib", "->usr/lib"},
                                   {"usr/lib/real", "content"},
                                   {"usr/lib/relative", "->real"},
                                   {"bin/up", "->../usr/lib/relative"},
                                   {"absolute", "->/lib/real"},
                                   {"loop", "->loop"},
                                   {"ring/a", "->../ring/b"},
                                   {"ring/b", "->a"},
                                   {"grows", "->grows/grows"},
                                   {"dangling", "->nowhere"},
                                   {"outside", "->../../../usr/lib/real"}}));
  for (const char* path : {"lib/real", "lib/relative", "bin/up", "absolute", "outside"}) {
    INFO(path);
    CHECK(content(initrd, path) == "content");
  }
  for (const char* path : {"loop", "ring/a", "grows", "dangling", "lib", "usr", ""}) {
    INFO(path);
    CHECK(content(initrd, path) == "none");
  }
}

TEST_CASE("only what is wanted is kept, and within its bound") {
  const Bytes archive = cpio({{"small", "12345"}, {"large", "1234567890"}});
  const Initrd initrd = host::read_initrd(
      archive, "x", [](std::string_view path) { return path == "small" ? 5 : 0; });
  CHECK(content(initrd, "small") == "12345");
  CHECK(content(initrd, "large").empty());
  CHECK(test::status_of([&] {
          static_cast<void>(host::read_initrd(archive, "x", [](std::string_view) { return 5; }));
        }) == Status::argument);
}

TEST_CASE("what is no initrd is refused") {
  CHECK(status_of({}) == Status::argument);
  CHECK(status_of(Bytes(4096)) == Status::argument);
  CHECK(status_of(Bytes(100, 'x')) == Status::argument);
  CHECK(status_of(cpio({{"a", "1"}}) + Bytes(100, 'x')) == Status::argument);
  CHECK(status_of(packed(Bytes(100, 'x'), "gzip")) == Status::argument);
  const Bytes early = cpio({{"a", "1"}});
  Bytes cut = packed(cpio({{"init", std::string(3000, 'i')}}), "gzip");
  cut.resize(cut.size() - 10);
  CHECK(status_of(early + cut) == Status::argument);
}

}  // namespace oskbc::initrd_test
