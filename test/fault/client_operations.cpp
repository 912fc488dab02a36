// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "fault/keyset.h"
#include "fault/operation.h"
#include "format/base64.h"
#include "support/open_client.h"
#include "support/temp_tree.h"

namespace oskbc::fault {
namespace {

using oskbc_test::OpenClient;

constexpr std::uint8_t kUntouched = 0x5a;
constexpr std::size_t kRoom = 256;

// A call that writes into a buffer, and what it is to write.
struct Writing {
  std::string name;
  std::string expected;
  std::function<oskbc_status(const oskbc_client*, std::uint8_t*, size_t*)> call;
  oskbc_status status = OSKBC_OK;
  std::size_t room = kRoom;
};

// The same client and buffer for call after call.
class Caller {
 public:
  explicit Caller(Writing writing) : writing_(std::move(writing)), client_(kKeyset) {}

  void prepare() {
    out_.fill(kUntouched);
    length_ = writing_.room;
  }

  oskbc_status call() { return writing_.call(client_.get(), out_.data(), &length_); }

  std::string judge(oskbc_status status) {
    if (status == OSKBC_OK) return judge_output();
    if (status != OSKBC_E_BUFFER && length_ != writing_.room) return "the length was changed";
    // Wiped, or not written at all.
    const auto* end = std::find(out_.cbegin(), out_.cend(), kUntouched);
    const bool clean = std::all_of(out_.cbegin(), end, [](auto byte) { return byte == 0; }) &&
                       std::all_of(end, out_.cend(), [](auto byte) { return byte == kUntouched; });
    if (!clean) return "output is left behind";
    return works_now();
  }

 private:
  std::string judge_output() const {
    const std::string text(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(length_));
    return text == writing_.expected ? "" : "the output is wrong";
  }

  std::string works_now() {
    prepare();
    const oskbc_status status = call();
    if (status != writing_.status) return "it does not work afterwards";
    return status == OSKBC_OK ? judge_output() : "";
  }

  Writing writing_;
  OpenClient client_;
  std::array<std::uint8_t, kRoom> out_{};
  size_t length_ = 0;
};

Operation calling(const Writing& writing) {
  const auto state = std::make_shared<Caller>(writing);
  return {
      .name = writing.name,
      .expected = writing.status,
      .prepare = [state] { state->prepare(); },
      .call = [state] { return state->call(); },
      .judge = [state](oskbc_status status, std::string_view) { return state->judge(status); },
  };
}

Writing unwrapping(const char* name, std::string_view packet) {
  return {.name = name,
          .expected = std::string(kPlain),
          .call = [packet](const oskbc_client* client, std::uint8_t* out, size_t* length) {
            return oskbc_unwrap_key(client, packet.data(), packet.size(), out, length);
          }};
}

// As Go's ocicrypt writes it.
std::string request_for(std::string_view packet) {
  return R"({"op":"keyunwrap","keywrapparams":{},"keyunwrapparams":{"dc":{"Parameters":null},)"
         R"("annotation":")" +
         core::base64::encode(core::as_bytes(packet)) + R"("}})";
}

std::string answer_with(std::string_view plain) {
  std::string numbers;
  for (const char c : plain) numbers += (numbers.empty() ? "" : ",") + std::to_string(c);
  return R"({"keyunwrapresults":{"optsdata":[)" + numbers + "]}}";
}

Writing answering(const char* name, std::string_view packet) {
  return {.name = name,
          .expected = answer_with(kPlain),
          .call = [request = request_for(packet)](const oskbc_client* client, std::uint8_t* out,
                                                  size_t* length) {
            return oskbc_keyprovider(client, request.data(), request.size(), out, length);
          }};
}

Writing failing(Writing writing, oskbc_status status) {
  writing.status = status;
  return writing;
}

Writing short_of_room(Writing writing) {
  writing.room = 1;
  return failing(std::move(writing), OSKBC_E_BUFFER);
}

Writing resource(const char* name, const char* uri) {
  return {.name = name,
          .expected = "ABC",
          .call = [uri](const oskbc_client* client, std::uint8_t* out, size_t* length) {
            return oskbc_get_resource(client, uri, out, length);
          }};
}

Writing key_id() {
  // With its NUL.
  return {.name = "key_id",
          .expected = std::string("default/key/the-key-that-wraps-the-layers") + '\0',
          .call = [](const oskbc_client* client, std::uint8_t* out, size_t* length) {
            return oskbc_client_key_id(client, 0, reinterpret_cast<char*>(out), length);
          }};
}

// All of a set of options in one go.
struct Options {
  test::TempTree tree;
  std::string root = tree.path();
  oskbc_options* made = nullptr;

  oskbc_status make() {
    oskbc_status status = oskbc_options_new(&made);
    if (status == OSKBC_OK) status = oskbc_options_set_root(made, root.c_str());
    if (status == OSKBC_OK) {
      status = oskbc_options_set_secret_guid(made, "736870e5-84f0-4973-92ec-06879ce3da0b");
    }
    if (status == OSKBC_OK) status = oskbc_options_set_keep_secret(made, 0);
    if (status == OSKBC_OK) status = oskbc_options_set_manage_kernel(made, 0);
    if (status == OSKBC_OK) status = oskbc_options_set_require_authenticated(made, 1);
    return status;
  }

  std::string judge(oskbc_status status) {
    oskbc_options_free(&made);
    if (status == OSKBC_OK) return "";
    const bool works = make() == OSKBC_OK;
    oskbc_options_free(&made);
    return works ? "" : "it does not work afterwards";
  }
};

}  // namespace

Operation options_operation() {
  const auto options = std::make_shared<Options>();
  return {
      .name = "options",
      .prepare = [] {},
      .call = [options] { return options->make(); },
      .judge = [options](oskbc_status status, std::string_view) { return options->judge(status); },
  };
}

std::vector<Operation> client_operations() {
  const std::string_view garbage = R"({"kid":"an id that is in nobody's keyset, for sure")";
  std::vector<Operation> all;
  for (const Writing& writing : {
           unwrapping("unwrap A256GCM", kGcmPacket),
           unwrapping("unwrap A256CTR", kCtrPacket),
           failing(unwrapping("unwrap, wrong tag", kAlteredPacket), OSKBC_E_DECRYPT),
           failing(unwrapping("unwrap, malformed packet", garbage), OSKBC_E_PACKET),
           short_of_room(unwrapping("unwrap, short buffer", kGcmPacket)),
           answering("key provider", kGcmPacket),
           failing(answering("key provider, wrong tag", kAlteredPacket), OSKBC_E_DECRYPT),
           resource("resource", "kbs:///default/resource/the-first-of-the-resources"),
           failing(resource("resource, malformed URI", "kbs://a"), OSKBC_E_REQUEST),
           key_id(),
       }) {
    all.push_back(calling(writing));
  }
  return all;
}

}  // namespace oskbc::fault
