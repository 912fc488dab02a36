// SPDX-License-Identifier: Apache-2.0
// Every pointer of the interface NULL in turn, and objects of another type: ARGUMENT, never a
// crash.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "open_client.h"
#include "support/catch.h"
#include <oskbc/oskbc.h>

namespace oskbc_test {
namespace {

// 32 times the letter k: a throw-away test key.
const char* const kKeyset = R"({"k":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="})";
// One byte under A256CTR; what it decrypts to does not matter here.
const std::string kPacket =
    R"({"kid":"k","wrapped_data":"AA==","iv":"aWlpaWlpaWlpaWlpaWlpaQ==","wrap_type":"A256CTR"})";
const std::string kRequest =
    R"({"op":"keyunwrap","keyunwrapparams":{"dc":null,"annotation":"eyJraWQiOiJrIiwid3JhcHBlZF9kYXRhIjoiQUE9P)"
    R"(SIsIml2IjoiYVdscGFXbHBhV2xwYVdscGFXbHBhUT09Iiwid3JhcF90eXBlIjoiQTI1NkNUUiJ9"}})";

// Room for any answer here, and a length that must stay as it is.
struct Output {
  std::uint8_t bytes[256] = {};
  std::size_t len = sizeof bytes;
};

void check_argument(oskbc_status status) {
  CHECK(status == OSKBC_E_ARGUMENT);
  CHECK(std::string(oskbc_last_error()) != "");
}

class Fixture {
 public:
  Fixture() {
    REQUIRE(client_.status() == OSKBC_OK);
    REQUIRE(oskbc_options_new(&options_) == OSKBC_OK);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  ~Fixture() { oskbc_options_free(&options_); }

 protected:
  [[nodiscard]] const oskbc_client* client() const { return client_.get(); }
  [[nodiscard]] oskbc_options* options() const { return options_; }
  // Objects of the other type, as a caller's wrong cast would make them.
  [[nodiscard]] const oskbc_client* wrong_client() const {
    return reinterpret_cast<const oskbc_client*>(options_);
  }
  [[nodiscard]] oskbc_options* wrong_options() const {
    return reinterpret_cast<oskbc_options*>(const_cast<oskbc_client*>(client_.get()));
  }

 private:
  OpenClient client_{kKeyset};
  oskbc_options* options_ = nullptr;
};

TEST_CASE_METHOD(Fixture, "the arguments that the matrix starts from are good") {
  Output output;
  CHECK(oskbc_unwrap_key(client(), kPacket.data(), kPacket.size(), output.bytes, &output.len) ==
        OSKBC_OK);
  output.len = sizeof output.bytes;
  CHECK(oskbc_get_resource(client(), "k", output.bytes, &output.len) == OSKBC_OK);
  output.len = sizeof output.bytes;
  CHECK(oskbc_keyprovider(client(), kRequest.data(), kRequest.size(), output.bytes, &output.len) ==
        OSKBC_OK);
  output.len = sizeof output.bytes;
  auto* text = reinterpret_cast<char*>(output.bytes);
  CHECK(oskbc_client_key_id(client(), 0, text, &output.len) == OSKBC_OK);
}

TEST_CASE_METHOD(Fixture, "unwrap_key refuses NULL") {
  Output output;
  check_argument(
      oskbc_unwrap_key(nullptr, kPacket.data(), kPacket.size(), output.bytes, &output.len));
  check_argument(oskbc_unwrap_key(client(), nullptr, kPacket.size(), output.bytes, &output.len));
  check_argument(oskbc_unwrap_key(client(), nullptr, 0, output.bytes, &output.len));
  check_argument(oskbc_unwrap_key(client(), kPacket.data(), kPacket.size(), output.bytes, nullptr));
  check_argument(oskbc_unwrap_key(client(), kPacket.data(), kPacket.size(), nullptr, nullptr));
  CHECK(output.len == sizeof output.bytes);
}

// The packet's four texts, one of which may be NULL.
oskbc_status unwrap_fields(const oskbc_client* client, const std::vector<const char*>& texts,
                           std::uint8_t* out, std::size_t* len) {
  const auto length = [&](std::size_t i) {
    return texts[i] == nullptr ? 0 : std::strlen(texts[i]);
  };
  return oskbc_unwrap_fields(client, texts[0], length(0), texts[1], length(1), texts[2], length(2),
                             texts[3], length(3), out, len);
}

TEST_CASE_METHOD(Fixture, "unwrap_fields refuses NULL") {
  const std::vector<const char*> texts = {"k", "A256CTR", "aWlpaWlpaWlpaWlpaWlpaQ==", "AA=="};
  Output output;
  check_argument(unwrap_fields(nullptr, texts, output.bytes, &output.len));
  check_argument(unwrap_fields(wrong_client(), texts, output.bytes, &output.len));
  check_argument(unwrap_fields(client(), texts, output.bytes, nullptr));
  check_argument(unwrap_fields(client(), texts, nullptr, nullptr));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::vector<const char*> without = texts;
    without[i] = nullptr;
    check_argument(unwrap_fields(client(), without, output.bytes, &output.len));
  }
  CHECK(output.len == sizeof output.bytes);
  CHECK(unwrap_fields(client(), texts, output.bytes, &output.len) == OSKBC_OK);
  CHECK(output.len == 1);
}

TEST_CASE_METHOD(Fixture, "get_resource refuses NULL") {
  Output output;
  check_argument(oskbc_get_resource(nullptr, "k", output.bytes, &output.len));
  check_argument(oskbc_get_resource(client(), nullptr, output.bytes, &output.len));
  check_argument(oskbc_get_resource(client(), "k", output.bytes, nullptr));
  check_argument(oskbc_get_resource(client(), "k", nullptr, nullptr));
  CHECK(output.len == sizeof output.bytes);
}

TEST_CASE_METHOD(Fixture, "keyprovider refuses NULL") {
  Output output;
  check_argument(
      oskbc_keyprovider(nullptr, kRequest.data(), kRequest.size(), output.bytes, &output.len));
  check_argument(oskbc_keyprovider(client(), nullptr, kRequest.size(), output.bytes, &output.len));
  check_argument(oskbc_keyprovider(client(), nullptr, 0, output.bytes, &output.len));
  check_argument(
      oskbc_keyprovider(client(), kRequest.data(), kRequest.size(), output.bytes, nullptr));
  check_argument(oskbc_keyprovider(client(), kRequest.data(), kRequest.size(), nullptr, nullptr));
  CHECK(output.len == sizeof output.bytes);
}

TEST_CASE_METHOD(Fixture, "key_id and key_count refuse NULL") {
  Output output;
  auto* text = reinterpret_cast<char*>(output.bytes);
  check_argument(oskbc_client_key_id(nullptr, 0, text, &output.len));
  check_argument(oskbc_client_key_id(client(), 0, text, nullptr));
  check_argument(oskbc_client_key_id(client(), 0, nullptr, nullptr));
  CHECK(output.len == sizeof output.bytes);
  CHECK(oskbc_client_key_count(nullptr) == 0);
}

// NULL is the caller's mistake, whatever else is wrong.
TEST_CASE_METHOD(Fixture, "NULL comes before anything that the input has wrong") {
  Output output;
  check_argument(oskbc_unwrap_key(client(), "x", 1, output.bytes, nullptr));
  check_argument(oskbc_keyprovider(client(), "x", 1, output.bytes, nullptr));
  check_argument(oskbc_get_resource(client(), "absent", output.bytes, nullptr));
  check_argument(oskbc_client_open("no parameters", options(), nullptr));
}

TEST_CASE_METHOD(Fixture, "open refuses NULL") {
  const KeysetTree tree(kKeyset);
  const TreeOptions good(tree);
  oskbc_client* opened = const_cast<oskbc_client*>(wrong_client());
  check_argument(oskbc_client_open(nullptr, good.get(), &opened));
  CHECK(opened == nullptr);
  check_argument(oskbc_client_open(kParams, good.get(), nullptr));
  check_argument(oskbc_client_open(nullptr, nullptr, nullptr));
  CHECK(tree.has_keyset());
}

TEST_CASE_METHOD(Fixture, "options refuse NULL") {
  check_argument(oskbc_options_new(nullptr));
  check_argument(oskbc_options_set_root(nullptr, "/"));
  check_argument(oskbc_options_set_root(options(), nullptr));
  check_argument(oskbc_options_set_keyset_file(options(), nullptr));
  check_argument(oskbc_options_set_root(nullptr, nullptr));
  check_argument(oskbc_options_set_secret_guid(nullptr, FAKE_TREE_KEYSET_GUID));
  check_argument(oskbc_options_set_secret_guid(options(), nullptr));
  check_argument(oskbc_options_set_secret_guid(nullptr, nullptr));
  check_argument(oskbc_options_set_keep_secret(nullptr, 0));
  check_argument(oskbc_options_set_manage_kernel(nullptr, 0));
  check_argument(oskbc_options_set_require_authenticated(nullptr, 0));
  check_argument(oskbc_options_set_require_locked(nullptr, 0));
  check_argument(oskbc_options_set_keyset_file(nullptr, "keyset.jwe"));
}

TEST_CASE("releasing NULL does nothing") {
  oskbc_client* client = nullptr;
  oskbc_options* options = nullptr;
  oskbc_client_close(nullptr);
  oskbc_client_close(&client);
  oskbc_options_free(nullptr);
  oskbc_options_free(&options);
  oskbc_wipe(nullptr, 1);
  CHECK(client == nullptr);
  CHECK(options == nullptr);
}

TEST_CASE_METHOD(Fixture, "options in place of a client are refused") {
  Output output;
  check_argument(
      oskbc_unwrap_key(wrong_client(), kPacket.data(), kPacket.size(), output.bytes, &output.len));
  check_argument(oskbc_keyprovider(wrong_client(), kRequest.data(), kRequest.size(), output.bytes,
                                   &output.len));
  check_argument(oskbc_get_resource(wrong_client(), "k", output.bytes, &output.len));
  auto* text = reinterpret_cast<char*>(output.bytes);
  check_argument(oskbc_client_key_id(wrong_client(), 0, text, &output.len));
  CHECK(oskbc_client_key_count(wrong_client()) == 0);
  CHECK(oskbc_client_memory(wrong_client()) == 0);
  CHECK(output.len == sizeof output.bytes);
}

TEST_CASE_METHOD(Fixture, "a client in place of options is refused") {
  oskbc_client* opened = nullptr;
  check_argument(oskbc_client_open(kParams, wrong_options(), &opened));
  CHECK(opened == nullptr);
  check_argument(oskbc_options_set_root(wrong_options(), "/"));
  check_argument(oskbc_options_set_secret_guid(wrong_options(), FAKE_TREE_KEYSET_GUID));
  check_argument(oskbc_options_set_keep_secret(wrong_options(), 1));
  check_argument(oskbc_options_set_manage_kernel(wrong_options(), 1));
  check_argument(oskbc_options_set_require_authenticated(wrong_options(), 1));
  check_argument(oskbc_options_set_require_locked(wrong_options(), 1));
  check_argument(oskbc_options_set_keyset_file(wrong_options(), "keyset.jwe"));
  CHECK(oskbc_client_key_count(client()) == 1);
}

TEST_CASE_METHOD(Fixture, "releasing an object of another type leaves it alone") {
  oskbc_client* wrong = const_cast<oskbc_client*>(wrong_client());
  oskbc_client_close(&wrong);
  CHECK(oskbc_options_set_keep_secret(options(), 1) == OSKBC_OK);
  oskbc_options* other = wrong_options();
  oskbc_options_free(&other);
  CHECK(oskbc_client_key_count(client()) == 1);
}

}  // namespace
}  // namespace oskbc_test
