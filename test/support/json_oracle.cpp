// SPDX-License-Identifier: Apache-2.0
#include "support/json_oracle.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/limits.h"

namespace oskbc::test {
namespace {

// Takes a text's events from nlohmann/json, in their order.
class Listener final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return not_flat(); }
  bool boolean(bool /*value*/) override { return not_flat(); }
  bool number_integer(number_integer_t /*value*/) override { return not_flat(); }
  bool number_unsigned(number_unsigned_t /*value*/) override { return not_flat(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override {
    return not_flat();
  }
  bool binary(binary_t& /*value*/) override { return not_flat(); }
  bool string(string_t& value) override {
    if (depth_ == 0) return not_flat();
    if (!judgement.members.empty()) judgement.members.back().second = value;
    return true;
  }
  bool key(string_t& value) override {
    judgement.members.emplace_back(value, "");
    return true;
  }
  bool start_object(std::size_t /*size*/) override { return enter(); }
  bool start_array(std::size_t /*size*/) override { return not_flat() && enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    constexpr int kOutOfRange = 406;
    judgement.verdict = error.id == kOutOfRange ? Verdict::number_too_large : Verdict::refused;
    return false;
  }

  Judgement judgement;
  int deepest = 0;

 private:
  bool not_flat() {
    judgement.flat = false;
    return true;
  }
  bool enter() {
    deepest = std::max(deepest, ++depth_);
    if (depth_ > 1) judgement.flat = false;
    return true;
  }
  bool leave() {
    --depth_;
    return true;
  }

  int depth_ = 0;
};

// What is refused here whatever nlohmann/json says. A NUL is JSON nowhere: raw in no string and
// between no tokens.
bool is_refused_here(std::string_view text, int deepest) {
  return text.starts_with("\xef\xbb\xbf") || text.find('\0') != std::string_view::npos ||
         deepest > core::limits::kJsonDepth;
}

}  // namespace

Judgement judge_json(std::string_view text) {
  Listener listener;
  static_cast<void>(nlohmann::json::sax_parse(text.begin(), text.end(), &listener));
  if (is_refused_here(text, listener.deepest)) listener.judgement.verdict = Verdict::refused;
  return std::move(listener.judgement);
}

}  // namespace oskbc::test
