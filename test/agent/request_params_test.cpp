// SPDX-License-Identifier: Apache-2.0
#include "agent/request_params.h"

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::request_params_test {

using agent::params_in;
using core::Status;

namespace {

// "offline_sev_kbc::null" and "Enabled".
constexpr const char* kOurs = R"("b2ZmbGluZV9zZXZfa2JjOjpudWxs")";
constexpr const char* kEnabled = R"("RW5hYmxlZA==")";

std::string request(const std::string& parameters) {
  return R"({"op":"keyunwrap","keywrapparams":{"ec":null},"keyunwrapparams":{"dc":{"Parameters":)" +
         parameters + R"(},"annotation":"e30="},"more":[{}]})";
}

Status status_for(const std::string& text) {
  return test::status_of([&] { static_cast<void>(params_in(text)); });
}

}  // namespace

TEST_CASE("parameters are found under any provider's name") {
  const std::string ours = kOurs;
  const std::string enabled = kEnabled;
  CHECK(params_in(request(R"({"attestation-agent":[)" + ours + "]}")) == "offline_sev_kbc::null");
  CHECK(params_in(request(R"({"a":null,"b":[],"c":[)" + enabled + "," + ours + "]}")) ==
        "offline_sev_kbc::null");
}

TEST_CASE("numbers and plain text are read as well") {
  CHECK(params_in(request(R"({"a":[[97,58,58,98]]})")) == "a::b");
  CHECK(params_in(request(R"({"a":["a::\u0062"]})")) == "a::b");
}

TEST_CASE("the first parameters count") {
  CHECK(params_in(request(R"({"a":["a::1"],"b":["b::2"]})")) == "a::1");
}

TEST_CASE("a request can come without parameters") {
  for (const std::string parameters : {"null", "{}", R"({"a":null})", R"({"a":[]})"}) {
    CHECK(params_in(request(parameters)) == std::nullopt);
  }
  CHECK(params_in(request(std::string(R"({"a":[)") + kEnabled + "]}")) == std::nullopt);
  CHECK(params_in("{}") == std::nullopt);
  CHECK(params_in(R"({"keyunwrapparams":null})") == std::nullopt);
  CHECK(params_in(R"({"keyunwrapparams":{"dc":null}})") == std::nullopt);
}

TEST_CASE("what is not as ocicrypt writes it is refused") {
  for (const std::string parameters : {"1", "[]", R"("a")", R"({"a":{}})", R"({"a":[null]})",
                                       R"({"a":[1]})", R"({"a":[[256]]})", R"({"a":["a::b]})"}) {
    INFO(parameters);
    CHECK(status_for(request(parameters)) == Status::request);
  }
  for (const std::string text : {"", "[]", "null", "{", R"({"keyunwrapparams":1})", "{} more"}) {
    INFO(text);
    CHECK(status_for(text) == Status::request);
  }
  CHECK(status_for(std::string(3 << 20, ' ')) == Status::request);
}

TEST_CASE("every cut of a request is refused") {
  const std::string text = request(std::string(R"({"a":[)") + kOurs + "]}");
  for (std::size_t length = 0; length < text.size(); ++length) {
    CHECK(status_for(text.substr(0, length)) == Status::request);
  }
}

}  // namespace oskbc::request_params_test
