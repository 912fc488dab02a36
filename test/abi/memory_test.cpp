// SPDX-License-Identifier: Apache-2.0
// Where the keys are: locked, told of, and not in a child of fork().
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "open_client.h"
#include "support/catch.h"
#include <oskbc/oskbc.h>

namespace oskbc_test {
namespace {

// 32 times the letter k: a throw-away test key. The plaintext is "layer options".
const char* const kKeyset = R"({"key_id1":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="})";
const std::string kPacket =
    R"({"kid":"key_id1","wrapped_data":"tuWBEUDYznSPPY4W6L97UulaWcRx82CCNuU2EVc=",)"
    R"("iv":"aWlpaWlpaWlpaWlp","wrap_type":"A256GCM"})";
const std::string kRequest =
    R"({"op":"keyunwrap","keyunwrapparams":{"dc":null,"annotation":"{\"kid\":\"key_id1\",)"
    R"(\"wrapped_data\":\"tuWBEUDYznSPPY4W6L97UulaWcRx82CCNuU2EVc=\",)"
    R"(\"iv\":\"aWlpaWlpaWlpaWlp\",\"wrap_type\":\"A256GCM\"}"}})";

// What `work` returns in a child that starts no other program.
template <typename Work>
int in_child(Work work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

oskbc_status unwrap(const oskbc_client* client) {
  std::uint8_t out[64];
  std::size_t length = sizeof out;
  return oskbc_unwrap_key(client, kPacket.data(), kPacket.size(), out, &length);
}

oskbc_status resource(const oskbc_client* client) {
  std::uint8_t out[64];
  std::size_t length = sizeof out;
  return oskbc_get_resource(client, "key_id1", out, &length);
}

oskbc_status answer(const oskbc_client* client) {
  std::uint8_t out[512];
  std::size_t length = sizeof out;
  return oskbc_keyprovider(client, kRequest.data(), kRequest.size(), out, &length);
}

// Root may lock whatever the limit is, unless it gives that up. False where mlock() still succeeds,
// as with the address sanitizer's, which locks nothing.
bool let_nothing_be_locked() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_MEMLOCK, &none);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  data[0].effective &= ~(1U << CAP_IPC_LOCK);
  syscall(SYS_capset, &header, data);
  return mlock(&header, sizeof header) != 0;
}

}  // namespace

TEST_CASE("a child of fork() has no keys, and is told so") {
  OpenClient client(kKeyset);
  REQUIRE(client.status() == OSKBC_OK);
  if ((oskbc_client_memory(client.get()) & OSKBC_MEMORY_UNFORKED) == 0) {
    SUCCEED("this kernel lets no memory be left out");
    return;
  }
  for (const auto call : {unwrap, resource, answer}) {
    CHECK(in_child([&] { return call(client.get()); }) == OSKBC_E_NO_SECRET);
    CHECK(call(client.get()) == OSKBC_OK);
  }
  CHECK(in_child([&] {
          static_cast<void>(unwrap(client.get()));
          return std::strstr(oskbc_last_error(), "child") == nullptr ? 1 : 0;
        }) == 0);
}

TEST_CASE("a child of a child has none either, and closes what it was given") {
  OpenClient client(kKeyset);
  const bool unforked = (oskbc_client_memory(client.get()) & OSKBC_MEMORY_UNFORKED) != 0;
  const int expected = unforked ? OSKBC_E_NO_SECRET : OSKBC_OK;
  CHECK(in_child([&] { return in_child([&] { return unwrap(client.get()); }); }) == expected);
  CHECK(in_child([&] {
          auto* given = const_cast<oskbc_client*>(client.get());
          oskbc_client_close(&given);
          return given == nullptr ? 0 : 1;
        }) == 0);
  CHECK(unwrap(client.get()) == OSKBC_OK);
}

TEST_CASE("a child opens a keyset of its own") {
  CHECK(in_child([] {
          const OpenClient client(kKeyset);
          return client.status() == OSKBC_OK ? unwrap(client.get()) : client.status();
        }) == OSKBC_OK);
}

TEST_CASE("the memory of no client, and of no keys") {
  CHECK(oskbc_client_memory(nullptr) == 0);
  const OpenClient empty("{}");
  CHECK(oskbc_client_memory(empty.get()) ==
        (OSKBC_MEMORY_LOCKED | OSKBC_MEMORY_UNDUMPED | OSKBC_MEMORY_UNFORKED));
}

TEST_CASE("keys that can't be locked are held and told of, or refused and left where they are") {
  const KeysetTree tree(kKeyset);
  const TreeOptions options(tree);
  if (in_child([] { return let_nothing_be_locked() ? 0 : 1; }) != 0) {
    SUCCEED("nothing keeps memory from being locked here");
    return;
  }
  CHECK(in_child([&] {
          let_nothing_be_locked();
          oskbc_client* client = nullptr;
          if (oskbc_options_set_require_locked(options.get(), 1) != OSKBC_OK) return 101;
          if (oskbc_client_open(kParams, options.get(), &client) != OSKBC_E_IO) return 102;
          if (std::strstr(oskbc_last_error(), "RLIMIT_MEMLOCK") == nullptr) return 103;
          if (client != nullptr || !tree.has_keyset()) return 104;
          if (oskbc_options_set_require_locked(options.get(), 0) != OSKBC_OK) return 105;
          if (oskbc_client_open(kParams, options.get(), &client) != OSKBC_OK) return 106;
          if ((oskbc_client_memory(client) & OSKBC_MEMORY_LOCKED) != 0) return 107;
          return unwrap(client);
        }) == OSKBC_OK);
}

TEST_CASE("memory that has to be locked is, or there is no client") {
  const KeysetTree tree(kKeyset);
  const TreeOptions options(tree);
  REQUIRE(oskbc_options_set_require_locked(options.get(), 1) == OSKBC_OK);
  oskbc_client* client = nullptr;
  const oskbc_status status = oskbc_client_open(kParams, options.get(), &client);
  CHECK((status == OSKBC_OK || status == OSKBC_E_IO));
  CHECK((oskbc_client_memory(client) & OSKBC_MEMORY_LOCKED) ==
        (status == OSKBC_OK ? OSKBC_MEMORY_LOCKED : 0));
  oskbc_client_close(&client);
}

}  // namespace oskbc_test
