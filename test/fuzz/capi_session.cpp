// SPDX-License-Identifier: Apache-2.0
#include "fuzz/capi_session.h"

#include <array>
#include <utility>

#include <openssl/err.h>

#include "base/guid.h"
#include "format/base64.h"
#include "format/packet.h"
#include "fuzz/system_calls.h"

namespace oskbc::fuzz {
namespace {

constexpr const char* kParams = "offline_sev_kbc::null";
constexpr int kMaxSteps = 64;
// Opening loads OpenSSL's provider, which takes as long as all else together.
constexpr int kMaxOpens = 3;
// Room for every answer that is made from the guest's packets.
constexpr std::size_t kRoom = 512;

void check_message(oskbc_status status) {
  require(status >= OSKBC_OK && status <= OSKBC_E_KEYSET_FILE_OLD, "every outcome is a status");
  require((status == OSKBC_OK) == (*oskbc_last_error() == '\0'), "a failure has a message");
  require(ERR_peek_error() == 0, "no error of OpenSSL's is left to the caller");
}

bool is_request(const std::string& text) { return text.starts_with("{\"op\""); }

}  // namespace

CapiSession::~CapiSession() {
  oskbc_client_close(&client_);
  oskbc_options_free(&options_);
  guest_.withdraw();
}

void CapiSession::run() {
  for (int i = 0; i < kMaxSteps && !input_.empty(); ++i) step(input_.consume_byte());
}

void CapiSession::step(std::uint8_t code) {
  switch (code % 13) {
    case 0:
      return make_options();
    case 1:
      return set_option();
    case 2:
      return inject();
    case 3:
      return open();
    case 4:
      return unwrap();
    case 5:
      return answer();
    case 6:
      return resource();
    case 7:
      return key_id();
    case 8:
      return count();
    case 9:
      fault_ = input_.consume_byte();
      return;
    case 10:
      return misuse();
    case 12:
      return unwrap_fields();
    default:
      oskbc_client_close(flag() ? nullptr : &client_);
  }
}

template <typename Call>
oskbc_status CapiSession::checked(Call call) {
  {
    const Fault fault(std::exchange(fault_, 0));
    status_ = call();
    faulted_ = fault.happened();
  }
  check_message(status_);
  const bool ours =
      status_ == OSKBC_E_NO_MEMORY || status_ == OSKBC_E_INTERNAL || status_ == OSKBC_E_WIPE;
  require(!ours || faulted_, "memory, files and OpenSSL fail only where they are made to");
  return status_;
}

void CapiSession::make_options() {
  oskbc_options_free(flag() ? nullptr : &options_);
  if (options_ != nullptr) return;
  has_root_ = keeps_ = authenticated_only_ = false;
  has_guid_ = true;
  checked([&] { return oskbc_options_new(&options_); });
  require((options_ != nullptr) == (status_ == OSKBC_OK), "options are there after a success");
}

void CapiSession::set_option() {
  const std::uint8_t choice = input_.consume_byte();
  const bool on = flag();
  switch (choice % 5) {
    case 0:
      checked([&] { return oskbc_options_set_root(options_, on ? guest_.root() : nullptr); });
      has_root_ |= status_ == OSKBC_OK;
      return;
    case 1: {
      const std::string guid = on ? FAKE_TREE_KEYSET_GUID : text();
      checked([&] { return oskbc_options_set_secret_guid(options_, guid.c_str()); });
      if (status_ == OSKBC_OK)
        has_guid_ = on || core::Guid::parse(guid.c_str()) == core::keyset_guid();
      return;
    }
    case 2:
      if (checked([&] { return oskbc_options_set_keep_secret(options_, on); }) == OSKBC_OK)
        keeps_ = on;
      return;
    case 3:
      checked([&] { return oskbc_options_set_manage_kernel(options_, 0); });
      return;
    default:
      checked([&] { return oskbc_options_set_require_authenticated(options_, on); });
      if (status_ == OSKBC_OK) authenticated_only_ = on;
  }
}

void CapiSession::inject() {
  const std::uint8_t choice = input_.consume_byte();
  injected_ = choice % 4 == 0   ? Injected::nothing
              : choice % 4 == 1 ? Injected::other
                                : Injected::keyset;
  if (injected_ == Injected::nothing) return guest_.withdraw();
  guest_.inject(injected_ == Injected::keyset ? guest_.keyset() : altered(guest_.keyset()));
}

void CapiSession::open() {
  if (!has_root_ || options_ == nullptr || ++opened_ > kMaxOpens) return;
  oskbc_client_close(&client_);
  const std::uint8_t choice = input_.consume_byte();
  const std::string params = choice % 4 == 0 ? text() : kParams;
  checked([&] {
    return oskbc_client_open(choice == 1 ? nullptr : params.c_str(), options_,
                             choice == 2 ? nullptr : &client_);
  });
  require((client_ != nullptr) == (status_ == OSKBC_OK), "there is a client after a success");
  const bool good = choice > 2 && params == kParams && has_guid_ && !faulted_;
  if (good && injected_ == Injected::keyset) require(status_ == OSKBC_OK, "a good keyset opens");
  if (good && injected_ != Injected::nothing)
    require(guest_.has_secret() == keeps_, "the file is gone, unless it is to be kept");
  has_own_keys_ = status_ == OSKBC_OK && injected_ == Injected::keyset;
  client_authenticated_only_ = authenticated_only_;
  if (!guest_.has_secret()) injected_ = Injected::nothing;
}

std::optional<std::string> CapiSession::filled(const oskbc_test::ByteCall& call) {
  const std::uint8_t form = input_.consume_byte();
  const std::size_t size = form % 4 == 0 ? form / 4 : kRoom;
  oskbc_test::GuardedBuffer buffer(size);
  std::size_t length = size;
  std::uint8_t* out = form % 8 == 4 ? nullptr : buffer.data();
  checked([&] { return call(out, form == 1 ? nullptr : &length); });
  require(buffer.guards_intact(), "nothing outside the buffer is written");
  if (status_ == OSKBC_OK) {
    require(out != nullptr && length <= size, "what is written fits");
    return std::string(buffer.text(length));
  }
  require(buffer.untouched_or_wiped(), "a failure leaves nothing behind");
  if (status_ == OSKBC_E_BUFFER) {
    require(buffer.untouched(), "asking for the length writes nothing");
    require(out == nullptr || length > size, "a buffer is too small, or there is none");
  } else {
    require(length == size, "other failures leave the length alone");
    require(form != 1 || status_ == OSKBC_E_ARGUMENT || faulted_, "the length's address is needed");
  }
  return std::nullopt;
}

void CapiSession::unwrap() {
  const auto& packets = guest_.packets();
  const SealedPacket& sealed = packets[input_.consume_byte() % packets.size()];
  const std::string packet = altered(sealed.text);
  const auto plain = filled([&](std::uint8_t* out, std::size_t* length) {
    return oskbc_unwrap_key(client_, packet.data(), packet.size(), out, length);
  });
  if (plain) check_plain(packet, sealed, *plain);
  if (packet == sealed.text) check_opens(sealed);
}

// As an agent does that parsed the packet itself, with one of the members altered, maybe.
void CapiSession::unwrap_fields() {
  const auto& packets = guest_.packets();
  const SealedPacket& sealed = packets[input_.consume_byte() % packets.size()];
  std::string unescaped;
  const core::PacketFields read = core::read_packet(sealed.text, unescaped);
  const std::array<std::string, 4> own{std::string(read.kid), std::string(read.wrap_type),
                                       std::string(read.iv.text),
                                       std::string(read.wrapped_data.text)};
  auto given = own;
  std::string& member = given[input_.consume_byte() % given.size()];
  member = altered(member);
  const std::string& kid = given[0];
  const std::string& wrap_type = given[1];
  const std::string& iv = given[2];
  const std::string& wrapped = given[3];
  const auto plain = filled([&](std::uint8_t* out, std::size_t* length) {
    return oskbc_unwrap_fields(client_, kid.data(), kid.size(), wrap_type.data(), wrap_type.size(),
                               iv.data(), iv.size(), wrapped.data(), wrapped.size(), out, length);
  });
  const bool same = given == own;
  if (plain) check_unwrapped(core::parse_wrap_type(wrap_type), same, sealed, *plain);
  if (same && !read.iv.numbers && !read.wrapped_data.numbers) check_opens(sealed);
}

void CapiSession::check_opens(const SealedPacket& sealed) const {
  const bool refused = client_authenticated_only_ && !core::is_authenticated(sealed.type);
  if (has_own_keys_ && !faulted_ && client_ != nullptr)
    require(status_ == OSKBC_OK || status_ == OSKBC_E_BUFFER || status_ == OSKBC_E_ARGUMENT ||
                (refused && status_ == OSKBC_E_UNSUPPORTED),
            "a packet that was sealed for this keyset opens");
}

void CapiSession::check_plain(std::string_view packet, const SealedPacket& sealed,
                              const std::string& plain) {
  check_unwrapped(core::parse_packet(packet).type, packet == sealed.text, sealed, plain);
}

void CapiSession::check_unwrapped(core::WrapType type, bool same, const SealedPacket& sealed,
                                  const std::string& plain) {
  require(client_ != nullptr, "without a client nothing opens");
  const core::Bytes bytes(plain.begin(), plain.end());
  if (same && has_own_keys_)
    require(bytes == sealed.plain, "a sealed packet's own plaintext comes out");
  const bool authenticated = core::is_authenticated(type);
  require(authenticated || !client_authenticated_only_, "integrity is required where asked for");
  if (authenticated) require(guest_.sealed(bytes), "only what was sealed comes out");
}

void CapiSession::answer() {
  const auto& packets = guest_.packets();
  const SealedPacket& sealed = packets[input_.consume_byte() % packets.size()];
  const std::string packet = altered(sealed.text);
  const std::string request = is_request(packet)
                                  ? packet
                                  : R"({"op":"keyunwrap","keyunwrapparams":{"annotation":")" +
                                        core::base64::encode(core::as_bytes(packet)) + R"("}})";
  const auto answered = filled([&](std::uint8_t* out, std::size_t* length) {
    return oskbc_keyprovider(client_, request.data(), request.size(), out, length);
  });
  if (!answered) return;
  const std::string plain = oskbc_test::answer_bytes(*answered);
  if (!is_request(packet)) check_plain(packet, sealed, plain);
}

void CapiSession::resource() {
  const auto& keys = guest_.keys();
  const Key& key = keys[input_.consume_byte() % keys.size()];
  const std::string uri = altered(key.id);
  const char* given = flag() ? nullptr : uri.c_str();
  const auto bytes = filled([&](std::uint8_t* out, std::size_t* length) {
    return oskbc_get_resource(client_, given, out, length);
  });
  if (bytes && has_own_keys_ && uri == key.id)
    require(std::ranges::equal(core::as_bytes(*bytes), key.value), "an id has its bytes");
}

void CapiSession::key_id() {
  const std::size_t index = input_.consume_byte() % 5;
  const auto id = filled([&](std::uint8_t* out, std::size_t* length) {
    return oskbc_client_key_id(client_, index, reinterpret_cast<char*>(out), length);
  });
  if (!id) return;
  require(index < oskbc_client_key_count(client_), "only an entry has an id");
  require(id->find('\0') == id->size() - 1, "an id is a C string");
  if (has_own_keys_) require(id->c_str() == guest_.keys()[index].id, "the ids are the keyset's");
}

void CapiSession::count() {
  const std::size_t count = oskbc_client_key_count(client_);
  require(client_ != nullptr || count == 0, "no client has no keys");
  if (client_ != nullptr && has_own_keys_)
    require(count == guest_.keys().size(), "all keys are there");
}

// Objects of another type, NULLs, statuses that are none.
void CapiSession::misuse() {
  auto* options = reinterpret_cast<oskbc_options*>(client_);
  auto* client = reinterpret_cast<oskbc_client*>(options_);
  const auto refused = [this](oskbc_status status) {
    require(status == OSKBC_E_ARGUMENT || faulted_, "what is no such object is refused");
  };
  refused(checked([&] { return oskbc_options_set_keep_secret(options, 1); }));
  refused(checked([&] { return oskbc_options_set_secret_guid(options_, nullptr); }));
  refused(checked([&] { return oskbc_options_new(nullptr); }));
  std::size_t length = 0;
  refused(checked([&] { return oskbc_unwrap_key(client, "", 0, nullptr, &length); }));
  require(oskbc_client_key_count(client) == 0, "another object has no keys");
  oskbc_options_free(nullptr);
  oskbc_wipe(nullptr, 0);
  const auto number = static_cast<oskbc_status>(input_.consume_byte()) - 64;
  require(*oskbc_strerror(number) != '\0', "every number has a text");
}

// The text itself, or with one byte changed, or another one.
std::string CapiSession::altered(const std::string& original) {
  const std::uint8_t how = input_.consume_byte();
  if (how % 4 == 0) return text();
  std::string changed = original;
  if (how % 4 == 1 && !changed.empty()) {
    const std::size_t position = input_.consume_byte() + 256U * (how / 4);
    changed[position % changed.size()] = static_cast<char>(input_.consume_byte());
  }
  return changed;
}

std::string CapiSession::text() {
  const std::size_t size = input_.consume_byte();
  return std::string(core::as_text(input_.consume(size + input_.consume_byte())));
}

}  // namespace oskbc::fuzz
