// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"

#include <algorithm>

#include "base/error.h"
#include "base/status.h"
#include "format/base64.h"
#include "format/keyprovider.h"
#include "support/catch.h"
#include "support/fake_system.h"
#include "support/temp_tree.h"

namespace oskbc::client_test {

using core::Client;
using core::Status;
using core::WrapType;
using test::FakeSystem;
using test::TempTree;

namespace {

// Throw-away keys: a byte repeated.
core::Bytes kek(std::uint8_t byte) { return core::Bytes(core::kKekSize, byte); }

std::string member(const std::string& id, const core::Bytes& value) {
  return "\"" + id + "\":\"" + core::base64::encode(value) + "\"";
}

constexpr std::string_view kOptions = R"({"symkey":"a layer's private options"})";

std::string packet(const std::string& kid, const core::Bytes& key,
                   WrapType type = WrapType::a256gcm) {
  core::Packet packet{kid, core::Bytes(kOptions.size() + core::tag_size(type)),
                      core::Bytes(core::iv_size(type)), type};
  core::KeyWrapCipher().wrap(type, key, core::as_bytes(kOptions), packet.iv, packet.wrapped);
  return core::write_packet(packet);
}

class Guest {
 public:
  explicit Guest(const std::string& keyset) {
    tree.write(test::kKeysetFile, keyset);
    options.source.root = tree.path();
    options.source.manage_kernel = false;
  }
  Client open(std::string_view params = "offline_sev_kbc::null") {
    return {params, options, system};
  }

  TempTree tree;
  FakeSystem system;
  core::ClientOptions options;
};

template <typename Call>
Status status_of(Call call) {
  try {
    static_cast<void>(call());
  } catch (const core::Error& error) {
    return error.status();
  }
  return Status::ok;
}

std::string unwrapped(const Client& client, const std::string& packet) {
  const auto unwrapping = core::value_of(client.prepare_unwrap(packet));
  std::string out(unwrapping.size(), '\0');
  client.unwrap(unwrapping, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  return out;
}

core::ByteView resource(const Client& client, std::string_view uri) {
  return core::value_of(client.expose_resource(uri));
}

template <typename T>
Status refused(const core::Result<T>& result) {
  const auto* error = std::get_if<core::Error>(&result);
  return error == nullptr ? Status::ok : error->status();
}

}  // namespace

TEST_CASE("a key or secret that is not there is an answer, and nothing is thrown") {
  Guest guest("{" + member("key_id1", kek(1)) + "}");
  Client client("offline_sev_kbc::null", guest.options);
  CHECK_FALSE(client.take_keys(guest.system, guest.options.source));
  const core::Failure gone = client.take_keys(guest.system, guest.options.source);
  REQUIRE(gone);
  CHECK(gone->status() == Status::no_secret);
  CHECK(client.keyset().size() == 1);
  const std::string unknown = packet("key_id2", kek(1));
  CHECK(refused(client.prepare_unwrap(unknown)) == Status::unknown_key);
  CHECK(refused(client.expose_resource("key_id2")) == Status::unknown_key);
  const std::string request = R"({"op":"keyunwrap","keyunwrapparams":{"annotation":")" +
                              core::base64::encode(core::as_bytes(unknown)) + "\"}}";
  CHECK(refused(client.prepare_answer(request)) == Status::unknown_key);
}

TEST_CASE("wrong parameters leave the secret for another try") {
  Guest guest("{" + member("key_id1", kek(1)) + "}");
  CHECK(status_of([&] { return guest.open("cc_kbc::null"); }) == Status::params);
  CHECK(guest.system.calls.empty());
  CHECK(guest.tree.has(test::kKeysetFile));
}

TEST_CASE("a malformed keyset is removed too") {
  Guest guest("{");
  CHECK(status_of([&] { return guest.open(); }) == Status::keyset);
  CHECK_FALSE(guest.tree.has(test::kKeysetFile));
}

TEST_CASE("both wrap types open with the key that the kid names") {
  Guest guest("{" + member("key_id1", kek(1)) + "," + member("key_id2", kek(2)) + "}");
  const Client client = guest.open();
  CHECK(unwrapped(client, packet("key_id1", kek(1))) == kOptions);
  CHECK(unwrapped(client, packet("key_id2", kek(2), WrapType::a256ctr)) == kOptions);
  CHECK(status_of([&] { return unwrapped(client, packet("key_id1", kek(2))); }) == Status::decrypt);
  CHECK(status_of([&] { return unwrapped(client, packet("key_id3", kek(1))); }) ==
        Status::unknown_key);
}

TEST_CASE("an id that looks like a URI is found as it stands before its path is") {
  Guest guest("{" + member("kbs:///default/key/1", kek(1)) + "," + member("default/key/1", kek(2)) +
              "}");
  const Client client = guest.open();
  CHECK(unwrapped(client, packet("kbs:///default/key/1", kek(1))) == kOptions);
  CHECK(unwrapped(client, packet("kbs://host:8080/default/key/1", kek(2))) == kOptions);
  CHECK(unwrapped(client, packet("kbs:///kbs:///default/key/1", kek(2))) == kOptions);
  CHECK(unwrapped(client, packet("/default/key/1", kek(2))) == kOptions);
  CHECK(unwrapped(client, packet("host/default/key/1", kek(2))) == kOptions);
  CHECK(status_of([&] { return unwrapped(client, packet("kbs:///key/1", kek(2))); }) ==
        Status::unknown_key);
}

TEST_CASE("a key of another length never opens anything") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{31}, std::size_t{33}}) {
    Guest guest("{" + member("key_id1", core::Bytes(size, 1)) + "}");
    const Client client = guest.open();
    CHECK(status_of([&] { return unwrapped(client, packet("key_id1", kek(1))); }) ==
          Status::decrypt);
  }
}

TEST_CASE("CTR is refused where integrity is required, before the key is looked for") {
  Guest guest("{" + member("key_id1", kek(1)) + "}");
  guest.options.require_authenticated = true;
  const Client client = guest.open();
  CHECK(status_of([&] { return unwrapped(client, packet("none", kek(1), WrapType::a256ctr)); }) ==
        Status::unsupported);
  CHECK(unwrapped(client, packet("key_id1", kek(1))) == kOptions);
}

TEST_CASE("resources are found by id or URI, and other URIs are refused as such") {
  Guest guest("{" + member("default/policy/image", {1, 2, 3}) + "," + member("plain", {}) + "}");
  const Client client = guest.open();
  CHECK(resource(client, "default/policy/image").size() == 3);
  CHECK(resource(client, "kbs://host/default/policy/image").size() == 3);
  CHECK(resource(client, "plain").empty());
  CHECK(status_of([&] { return resource(client, "absent"); }) == Status::unknown_key);
  CHECK(status_of([&] { return resource(client, "kbs:///default/policy/other"); }) ==
        Status::unknown_key);
  CHECK(status_of([&] { return resource(client, "kbs:///policy/image"); }) == Status::request);
  CHECK(status_of([&] { return resource(client, "kbs+plugin:///default/policy/image"); }) ==
        Status::request);
}

TEST_CASE("a key provider request is answered with the options as numbers") {
  Guest guest("{" + member("key_id1", kek(1)) + "}");
  const Client client = guest.open();
  const std::string request = R"({"op":"keyunwrap","keyunwrapparams":{"annotation":")" +
                              core::base64::encode(core::as_bytes(packet("key_id1", kek(1)))) +
                              "\"}}";
  const auto unwrapping = core::value_of(client.prepare_answer(request));
  core::Bytes answer(Client::longest_answer(unwrapping));
  answer.resize(client.answer(unwrapping, answer));
  core::Bytes expected(answer.size() + kOptions.size());
  expected.resize(core::keyprovider::write_answer(core::keyprovider::Operation::keyunwrap,
                                                  core::as_bytes(kOptions), expected));
  CHECK(answer == expected);
}

TEST_CASE("of several recipients' packets the first that opens is the answer") {
  Guest guest("{" + member("key_id1", kek(1)) + "}");
  const Client client = guest.open();
  const auto answer_to = [&](const std::vector<std::string>& packets) {
    std::string annotation;
    for (const std::string& text : packets) {
      annotation += (annotation.empty() ? "" : ",") + core::base64::encode(core::as_bytes(text));
    }
    const auto answering = core::value_of(client.prepare_answer(
        R"({"op":"keyunwrap","keyunwrapparams":{"annotation":")" + annotation + "\"}}"));
    core::Bytes answer(Client::longest_answer(answering));
    answer.resize(client.answer(answering, answer));
    return answer;
  };
  const std::string good = packet("key_id1", kek(1));
  // The same key id under another KEK, as another owner may have it.
  const std::string same_id = packet("key_id1", kek(2));
  const std::string unknown = packet("key_id2", kek(1));
  const core::Bytes expected = answer_to({good});
  CHECK(answer_to({same_id, good}) == expected);
  CHECK(answer_to({unknown, "{}", R"({"provider":"aliyun"})", same_id, good, same_id}) == expected);
  CHECK(status_of([&] { return answer_to({unknown, same_id}); }) == Status::decrypt);
  CHECK(status_of([&] { return answer_to({same_id, "{}"}); }) == Status::decrypt);
  CHECK(status_of([&] {
          return answer_to({unknown, R"({"provider":"aliyun"})"});
        }) == Status::unsupported);
  CHECK(status_of([&] { return answer_to({unknown, unknown}); }) == Status::unknown_key);
}

TEST_CASE("a keywrap request is not for a guest") {
  Guest guest("{}");
  const Client client = guest.open();
  const std::string request = R"({"op":"keywrap","keywrapparams":{"optsdata":"AAAA"}})";
  CHECK(status_of([&] { return core::value_of(client.prepare_answer(request)); }) ==
        Status::request);
}

TEST_CASE("the defaults are the running system, the keyset, removal and kernel handling") {
  const core::ClientOptions options;
  CHECK(options.source.root == "/");
  CHECK(options.source.guid == core::keyset_guid());
  CHECK_FALSE(options.source.keep_secret);
  CHECK(options.source.manage_kernel);
  CHECK_FALSE(options.require_authenticated);
}

TEST_CASE("another root turns kernel handling off until it is asked for") {
  const TempTree tree;
  core::ClientOptions options;
  options.set_root(tree.path());
  CHECK_FALSE(options.source.manage_kernel);
}

TEST_CASE("a GUID is taken in either case and refused in any other form") {
  core::ClientOptions options;
  options.set_secret_guid("1EE27366-0c87-43a6-af48-28543eaf7cb0");
  CHECK(options.source.guid.text() == "1ee27366-0c87-43a6-af48-28543eaf7cb0");
  CHECK_THROWS_AS(options.set_secret_guid("../../../../etc/passwd"), core::Error);
  CHECK(options.source.guid.text() == "1ee27366-0c87-43a6-af48-28543eaf7cb0");
}

}  // namespace oskbc::client_test
