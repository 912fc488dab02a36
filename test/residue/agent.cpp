// SPDX-License-Identifier: Apache-2.0
#include "agent.h"

#include <sys/random.h>

#include <cstddef>
#include <stdexcept>

namespace oskbc_test {
namespace {

Piece random_mask() {
  Piece mask;
  if (getrandom(mask.data(), mask.size(), 0) != static_cast<ssize_t>(mask.size())) {
    throw std::runtime_error("no random mask");
  }
  return mask;
}

std::string as_numbers(const std::string& bytes) {
  std::string text = "[";
  for (const char byte : bytes) {
    text += std::to_string(static_cast<unsigned char>(byte)) + ',';
  }
  text.back() = ']';
  return text;
}

// Of a packet without escapes.
std::string member(const std::string& packet, const std::string& name) {
  const std::string start = "\"" + name + "\":\"";
  const std::size_t begin = packet.find(start) + start.size();
  return packet.substr(begin, packet.find('"', begin) - begin);
}

}  // namespace

Agent::Tree::Tree() {
  if (fake_tree_make(&tree_) != 0) throw std::runtime_error("no fake tree");
}

Agent::Agent()
    : mask_(random_mask()), keeper_(tree_.get(), mask_), searcher_(keeper_.needles(), mask_) {}

oskbc_status Agent::open(Keeper::Form form, std::uint32_t position) {
  keeper_.put_keyset(form, position);
  return open_as_is();
}

oskbc_status Agent::open_as_is() {
  oskbc_options* options = nullptr;
  oskbc_options_new(&options);
  oskbc_options_set_root(options, tree().root);
  const oskbc_status status = oskbc_client_open(kParams, options, &client_);
  oskbc_options_free(&options);
  return status;
}

oskbc_status Agent::unwrap(const std::string& packet, std::size_t size) {
  return oskbc_unwrap_key(client_, packet.data(), packet.size(), output_.data(), &size);
}

oskbc_status Agent::unwrap_fields(const std::string& packet, std::size_t size) {
  const std::string kid = member(packet, "kid");
  const std::string type = member(packet, "wrap_type");
  const std::string iv = member(packet, "iv");
  const std::string wrapped = member(packet, "wrapped_data");
  return oskbc_unwrap_fields(client_, kid.data(), kid.size(), type.data(), type.size(), iv.data(),
                             iv.size(), wrapped.data(), wrapped.size(), output_.data(), &size);
}

oskbc_status Agent::answer(const std::string& request, std::size_t size) {
  return oskbc_keyprovider(client_, request.data(), request.size(), output_.data(), &size);
}

oskbc_status Agent::resource(const std::string& uri, std::size_t size) {
  return oskbc_get_resource(client_, uri.c_str(), output_.data(), &size);
}

std::string request_for(const std::string& packet) {
  return R"({"op":"keyunwrap","keyunwrapparams":{"dc":null,"annotation":)" + as_numbers(packet) +
         R"(}})";
}

}  // namespace oskbc_test
