// SPDX-License-Identifier: Apache-2.0
// The reader against nlohmann/json, which is older and widely used. Both have to come to the same
// verdict, but for these, all of them intended:
//  - a byte order mark: nlohmann/json skips it, we refuse it;
//  - a NUL between tokens: nlohmann/json takes it for the end of the text, we refuse it;
//  - more than 32 levels: nlohmann/json has no bound;
//  - a number that no double holds: RFC 8259 allows it, nlohmann/json does not.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "format/json_reader.h"
#include "unit/failure.h"
#include "unit/random_json.h"

using namespace oskbc;
using core::JsonReader;
using core::Status;
using test::RandomJson;

namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

enum class Verdict { accepted, refused, number_too_large };

// Takes a text's events from nlohmann/json, in their order.
class Listener final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool string(string_t& value) override {
    if (members.empty()) return true;
    members.back().second = value;
    return true;
  }
  bool key(string_t& value) override {
    members.emplace_back(value, "");
    return true;
  }
  bool start_object(std::size_t /*size*/) override { return enter(); }
  bool start_array(std::size_t /*size*/) override { return enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t /*place*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    constexpr int kOutOfRange = 406;
    verdict = error.id == kOutOfRange ? Verdict::number_too_large : Verdict::refused;
    return false;
  }

  Members members;
  Verdict verdict = Verdict::accepted;
  int deepest = 0;

 private:
  bool enter() {
    deepest = std::max(deepest, ++depth_);
    return true;
  }
  bool leave() {
    --depth_;
    return true;
  }

  int depth_ = 0;
};

// nlohmann/json's verdict, with the intended differences worked in.
Verdict expected_verdict(const std::string& text) {
  if (text.starts_with("\xef\xbb\xbf")) return Verdict::refused;
  Listener listener;
  static_cast<void>(nlohmann::json::sax_parse(text, &listener));
  // A NUL is JSON nowhere: raw in no string and between no tokens.
  if (text.find('\0') != std::string::npos) return Verdict::refused;
  if (listener.deepest > core::limits::kJsonDepth) return Verdict::refused;
  return listener.verdict;
}

void read_value(std::string_view text) {
  JsonReader reader(text, Status::packet, "text");
  reader.skip_value();
  reader.finish();
}

Members read_members(std::string_view text) {
  JsonReader reader(text, Status::packet, "text");
  Members members;
  for (bool more = reader.enter_object(); more; more = reader.next_member()) {
    std::string name = core::to_string(reader.name());
    members.emplace_back(std::move(name), core::to_string(reader.string()));
  }
  reader.finish();
  return members;
}

// Readable in a report, whatever the bytes are.
std::string shown(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

struct Count {
  int accepted = 0;
  int refused = 0;
  int unequal = 0;

  void compare(const std::string& text) {
    const Verdict expected = expected_verdict(text);
    if (expected == Verdict::number_too_large) {
      ++unequal;
      return;
    }
    const bool accepted_here = test::status_of([&] { read_value(text); }) == Status::ok;
    ++(accepted_here ? accepted : refused);
    if (accepted_here != (expected == Verdict::accepted)) FAIL_CHECK(shown(text));
  }
};

}  // namespace

TEST_CASE("on ten thousand texts that are JSON the reader agrees with nlohmann/json") {
  RandomJson random(8259);
  Count count;
  for (int i = 0; i < 10000; ++i) count.compare(random.value());
  // The deep ones, some of which are beyond the bound.
  CHECK(count.accepted > 9000);
  CHECK(count.refused > 50);
  CHECK(count.unequal == 0);
}

TEST_CASE("on thirty thousand texts that are broken the reader agrees with nlohmann/json") {
  RandomJson random(7159);
  Count count;
  for (int i = 0; i < 30000; ++i) count.compare(random.mutated(random.value()));
  CHECK(count.accepted > 1000);
  CHECK(count.refused > 10000);
  CHECK(count.unequal < 100);
}

TEST_CASE("flat objects have the names and strings that nlohmann/json reads, in their order") {
  RandomJson random(4627);
  int accepted = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string text = random.flat_object();
    if (i % 2 == 1) text = random.mutated(std::move(text));
    Members members;
    if (test::status_of([&] { members = read_members(text); }) != Status::ok) continue;
    ++accepted;
    Listener listener;
    if (!nlohmann::json::sax_parse(text, &listener)) FAIL_CHECK(shown(text));
    if (listener.members != members) FAIL_CHECK(shown(text));
  }
  CHECK(accepted > 5000);
}

TEST_CASE("the intended differences to nlohmann/json are as stated") {
  using namespace std::string_literals;
  const auto accepts = [](const std::string& text) {
    return test::status_of([&] { read_value(text); }) == Status::ok;
  };
  CHECK(nlohmann::json::accept("\xef\xbb\xbf[]"s));
  CHECK_FALSE(accepts("\xef\xbb\xbf[]"s));
  CHECK(nlohmann::json::accept("[]\0MARKER"s));
  CHECK_FALSE(accepts("[]\0MARKER"s));
  CHECK(nlohmann::json::accept(std::string(33, '[') + std::string(33, ']')));
  CHECK_FALSE(accepts(std::string(33, '[') + std::string(33, ']')));
  CHECK_FALSE(nlohmann::json::accept("1e999"s));
  CHECK(accepts("1e999"s));
}
