// SPDX-License-Identifier: Apache-2.0
// The C++ wrapper: owners release, outputs wipe, failures throw.
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#include "open_client.h"
#include "support/catch.h"
#include <oskbc/oskbc.hpp>

namespace oskbc_test {
namespace {

// 32 times the letter k: a throw-away test key. The plaintext is "layer options".
const char* const kKeyset =
    R"({"key_id1":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=","default/policy/1":"cG9saWN5","empty":""})";
const std::string kPacket =
    R"({"kid":"key_id1","wrapped_data":"tuWBEUDYznSPPY4W6L97UulaWcRx82CCNuU2EVc=",)"
    R"("iv":"aWlpaWlpaWlpaWlp","wrap_type":"A256GCM"})";
const std::string kPacketCtr = R"({"kid":"key_id1","wrapped_data":"dtBbhHEQxFMkNjagfg==",)"
                               R"("iv":"aWlpaWlpaWlpaWlpaWlpaQ==","wrap_type":"A256CTR"})";

static_assert(!std::is_copy_constructible_v<oskbc::Client> &&
              !std::is_copy_assignable_v<oskbc::Client>);
static_assert(!std::is_copy_constructible_v<oskbc::Options> &&
              !std::is_copy_assignable_v<oskbc::Options>);
static_assert(!std::is_copy_constructible_v<oskbc::Buffer> &&
              !std::is_copy_assignable_v<oskbc::Buffer>);
static_assert(std::is_nothrow_move_constructible_v<oskbc::Client>);
static_assert(std::is_nothrow_move_constructible_v<oskbc::Options>);
static_assert(std::is_nothrow_move_constructible_v<oskbc::Buffer>);
static_assert(std::is_nothrow_move_assignable_v<oskbc::Client>);
static_assert(std::is_nothrow_move_assignable_v<oskbc::Options>);
static_assert(std::is_nothrow_move_assignable_v<oskbc::Buffer>);
static_assert(std::is_base_of_v<std::exception, oskbc::Exception>);

std::string text(const oskbc::Buffer& buffer) { return {buffer.begin(), buffer.end()}; }

oskbc::Client open(const KeysetTree& tree) {
  oskbc::Options options;
  options.set_root(tree.root());
  return oskbc::Client(kParams, options);
}

template <typename Call>
void check_throws(oskbc_status status, Call call) {
  try {
    call();
    FAIL_CHECK("nothing was thrown");
  } catch (const oskbc::Exception& error) {
    CHECK(error.status() == status);
    CHECK(std::strlen(error.what()) > 0);
  }
}

TEST_CASE("a client reads, unwraps and releases") {
  const KeysetTree tree(kKeyset);
  const oskbc::Client client = open(tree);
  CHECK_FALSE(tree.has_keyset());
  CHECK(client.key_count() == 3);
  CHECK(client.key_ids() == std::vector<std::string>{"default/policy/1", "empty", "key_id1"});
  CHECK(client.key_id(2) == "key_id1");
  CHECK(client.memory() == oskbc_client_memory(client.get()));
  CHECK(text(client.unwrap(kPacket)) == "layer options");
  CHECK(text(client.resource("kbs:///default/policy/1")) == "policy");
  CHECK(client.resource("empty").empty());
}

TEST_CASE("a packet that was parsed already is unwrapped by its fields") {
  const KeysetTree tree(kKeyset);
  const oskbc::Client client = open(tree);
  oskbc::Fields fields{"key_id1", "A256GCM", "aWlpaWlpaWlpaWlp",
                       "tuWBEUDYznSPPY4W6L97UulaWcRx82CCNuU2EVc="};
  CHECK(text(client.unwrap_fields(fields)) == "layer options");
  fields.kid = "absent";
  check_throws(OSKBC_E_UNKNOWN_KEY, [&] { (void)client.unwrap_fields(fields); });
  check_throws(OSKBC_E_UNSUPPORTED, [&] { (void)client.unwrap_fields(oskbc::Fields{}); });
}

TEST_CASE("a resource that is larger than most is given whole") {
  const std::string value(4000, 'A');
  const KeysetTree tree("{\"large\":\"" + value + "\"}");
  CHECK(open(tree).resource("large").size() == value.size() / 4 * 3);
}

TEST_CASE("a client answers a key provider request") {
  const KeysetTree tree(R"({"k":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="})");
  const oskbc::Client client = open(tree);
  // Two bytes under A256CTR: the answer is shorter than the length that was asked for.
  const std::string request =
      R"({"op":"keyunwrap","keyunwrapparams":{"dc":null,"annotation":"{\"kid\":\"k\",\"wrapped_data\":)"
      R"(\"dtA=\",\"iv\":\"aWlpaWlpaWlpaWlpaWlpaQ==\",\"wrap_type\":\"A256CTR\"}"}})";
  CHECK(text(client.keyprovider(request)) == R"({"keyunwrapresults":{"optsdata":[108,97]}})");
}

TEST_CASE("a client can be moved") {
  const KeysetTree tree(kKeyset);
  const KeysetTree other_tree(R"({"k":"QUJD"})");
  oskbc::Client first = open(tree);
  oskbc::Client second = std::move(first);
  CHECK(second.key_count() == 3);
  CHECK(first.key_count() == 0);
  oskbc::Client third = open(other_tree);
  third = std::move(second);
  CHECK(third.key_count() == 3);
  CHECK(text(third.unwrap(kPacket)) == "layer options");
}

TEST_CASE("failures throw with their status") {
  const KeysetTree tree(kKeyset);
  const oskbc::Client client = open(tree);
  check_throws(OSKBC_E_NO_SECRET, [&] { (void)open(tree); });
  check_throws(OSKBC_E_PARAMS, [] { oskbc::Client("wrong"); });
  check_throws(OSKBC_E_PACKET, [&] { (void)client.unwrap("{}"); });
  check_throws(OSKBC_E_PACKET, [&] { (void)client.unwrap({}); });
  check_throws(OSKBC_E_REQUEST, [&] { (void)client.keyprovider({}); });
  check_throws(OSKBC_E_REQUEST, [&] { (void)client.resource("https://a/b/c"); });
  check_throws(OSKBC_E_UNKNOWN_KEY, [&] { (void)client.resource("absent"); });
  check_throws(OSKBC_E_ARGUMENT, [&] { (void)client.key_id(3); });
  std::string changed = kPacket;
  changed.replace(changed.find("tuWB"), 4, "AAAA");
  check_throws(OSKBC_E_DECRYPT, [&] { (void)client.unwrap(changed); });
}

TEST_CASE("check throws for anything but success") {
  CHECK_NOTHROW(oskbc::check(OSKBC_OK));
  check_throws(OSKBC_E_IO, [] { oskbc::check(OSKBC_E_IO); });
  check_throws(12345, [] { oskbc::check(12345); });
}

TEST_CASE("options chain") {
  const KeysetTree tree(kKeyset);
  oskbc::Options options;
  options.set_root(tree.root())
      .set_keep_secret()
      .set_require_authenticated()
      .set_require_locked(false)
      .set_keyset_file("/etc/keyset.jwe")
      .set_manage_kernel(false);
  options.set_secret_guid(FAKE_TREE_KEYSET_GUID);
  const oskbc::Client client(kParams, options);
  CHECK(tree.has_keyset());
  check_throws(OSKBC_E_UNSUPPORTED, [&] { (void)client.unwrap(kPacketCtr); });
  check_throws(OSKBC_E_ARGUMENT, [&] { options.set_secret_guid("no GUID"); });
  check_throws(OSKBC_E_ARGUMENT, [&] { options.set_root("/no/such/directory"); });
  oskbc::Options moved = std::move(options);
  CHECK(options.get() == nullptr);
  moved.set_keep_secret(false).set_require_authenticated(false);
  const oskbc::Client again(kParams, moved);
  CHECK_FALSE(tree.has_keyset());
  CHECK(text(again.unwrap(kPacketCtr)) == "layer options");
}

TEST_CASE("a buffer holds, moves and forgets bytes") {
  oskbc::Buffer buffer(4);
  CHECK(buffer.size() == 4);
  CHECK(text(buffer) == std::string(4, '\0'));
  std::memcpy(buffer.data(), "abcd", 4);
  const std::uint8_t* start = buffer.data();
  oskbc::Buffer moved = std::move(buffer);
  CHECK(moved.data() == start);
  CHECK(text(moved) == "abcd");
  CHECK(buffer.empty());
  CHECK(buffer.data() == nullptr);
  moved.truncate(2);
  CHECK(text(moved) == "ab");
  CHECK(moved.data()[2] == 0);
  CHECK(moved.data()[3] == 0);
  moved.truncate(9);
  CHECK(moved.size() == 2);
  oskbc::Buffer other(1);
  other = std::move(moved);
  CHECK(text(other) == "ab");
  CHECK(oskbc::Buffer().empty());
  CHECK(oskbc::Buffer(0).data() == nullptr);
}

}  // namespace
}  // namespace oskbc_test
