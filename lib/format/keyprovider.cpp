// SPDX-License-Identifier: Apache-2.0
#include "format/keyprovider.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "format/json_reader.h"
#include "format/recipients.h"

namespace oskbc::core::keyprovider {
namespace {

class RequestParser {
 public:
  explicit RequestParser(std::string_view text)
      : reader_(text, Status::request, "key provider request") {}

  Request parse() {
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) read_member();
    reader_.finish();
    if (!operation_) refuse("it has no \"op\"");
    request_.operation = *operation_;
    const bool wraps = *operation_ == Operation::keywrap;
    if (wraps && !has_options_) refuse("keywrap without \"optsdata\"");
    if (!wraps && !has_annotation_) refuse("keyunwrap without \"annotation\"");
    return std::move(request_);
  }

 private:
  void read_member() {
    const JsonString name = reader_.name();
    if (equals(name, "op")) {
      read_operation();
    } else if (equals(name, "keywrapparams")) {
      once(saw_wrap_, "\"keywrapparams\" is there twice");
      read_object([this](const JsonString& member) { read_wrap_member(member); });
    } else if (equals(name, "keyunwrapparams")) {
      once(saw_unwrap_, "\"keyunwrapparams\" is there twice");
      read_object([this](const JsonString& member) { read_unwrap_member(member); });
    } else {
      reader_.skip_value();
    }
  }

  void read_operation() {
    if (operation_) refuse("\"op\" is there twice");
    const JsonString operation = reader_.string();
    if (equals(operation, "keywrap")) {
      operation_ = Operation::keywrap;
    } else if (equals(operation, "keyunwrap")) {
      operation_ = Operation::keyunwrap;
    } else {
      refuse("\"op\" is neither \"keywrap\" nor \"keyunwrap\"");
    }
  }

  void read_wrap_member(const JsonString& name) {
    if (equals(name, "ec")) {
      once(saw_config_, "\"ec\" is there twice");
      read_object([this](const JsonString& member) { read_config_member(member); });
    } else if (equals(name, "optsdata")) {
      once(saw_options_, "\"optsdata\" is there twice");
      has_options_ = read_data([this](std::size_t size) {
        request_.options = SecretBytes(size);
        return request_.options.expose_writable();
      });
    } else {
      reader_.skip_value();
    }
  }

  void read_unwrap_member(const JsonString& name) {
    if (!equals(name, "annotation")) return reader_.skip_value();
    once(saw_annotation_, "\"annotation\" is there twice");
    if (reader_.peek() == '"')
      return read_annotation(DecodedString(reader_.string()).expose_text());
    has_annotation_ = read_data(
        [this](std::size_t size) { return ByteSpan(request_.annotations.emplace_back(size)); });
  }

  void read_annotation(std::string_view text) {
    has_annotation_ = true;
    if (text.starts_with('{') || text.find(',') == std::string_view::npos) {
      return read_text(text, [this](std::size_t size) {
        return ByteSpan(request_.annotations.emplace_back(size));
      });
    }
    bool any = false;
    for (const std::string_view packet : split_recipients(text)) {
      const auto decoded = base64::decode(packet);
      any = any || decoded;
      request_.annotations.push_back(decoded.value_or(Bytes()));
    }
    if (!any) reader_.malformed("not canonical base64");
  }

  void read_config_member(const JsonString& name) {
    if (!equals(name, "Parameters")) return reader_.skip_value();
    once(saw_parameters_, "\"Parameters\" is there twice");
    read_object([this](const JsonString& provider) {
      request_.parameters.push_back({to_string(provider), read_parameters()});
    });
  }

  std::vector<std::string> read_parameters() {
    std::vector<std::string> values;
    if (reader_.null()) return values;
    for (bool more = reader_.enter_array(); more; more = reader_.next_element()) {
      Bytes value;
      read_data([&value](std::size_t size) {
        value.resize(size);
        return ByteSpan(value);
      });
      values.emplace_back(as_text(value));
    }
    return values;
  }

  // Calls `member` for each member's name; a null counts as an object without any.
  template <typename Member>
  void read_object(Member member) {
    if (reader_.null()) return;
    for (bool more = reader_.enter_object(); more; more = reader_.next_member())
      member(reader_.name());
  }

  // Reads bytes into what `allocate` gives for a length; false for a null. Go writes
  // base64. Early Rust clients write arrays of numbers, later ones put some texts in as they are.
  template <typename Allocate>
  bool read_data(Allocate allocate) {
    if (reader_.null()) return false;
    if (reader_.peek() == '[') {
      read_numbers(reader_, allocate);
    } else {
      read_text(DecodedString(reader_.string()).expose_text(), allocate);
    }
    return true;
  }

  template <typename Allocate>
  void read_text(std::string_view text, Allocate allocate) {
    if (text.starts_with('{')) {
      std::memcpy(allocate(text.size()).data(), text.data(), text.size());
    } else if (!read_base64(text, allocate)) {
      reader_.malformed("not canonical base64");
    }
  }

  static void once(bool& seen, const char* why) {
    if (std::exchange(seen, true)) refuse(why);
  }

  [[noreturn]] static void refuse(const char* why) {
    fail(Status::request, "the key provider request is malformed: %s", why);
  }

  JsonReader reader_;
  Request request_;
  std::optional<Operation> operation_;
  bool saw_wrap_ = false;
  bool saw_unwrap_ = false;
  bool saw_config_ = false;
  bool saw_parameters_ = false;
  bool saw_options_ = false;
  bool saw_annotation_ = false;
  bool has_options_ = false;
  bool has_annotation_ = false;
};

std::string_view answer_start(Operation operation) {
  return operation == Operation::keywrap ? R"({"keywrapresults":{"annotation":[)"
                                         : R"({"keyunwrapresults":{"optsdata":[)";
}

constexpr std::string_view kAnswerEnd = "]}}";

class AnswerWriter {
 public:
  explicit AnswerWriter(ByteSpan out) : out_(out) {}

  void text(std::string_view text) {
    std::memcpy(&out_[size_], text.data(), text.size());
    size_ += text.size();
  }
  void number(std::uint8_t value) {
    if (value >= 100) digit(value / 100U);
    if (value >= 10) digit(value / 10U % 10U);
    digit(value % 10U);
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void digit(unsigned value) { out_[size_++] = static_cast<std::uint8_t>('0' + value); }

  ByteSpan out_;
  std::size_t size_ = 0;
};

}  // namespace

Request parse_request(std::string_view text) {
  if (text.size() > limits::kRequestText) {
    fail(Status::request, "the key provider request has more than %zu bytes", limits::kRequestText);
  }
  return RequestParser(text).parse();
}

std::size_t longest_answer(Operation operation, std::size_t size) noexcept {
  const std::size_t numbers = size == 0 ? 0 : 4 * size - 1;
  return answer_start(operation).size() + numbers + kAnswerEnd.size();
}

std::size_t write_answer(Operation operation, ByteView bytes, ByteSpan out) noexcept {
  AnswerWriter writer(out);
  writer.text(answer_start(operation));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i != 0) writer.text(",");
    writer.number(bytes[i]);
  }
  writer.text(kAnswerEnd);
  return writer.size();
}

}  // namespace oskbc::core::keyprovider
