// SPDX-License-Identifier: Apache-2.0
// What is left of the secrets in the memory of a process that uses the library.
#include <unistd.h>

#include <string>
#include <vector>

#include "agent.h"
#include "support/catch.h"
#include "unremovable.h"

namespace oskbc_test {
namespace {

using Form = Keeper::Form;

constexpr std::size_t kPlaintextPieces = Keeper::kPlaintextSize / kPiece;

void check_at_rest(const Tally& tally) {
  CHECK(tally.keys_at_rest == Keeper::kKeys);
  CHECK(tally.all_strays() == 0);
}

void check_nothing(const Tally& tally) {
  CHECK(tally.keys_at_rest == 0);
  CHECK(tally.all_strays() == 0);
}

// Everything, with a line for the table.
Tally search_at(Agent& agent, const std::string& point) {
  const Tally tally = agent.search(Scope::readable);
  print_row(point, tally);
  return tally;
}

// What a call returned, and what it left; searched before anything else can run over it.
struct Left {
  oskbc_status status;
  Tally tally;
};

template <typename Call>
Left call_and_search(Agent& agent, Call call) {
  const oskbc_status status = call();
  return {status, agent.search(Scope::writable)};
}

// The output is in the caller's buffer and nowhere else, and gone when the caller wipes it.
template <typename Call>
void check_output(Agent& agent, Secret secret, std::size_t least, Call call) {
  const Left left = call_and_search(agent, call);
  CHECK(left.status == OSKBC_OK);
  CHECK(left.tally.handed_out(secret) >= least);
  check_at_rest(left.tally);
  agent.wipe_output();
  check_at_rest(agent.search(Scope::writable));
}

template <typename Call>
void check_error(Agent& agent, oskbc_status expected, Call call) {
  const Left left = call_and_search(agent, call);
  CHECK(left.status == expected);
  CHECK(left.tally.handed_out(Secret::plaintext) == 0);
  CHECK(left.tally.handed_out(Secret::decimal) == 0);
  CHECK(left.tally.handed_out(Secret::key) == 0);
  check_at_rest(left.tally);
}

// Another packet, whose data decrypts in part or not at all: one bit is changed.
std::string flip(std::string packet, const std::string& member, std::size_t from_end) {
  const std::size_t start = packet.find(member) + member.size() + 3;
  char& character = packet.at(packet.find('"', start) - from_end);
  character = character == 'A' ? 'B' : 'A';
  return packet;
}

}  // namespace

TEST_CASE("after opening, each key is there once, in locked pages that are not dumped") {
  const auto [form, point] = GENERATE(table<Form, const char*>(
      {{Form::plain, "after open"}, {Form::escaped, "after open, keyset with escapes"}}));
  Agent agent;
  const oskbc_status status = agent.open(form);
  const Tally tally = search_at(agent, point);
  CHECK(status == OSKBC_OK);
  check_at_rest(tally);
}

TEST_CASE("after opening a keyset in a file, its keys are there once, and what opened it is gone") {
  const auto [form, point] = GENERATE(
      table<Form, const char*>({{Form::in_file, "after open, keyset in a file"},
                                {Form::in_file_wrapped, "after open, keyset in a file, A256KW"}}));
  Agent agent;
  const oskbc_status status = agent.open(form);
  const Tally tally = search_at(agent, point);
  CHECK(status == OSKBC_OK);
  check_at_rest(tally);
  const std::string& gcm = agent.keeper().gcm_packet(0);
  check_output(agent, Secret::plaintext, kPlaintextPieces, [&] { return agent.unwrap(gcm); });
  agent.close();
  check_nothing(search_at(agent, std::string(point) + ", close"));
}

TEST_CASE("of a keyset file that is not taken, nothing is left") {
  const auto [form, status, point] = GENERATE(table<Form, oskbc_status, const char*>({
      {Form::no_file, OSKBC_E_NO_KEYSET_FILE, "after a keyset file that is missing"},
      {Form::file_of_other_key, OSKBC_E_KEYSET_FILE_KEY, "after a keyset file of another key"},
      {Form::file_altered, OSKBC_E_KEYSET_FILE_ALTERED, "after a keyset file that was altered"},
      {Form::file_old, OSKBC_E_KEYSET_FILE_OLD, "after a keyset file that is old"},
  }));
  Agent agent;
  const Left left = call_and_search(agent, [&, form = form] { return agent.open(form); });
  CHECK(left.status == status);
  check_nothing(left.tally);
  check_nothing(search_at(agent, point));
}

TEST_CASE("of a keyset file whose keyset is cut anywhere, nothing is left") {
  Agent agent;
  for (std::uint32_t position = 0; position < agent.keeper().keyset_size(); position += 7) {
    const Left left =
        call_and_search(agent, [&] { return agent.open(Form::in_file_cut, position); });
    CHECK(left.status == OSKBC_E_KEYSET);
    check_nothing(left.tally);
  }
  check_nothing(search_at(agent, "after a keyset file, cut at each 7th byte"));
}

TEST_CASE("after unwrapping, a plaintext is in the caller's buffer alone") {
  Agent agent;
  REQUIRE(agent.open(Form::plain) == OSKBC_OK);
  for (std::size_t i = 0; i < Keeper::kKeys; ++i) {
    const std::string& gcm = agent.keeper().gcm_packet(i);
    const std::string& ctr = agent.keeper().ctr_packet(i);
    const std::string request = request_for(gcm);
    check_output(agent, Secret::plaintext, kPlaintextPieces, [&] { return agent.unwrap(gcm); });
    check_output(agent, Secret::plaintext, kPlaintextPieces, [&] { return agent.unwrap(ctr); });
    check_output(agent, Secret::plaintext, kPlaintextPieces,
                 [&] { return agent.unwrap_fields(gcm); });
    check_output(agent, Secret::plaintext, kPlaintextPieces,
                 [&] { return agent.unwrap_fields(ctr); });
    check_output(agent, Secret::decimal, kPlaintextPieces, [&] { return agent.answer(request); });
    const std::string id = "key_id" + std::to_string(i);
    check_output(agent, Secret::key, 2, [&] { return agent.resource(id); });
  }
  check_at_rest(search_at(agent, "after unwrap, key provider and resource"));
}

// A copy goes through vector registers, and stays there for a while. Where functions are bound at
// their first call, the dynamic linker saves all registers on the stack for it, with the key.
TEST_CASE("a function that is called for the first time puts no key on the stack") {
  Agent agent;
  REQUIRE(agent.open(Form::plain) == OSKBC_OK);
  check_output(agent, Secret::key, 2, [&] {
    const oskbc_status status = agent.resource("key_id0");
    // Any that nothing here has called before.
    static_cast<void>(getpgrp());
    return status;
  });
}

TEST_CASE("after an error, no plaintext is anywhere") {
  Agent agent;
  REQUIRE(agent.open(Form::plain) == OSKBC_OK);
  for (std::size_t i = 0; i < Keeper::kKeys; ++i) {
    const std::string& gcm = agent.keeper().gcm_packet(i);
    // Of what lies before a changed bit, all would decrypt rightly; the tag is at the end.
    const std::string bad_tag = flip(gcm, "wrapped_data", 4);
    const std::string bad_data = flip(gcm, "wrapped_data", 100);
    const std::string bad_iv = flip(gcm, "\"iv", 4);
    for (const std::string& packet : {bad_tag, bad_data, bad_iv}) {
      const std::string request = request_for(packet);
      check_error(agent, OSKBC_E_DECRYPT, [&] { return agent.unwrap(packet); });
      check_error(agent, OSKBC_E_DECRYPT, [&] { return agent.answer(request); });
    }
    const std::string request = request_for(gcm);
    check_error(agent, OSKBC_E_BUFFER, [&] { return agent.unwrap(gcm, 8); });
    check_error(agent, OSKBC_E_BUFFER, [&] { return agent.answer(request, 8); });
    check_error(agent, OSKBC_E_BUFFER,
                [&] { return agent.resource("key_id" + std::to_string(i), 31); });
  }
  check_error(agent, OSKBC_E_UNKNOWN_KEY, [&] { return agent.resource("kbs:///a/b/c"); });
  check_error(agent, OSKBC_E_REQUEST, [&] { return agent.resource("kbs://a"); });
  check_at_rest(search_at(agent, "after errors of decryption and short buffers"));
}

TEST_CASE("after a packet or request that is cut anywhere, no plaintext is anywhere") {
  Agent agent;
  REQUIRE(agent.open(Form::plain) == OSKBC_OK);
  const std::string& packet = agent.keeper().gcm_packet(0);
  const std::string request = request_for(packet);
  for (std::size_t size = 0; size < packet.size(); ++size) {
    const std::string cut = packet.substr(0, size);
    check_error(agent, OSKBC_E_PACKET, [&] { return agent.unwrap(cut); });
  }
  for (std::size_t size = 0; size < request.size(); size += 7) {
    const std::string cut = request.substr(0, size);
    check_error(agent, OSKBC_E_REQUEST, [&] { return agent.answer(cut); });
  }
  check_at_rest(search_at(agent, "after errors of packets and requests"));
}

TEST_CASE("after closing, nothing is left") {
  Agent agent;
  REQUIRE(agent.open(Form::escaped) == OSKBC_OK);
  for (std::size_t i = 0; i < Keeper::kKeys; ++i) {
    CHECK(agent.unwrap(agent.keeper().gcm_packet(i)) == OSKBC_OK);
    CHECK(agent.unwrap(agent.keeper().ctr_packet(i)) == OSKBC_OK);
    CHECK(agent.answer(request_for(agent.keeper().ctr_packet(i))) == OSKBC_OK);
    agent.wipe_output();
  }
  agent.close();
  check_nothing(search_at(agent, "after close"));
}

TEST_CASE("of a keyset that is malformed at any byte, nothing is left") {
  const auto [form, point] = GENERATE(table<Form, const char*>({
      {Form::control, "after a control character at each byte"},
      {Form::foreign, "after another character at each byte"},
      {Form::cut, "after a cut at each byte"},
  }));
  Agent agent;
  for (std::uint32_t position = 0; position < agent.keeper().keyset_size(); ++position) {
    const Left left =
        call_and_search(agent, [&, form = form] { return agent.open(form, position); });
    // Within an id, another character makes another id.
    if (left.status == OSKBC_OK) {
      CHECK(form == Form::foreign);
      agent.close();
      check_nothing(agent.search(Scope::writable));
      continue;
    }
    CHECK(left.status == OSKBC_E_KEYSET);
    check_nothing(left.tally);
  }
  check_nothing(search_at(agent, point));
}

TEST_CASE("of a keyset that could not be removed, nothing is left") {
  const auto way = GENERATE(UNREMOVABLE_DIRECTORY, UNREMOVABLE_MOUNT);
  Agent agent;
  agent.keeper().put_keyset(Form::plain);
  unremovable guard;
  if (unremovable_begin(&guard, &agent.tree(), way) != 0) {
    WARN("skipped: " << unremovable_name(way) << " can't be had here");
    return;
  }
  // Another user than the process's own may not look at its memory.
  const Left left = call_and_search(agent, [&] {
    const oskbc_status status = agent.open_as_is();
    unremovable_end(&guard);
    return status;
  });
  CHECK(left.status == OSKBC_E_WIPE);
  check_nothing(left.tally);
  check_nothing(search_at(agent, std::string("after a failed unlink, ") + unremovable_name(way)));
}

}  // namespace oskbc_test
