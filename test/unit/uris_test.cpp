// SPDX-License-Identifier: Apache-2.0
#include "format/uris.h"

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::uris_test {

using core::check_params;
using core::resource_path;
using core::Status;
using namespace std::string_literals;

namespace {

constexpr std::string_view kPath = "repository/type/tag";

std::string refusal(std::string_view params) {
  const auto failure = test::failure_of([params] { check_params(params); });
  if (failure.status != Status::params) FAIL_CHECK("not refused as parameters");
  return failure.text;
}

}  // namespace

TEST_CASE("every form that key providers have written has its path") {
  for (const char* kid :
       {"repository/type/tag", "kbs:///repository/type/tag", "kbs://host/repository/type/tag",
        "kbs://host:8080/repository/type/tag", "kbs://192.0.2.1:443/repository/type/tag",
        "kbs://[2001:db8::1]:443/repository/type/tag", "kbs:///kbs:///repository/type/tag",
        "kbs:////repository/type/tag", "kbs://///repository/type/tag",
        "kbs:////kbs:////repository/type/tag", "/repository/type/tag", "//repository/type/tag",
        "host/repository/type/tag", "host:8080/repository/type/tag"}) {
    INFO(kid);
    CHECK(resource_path(kid) == kPath);
  }
}

TEST_CASE("the path is a view into the id") {
  const std::string kid = "kbs://host/repository/type/tag";
  const auto path = resource_path(kid);
  REQUIRE(path);
  CHECK(path->data() == kid.data() + 11);
  CHECK(path->size() == 19);
}

TEST_CASE("a path has three segments exactly") {
  for (const char* kid : {"",
                          "a",
                          "key_id1",
                          "a/b",
                          "a/b/c/d/e",
                          "/a",
                          "/a/b",
                          "/a/b/c/d",
                          "kbs://",
                          "kbs:///",
                          "kbs:///a",
                          "kbs:///a/b",
                          "kbs:///a/b/c/d",
                          "kbs://a/b/c",
                          "kbs://host",
                          "kbs://host/a",
                          "kbs://host/a/b/c/d",
                          "kbs:///kbs:///a/b",
                          "kbs:///kbs:///a/b/c/d",
                          "/",
                          "//",
                          "///",
                          "kbs:",
                          "kbs:/"}) {
    INFO(kid);
    CHECK_FALSE(resource_path(kid));
  }
}

TEST_CASE("an empty segment and one of dots is none") {
  for (const char* kid : {"a//c",
                          "a/b/",
                          "a/b/c/",
                          "kbs:///a//b/c",
                          "kbs:///a//c",
                          "kbs:///a/b/",
                          "kbs:///a/b/c/",
                          "kbs://host//a/b/c",
                          "kbs://host/a//c",
                          "host//a/b/c",
                          "./b/c",
                          "a/./c",
                          "a/b/.",
                          "../b/c",
                          "a/../c",
                          "a/b/..",
                          "kbs:///../b/c",
                          "kbs:///a/../c",
                          "kbs:///a/b/..",
                          "kbs://host/../a/b",
                          "kbs://../a/b/c",
                          "../a/b/c",
                          "kbs://host/a/../b/c",
                          "/../a/b/c"}) {
    INFO(kid);
    CHECK_FALSE(resource_path(kid));
  }
}

TEST_CASE("dots that are not a whole segment are plain characters") {
  CHECK(resource_path("kbs:///a.b/..c/...") == "a.b/..c/...");
}

TEST_CASE("no other scheme, and no other spelling of ours, has a path") {
  for (const char* kid :
       {"kbs+plugin:///a/b/c", "kbs+plugin://host/a/b/c", "KBS:///a/b/c", "Kbs:///a/b/c",
        "kbs::///a/b/c", "https://host/a/b/c", "http:///a/b/c", "file:///a/b/c", " kbs:///a/b/c",
        "skbs:///a/b/c", "kbs//a/b/c", "kbs:/a/b/c", "host:/a/b/c", "kbs://host:/a/b/c",
        "file:/a/b/c", "kbs:\\\\\\a\\b\\c", "://host/a/b/c"}) {
    INFO(kid);
    CHECK_FALSE(resource_path(kid));
  }
}

TEST_CASE("the doubled scheme is one key provider's, without a host") {
  for (const char* kid :
       {"kbs://host/kbs:///a/b/c", "kbs:///kbs://host/a/b/c", "kbs:///kbs:///kbs:///a/b/c",
        "kbs:///kbs://a/b/c", "kbs:///https:///a/b/c", "/kbs:///a/b/c",
        "kbs:///kbs+plugin:///a/b/c", "kbs://kbs:///a/b/c"}) {
    INFO(kid);
    CHECK_FALSE(resource_path(kid));
  }
}

TEST_CASE("a URI has the path of its one form, with or without a host") {
  for (const char* uri :
       {"kbs:///repository/type/tag", "kbs://host/repository/type/tag",
        "kbs://host:8080/repository/type/tag", "kbs://[2001:db8::1]:443/repository/type/tag"}) {
    CHECK(core::uri_path(uri) == kPath);
  }
}

TEST_CASE("what key providers have written by mistake is an id, and no URI") {
  for (const char* text : {"",
                           "kbs://",
                           "kbs:///",
                           "a/b/c",
                           "/a/b/c",
                           "host/a/b/c",
                           "kbs:/a/b/c",
                           "kbs:////a/b/c",
                           "kbs:///kbs:///a/b/c",
                           "kbs://a/b/c",
                           "kbs://host",
                           "kbs:///a/b",
                           "kbs:///a/b/c/d",
                           "kbs://host/a/b",
                           "kbs://host/a/b/c/d",
                           "kbs://host//a/b/c",
                           "kbs:///a//c",
                           "kbs:///a/b/",
                           "kbs:///a/../c",
                           "kbs:///./b/c",
                           "kbs://host/a/b/..",
                           "kbs://host:/a/b/c",
                           "KBS:///a/b/c",
                           "kbs+plugin:///a/b/c",
                           "https://host/a/b/c",
                           " kbs:///a/b/c",
                           "kbs://kbs:///a/b/c"}) {
    INFO(text);
    CHECK_FALSE(core::uri_path(text));
  }
}

TEST_CASE("nothing is decoded, folded or cut off") {
  for (const char* path : {"a/b/c%2fd", "a/b/%2e%2e", "A/B/C", "a/b/c?version=1", "a/b/c#f",
                           "a/b/c ", " a/b/c", "a/b/c\\d", "a/b/c:1", "a/b/\xc3\xa9"}) {
    INFO(path);
    CHECK(resource_path("kbs:///"s + path) == path);
    CHECK(resource_path("kbs://host/"s + path) == path);
  }
  const std::string with_nul = "a/b/c\0d"s;
  CHECK(resource_path("kbs:///" + with_nul) == with_nul);
}

TEST_CASE("a text of slashes, however long, has no path") {
  CHECK_FALSE(resource_path(std::string(1000000, '/')));
  CHECK_FALSE(resource_path("kbs://" + std::string(1000000, '/')));
  CHECK(resource_path("kbs://" + std::string(1000000, '/') + "a/b/c") == "a/b/c");
}

TEST_CASE("a URI is told from an id by its ://") {
  for (const char* uri :
       {"kbs:///a/b/c", "kbs://host/a/b/c", "https://x", "kbs+plugin://x", "://"}) {
    CHECK(core::is_uri(uri));
  }
  for (const char* id :
       {"", "key_id1", "a/b/c", "/a/b/c", "host:8080/a/b/c", "kbs:/a/b/c", "a//b"}) {
    CHECK_FALSE(core::is_uri(id));
  }
}

TEST_CASE("our name and any URI are taken") {
  for (const std::string& params :
       {"offline_sev_kbc::null"s, "offline_sev_kbc::x"s, "offline_sev_kbc:::"s,
        "offline_sev_kbc::::"s, "offline_sev_kbc::http://a::b"s, "offline_sev_kbc:: "s,
        "offline_sev_kbc::\0"s, "offline_sev_kbc::" + std::string(100000, 'x')}) {
    CHECK(test::status_of([&] { check_params(params); }) == Status::ok);
  }
}

TEST_CASE("parameters without :: are refused") {
  for (const char* params : {"", "MARKER", "offline_sev_kbc", "offline_sev_kbc:", ":",
                             "offline_sev_kbc:null", "offline_sev_kbc: :null"}) {
    CHECK_THAT(refusal(params), Catch::ContainsSubstring("has no \"::\""));
  }
}

TEST_CASE("neither half of the parameters may be empty") {
  CHECK_THAT(refusal("::"), Catch::ContainsSubstring("names no KBC"));
  CHECK_THAT(refusal("::MARKER"), Catch::ContainsSubstring("names no KBC"));
  CHECK_THAT(refusal("::offline_sev_kbc::null"), Catch::ContainsSubstring("names no KBC"));
  CHECK_THAT(refusal("offline_sev_kbc::"), Catch::ContainsSubstring("has nothing after"));
}

TEST_CASE("another KBC is refused, and not named back") {
  for (const std::string& params :
       {"MARKER::null"s, "online_sev_kbc::127.0.0.1:44444"s, "offline_fs_kbc::null"s,
        "Offline_sev_kbc::null"s, "offline_sev_kbc ::null"s, " offline_sev_kbc::null"s,
        "offline_sev_kb::null"s, "offline_sev_kbc2::null"s, "offline_sev_kbc\0::null"s,
        "\"offline_sev_kbc::null\""s, "agent.aa_kbc_params=offline_sev_kbc::null"s}) {
    CHECK_THAT(refusal(params), Catch::ContainsSubstring("another KBC"));
  }
}

TEST_CASE("every refusal says what to write") {
  for (const char* params : {"", "::", "offline_sev_kbc::", "MARKER::null"}) {
    CHECK_THAT(refusal(params), Catch::EndsWith("; write \"offline_sev_kbc::null\""));
  }
}

}  // namespace oskbc::uris_test
