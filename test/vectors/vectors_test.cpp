// SPDX-License-Identifier: Apache-2.0
// Runs every vector through the public interface.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "byte_call.h"
#include "open_client.h"
#include "sha256.h"
#include "support/catch.h"
#include "vector_file.h"
#include <oskbc/oskbc.h>

namespace oskbc_test {
namespace {

ByteCall bind_call(const oskbc_client* client, const Vector& vector) {
  const std::string& body = vector.body;
  switch (vector.operation) {
    case Operation::unwrap:
      return [client, &body](std::uint8_t* out, std::size_t* out_len) {
        return oskbc_unwrap_key(client, body.data(), body.size(), out, out_len);
      };
    case Operation::keyprovider:
      return [client, &body](std::uint8_t* out, std::size_t* out_len) {
        return oskbc_keyprovider(client, body.data(), body.size(), out, out_len);
      };
    case Operation::resource:
      return [client, &body](std::uint8_t* out, std::size_t* out_len) {
        return oskbc_get_resource(client, body.c_str(), out, out_len);
      };
    case Operation::open:
    case Operation::key_ids:
      break;
  }
  throw std::logic_error("this operation fills no buffer");
}

void check_message(oskbc_status status, const std::string& message, const Vector& vector) {
  if (status == OSKBC_OK) {
    CHECK(message.empty());
    return;
  }
  CHECK_FALSE(message.empty());
  std::vector<std::string_view> texts = {vector.body};
  if (vector.keyset) texts.emplace_back(*vector.keyset);
  CHECK(leaked_word(message, texts).empty());
}

void check_plaintext(const Vector& vector, const std::string& bytes) {
  if (vector.plaintext) CHECK(bytes == *vector.plaintext);
  if (vector.plaintext_sha256) CHECK(sha256_hex(bytes) == *vector.plaintext_sha256);
}

void check_output(const Vector& vector, std::string_view output) {
  if (vector.operation != Operation::keyprovider) {
    check_plaintext(vector, std::string(output));
    return;
  }
  std::string bytes;
  REQUIRE_NOTHROW(bytes = answer_bytes(output));
  check_plaintext(vector, bytes);
}

// Asks for the length with no buffer, then with buffers that are too small.
std::size_t check_size_query(const ByteCall& call, const Vector& vector) {
  std::size_t needed = 0;
  CHECK(call(nullptr, &needed) == OSKBC_E_BUFFER);
  check_message(OSKBC_E_BUFFER, oskbc_last_error(), vector);
  for (const std::size_t size : {std::size_t{0}, needed / 2, needed - 1}) {
    if (size >= needed) continue;
    GuardedBuffer buffer(size);
    std::size_t len = size;
    CHECK(call(buffer.data(), &len) == OSKBC_E_BUFFER);
    CHECK(len == needed);
    CHECK(buffer.untouched());
  }
  return needed;
}

void check_fill(const ByteCall& call, const Vector& vector, std::size_t size) {
  GuardedBuffer buffer(size);
  std::size_t len = size;
  REQUIRE(call(buffer.data(), &len) == OSKBC_OK);
  check_message(OSKBC_OK, oskbc_last_error(), vector);
  CHECK(len <= size);
  CHECK(buffer.guards_intact());
  check_output(vector, buffer.text(len));
}

// The output may lie over the packet, from its start or from somewhere inside.
void check_overlap(const oskbc_client* client, const Vector& vector, std::size_t needed) {
  for (const std::size_t shift : {std::size_t{0}, std::size_t{7}, vector.body.size()}) {
    std::vector<char> memory(vector.body.begin(), vector.body.end());
    memory.resize(vector.body.size() + needed + 1);
    auto* out = reinterpret_cast<std::uint8_t*>(memory.data()) + shift;
    std::size_t len = needed;
    REQUIRE(oskbc_unwrap_key(client, memory.data(), vector.body.size(), out, &len) == OSKBC_OK);
    check_plaintext(vector, std::string(reinterpret_cast<const char*>(out), len));
  }
}

void check_success(const oskbc_client* client, const Vector& vector) {
  const ByteCall call = bind_call(client, vector);
  const std::size_t needed = check_size_query(call, vector);
  check_fill(call, vector, needed);
  check_fill(call, vector, needed + 100);
  if (vector.operation == Operation::keyprovider) return;
  if (vector.plaintext) CHECK(needed == vector.plaintext->size());
  if (vector.operation == Operation::unwrap) check_overlap(client, vector, needed);
}

// Without decrypting, only what is wrong with the text must show.
bool query_may_answer(oskbc_status expect, oskbc_status got) {
  const bool shows_at_once = expect == OSKBC_E_PACKET || expect == OSKBC_E_REQUEST;
  return got == expect || (!shows_at_once && got == OSKBC_E_BUFFER);
}

void check_failure(const oskbc_client* client, const Vector& vector) {
  const ByteCall call = bind_call(client, vector);
  // Room for the longest answer: four characters for each byte.
  const std::size_t size = 4 * vector.body.size() + 256;
  GuardedBuffer buffer(size);
  std::size_t len = size;
  CHECK(call(buffer.data(), &len) == vector.expect);
  check_message(vector.expect, oskbc_last_error(), vector);
  CHECK(len == size);
  CHECK(buffer.untouched_or_wiped());
  std::size_t needed = 0;
  CHECK(query_may_answer(vector.expect, call(nullptr, &needed)));
}

void run_bytes(const Vector& vector) {
  const OpenClient client(*vector.keyset, vector.require_authenticated);
  REQUIRE(client.status() == OSKBC_OK);
  if (vector.expect == OSKBC_OK) {
    check_success(client.get(), vector);
  } else {
    check_failure(client.get(), vector);
  }
}

std::string key_id(const oskbc_client* client, std::size_t index) {
  std::size_t needed = 0;
  CHECK(oskbc_client_key_id(client, index, nullptr, &needed) == OSKBC_E_BUFFER);
  GuardedBuffer buffer(needed);
  auto* out = reinterpret_cast<char*>(buffer.data());
  std::size_t small = needed - 1;
  CHECK(oskbc_client_key_id(client, index, out, &small) == OSKBC_E_BUFFER);
  CHECK(small == needed);
  CHECK(buffer.untouched());
  std::size_t len = needed;
  REQUIRE(oskbc_client_key_id(client, index, out, &len) == OSKBC_OK);
  CHECK(len == needed);
  CHECK(buffer.guards_intact());
  CHECK(out[len - 1] == '\0');
  return std::string(out, len - 1);
}

void check_key_ids(const oskbc_client* client, const std::vector<std::string>& expected) {
  std::vector<std::string> ids;
  const std::size_t count = oskbc_client_key_count(client);
  for (std::size_t i = 0; i < count; ++i) ids.push_back(key_id(client, i));
  CHECK(ids == expected);
  std::size_t len = 0;
  CHECK(oskbc_client_key_id(client, count, nullptr, &len) == OSKBC_E_ARGUMENT);
}

void run_open(const Vector& vector) {
  const OpenClient client(vector.body);
  CHECK(client.status() == vector.expect);
  check_message(client.status(), client.message(), vector);
  // A file that was read is removed, whatever it held.
  CHECK_FALSE(client.tree().has_keyset());
  CHECK((client.get() != nullptr) == (client.status() == OSKBC_OK));
  if (vector.key_count) CHECK(oskbc_client_key_count(client.get()) == *vector.key_count);
  if (vector.operation == Operation::key_ids) check_key_ids(client.get(), vector.key_ids);
}

void run(const std::filesystem::path& path) {
  INFO(path.parent_path().filename().string() + "/" + path.filename().string());
  Vector vector;
  REQUIRE_NOTHROW(vector = parse_vector(read_file(path)));
  INFO(vector.comment);
  const bool opens = vector.operation == Operation::open || vector.operation == Operation::key_ids;
  opens ? run_open(vector) : run_bytes(vector);
}

// Fewer files than stated here means that some were lost on their way.
void run_directory(const char* name, std::size_t least) {
  const auto paths = vector_paths(std::string(OSKBC_VECTORS_DIR) + "/" + name);
  CHECK(paths.size() >= least);
  for (const auto& path : paths) run(path);
}

TEST_CASE("keyset vectors") { run_directory("keyset", 155); }
TEST_CASE("packet vectors") { run_directory("packet", 326); }
TEST_CASE("unwrap vectors") { run_directory("unwrap", 130); }
TEST_CASE("keyprovider vectors") { run_directory("keyprovider", 176); }
TEST_CASE("resource vectors") { run_directory("resource", 56); }
TEST_CASE("kid vectors") { run_directory("kid", 85); }

}  // namespace
}  // namespace oskbc_test
