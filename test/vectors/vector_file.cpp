// SPDX-License-Identifier: Apache-2.0
#include "vector_file.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <string_view>

namespace oskbc_test {
namespace {

[[noreturn]] void reject(const std::string& what) { throw std::runtime_error("vector: " + what); }

template <typename Value>
Value look_up(const std::map<std::string, Value>& names, const std::string& name) {
  const auto found = names.find(name);
  if (found == names.end()) reject("no such value: " + name);
  return found->second;
}

const std::map<std::string, Operation> kOperations = {{"unwrap", Operation::unwrap},
                                                      {"keyprovider", Operation::keyprovider},
                                                      {"resource", Operation::resource},
                                                      {"open", Operation::open},
                                                      {"key-ids", Operation::key_ids}};

const std::map<std::string, oskbc_status> kStatuses = {{"OSKBC_OK", OSKBC_OK},
                                                       {"OSKBC_E_ARGUMENT", OSKBC_E_ARGUMENT},
                                                       {"OSKBC_E_BUFFER", OSKBC_E_BUFFER},
                                                       {"OSKBC_E_PARAMS", OSKBC_E_PARAMS},
                                                       {"OSKBC_E_NO_SECRET", OSKBC_E_NO_SECRET},
                                                       {"OSKBC_E_IO", OSKBC_E_IO},
                                                       {"OSKBC_E_WIPE", OSKBC_E_WIPE},
                                                       {"OSKBC_E_KEYSET", OSKBC_E_KEYSET},
                                                       {"OSKBC_E_PACKET", OSKBC_E_PACKET},
                                                       {"OSKBC_E_REQUEST", OSKBC_E_REQUEST},
                                                       {"OSKBC_E_UNKNOWN_KEY", OSKBC_E_UNKNOWN_KEY},
                                                       {"OSKBC_E_UNSUPPORTED", OSKBC_E_UNSUPPORTED},
                                                       {"OSKBC_E_DECRYPT", OSKBC_E_DECRYPT}};

const std::map<std::string, bool> kYesNo = {{"yes", true}, {"no", false}};

unsigned hex_digit(char digit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = kDigits.find(digit);
  if (value == std::string_view::npos) reject("not a hexadecimal digit");
  return static_cast<unsigned>(value);
}

std::string from_hex(const std::string& hex) {
  if (hex.size() % 2 != 0) reject("half a byte");
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(hex_digit(hex[i]) << 4 | hex_digit(hex[i + 1]));
  }
  return bytes;
}

std::size_t from_decimal(const std::string& text) {
  std::size_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) reject("not a number: " + text);
  return number;
}

using Setter = std::function<void(Vector&, const std::string&)>;

const std::map<std::string, Setter> kHeaders = {
    {"comment", [](Vector& v, const std::string& text) { v.comment = text; }},
    {"operation",
     [](Vector& v, const std::string& text) { v.operation = look_up(kOperations, text); }},
    {"expect", [](Vector& v, const std::string& text) { v.expect = look_up(kStatuses, text); }},
    {"keyset", [](Vector& v, const std::string& text) { v.keyset = text; }},
    {"keyset-hex", [](Vector& v, const std::string& text) { v.keyset = from_hex(text); }},
    {"require-authenticated",
     [](Vector& v, const std::string& text) { v.require_authenticated = look_up(kYesNo, text); }},
    {"plaintext-hex", [](Vector& v, const std::string& text) { v.plaintext = from_hex(text); }},
    {"plaintext-sha256", [](Vector& v, const std::string& text) { v.plaintext_sha256 = text; }},
    {"key-count", [](Vector& v, const std::string& text) { v.key_count = from_decimal(text); }},
    {"key-id", [](Vector& v, const std::string& text) { v.key_ids.push_back(text); }},
    {"key-id-hex",
     [](Vector& v, const std::string& text) { v.key_ids.push_back(from_hex(text)); }}};

bool may_repeat(const std::string& name) { return name == "key-id" || name == "key-id-hex"; }

void take_line(Vector& vector, std::set<std::string>& seen, const std::string& line) {
  const auto colon = line.find(':');
  if (colon == std::string::npos) reject("a header line without a colon");
  const std::string name = line.substr(0, colon);
  const auto header = kHeaders.find(name);
  if (header == kHeaders.end()) reject("unknown header: " + name);
  if (!seen.insert(name).second && !may_repeat(name)) reject("twice: " + name);
  const bool space = line.compare(colon + 1, 1, " ") == 0;
  header->second(vector, line.substr(colon + (space ? 2 : 1)));
}

bool opens_body(const Vector& vector) {
  return vector.operation == Operation::open || vector.operation == Operation::key_ids;
}

void demand(bool holds, const char* rule) {
  if (!holds) reject(rule);
}

// A success must say what comes out, and nothing else may.
void check_outcome(const Vector& vector) {
  const bool succeeds = vector.expect == OSKBC_OK;
  const int plaintexts = vector.plaintext.has_value() + vector.plaintext_sha256.has_value();
  demand(plaintexts == (succeeds && !opens_body(vector)), "one plaintext for a success, or none");
  demand(vector.key_count.has_value() == (succeeds && vector.operation == Operation::open),
         "key-count belongs to an open that succeeds");
  demand(vector.key_ids.empty() || (succeeds && vector.operation == Operation::key_ids),
         "key-id belongs to key-ids");
}

void check_whole(const Vector& vector, const std::set<std::string>& seen) {
  for (const char* name : {"comment", "operation", "expect"}) {
    demand(seen.count(name) == 1, "comment, operation and expect are needed");
  }
  demand(seen.count("keyset") + seen.count("keyset-hex") == (opens_body(vector) ? 0 : 1),
         "one keyset, unless the body is the keyset");
  check_outcome(vector);
}

}  // namespace

Vector parse_vector(const std::string& content) {
  Vector vector;
  std::set<std::string> seen;
  std::size_t at = 0;
  for (;;) {
    const auto end = content.find('\n', at);
    if (end == std::string::npos) reject("no empty line after the header");
    const std::string line = content.substr(at, end - at);
    at = end + 1;
    if (line.empty()) break;
    take_line(vector, seen, line);
  }
  check_whole(vector, seen);
  vector.body = content.substr(at);
  return vector;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) reject("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::filesystem::path> vector_paths(const std::string& directory) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace oskbc_test
