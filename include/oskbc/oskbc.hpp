// SPDX-License-Identifier: Apache-2.0
/**
 * @file oskbc.hpp
 * @brief A C++17 wrapper over oskbc.h, header-only: owners that release, outputs that wipe,
 * exceptions.
 *
 * Nothing here does more than the C function it names; statuses, lifetimes and rules for threads
 * are documented there. Every function that can fail throws oskbc::Exception. Objects move and
 * don't copy; an object that was moved from can only be destroyed or assigned to. All since 0.1.0,
 * unless something else is said.
 */
#ifndef OSKBC_OSKBC_HPP
#define OSKBC_OSKBC_HPP

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <oskbc/oskbc.h>

namespace oskbc {

/** A status that is not ::OSKBC_OK, with the thread's message at that time. Holds no secrets. */
class Exception : public std::runtime_error {
 public:
  /** Takes the message of this thread's last call. */
  explicit Exception(oskbc_status status) : std::runtime_error(message(status)), status_(status) {}

  /** One of the `OSKBC_E_` constants. */
  [[nodiscard]] oskbc_status status() const noexcept { return status_; }

 private:
  static const char* message(oskbc_status status) noexcept {
    const char* last = oskbc_last_error();
    return *last == '\0' ? oskbc_strerror(status) : last;
  }

  oskbc_status status_;
};

/** Throws an Exception unless `status` is ::OSKBC_OK. */
inline void check(oskbc_status status) {
  if (status != OSKBC_OK) throw Exception(status);
}

/**
 * Bytes that are wiped before they are released. Moves only. The memory comes from the heap and is
 * not locked: copy what has to stay for long into memory of your own kind, and let the buffer go.
 */
class Buffer {
 public:
  Buffer() noexcept = default;
  /** `size` zero bytes. Throws std::bad_alloc. */
  explicit Buffer(std::size_t size)
      : data_(size == 0 ? nullptr : new std::uint8_t[size]()), size_(size), capacity_(size) {}
  /** Leaves `other` empty. */
  Buffer(Buffer&& other) noexcept { swap(other); }
  /** Wipes what was there before. Leaves `other` empty. */
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer(std::move(other)).swap(*this);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    oskbc_wipe(data_, capacity_);
    delete[] data_;
  }

  /** NULL when empty. */
  [[nodiscard]] std::uint8_t* data() noexcept { return data_; }
  /** NULL when empty. */
  [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
  /** In bytes. */
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /** Whether there is no byte. */
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /** For loops over the bytes. */
  [[nodiscard]] const std::uint8_t* begin() const noexcept { return data_; }
  /** After the last byte. */
  [[nodiscard]] const std::uint8_t* end() const noexcept { return data_ + size_; }

  /** Wipes and forgets what comes after the first `size` bytes, if there is anything. */
  void truncate(std::size_t size) noexcept {
    if (size >= size_) return;
    oskbc_wipe(data_ + size, size_ - size);
    size_ = size;
  }
  /** Exchanges the bytes; copies none. */
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/** How to open a Client: `oskbc_options`. The setters return the object, to be chained. */
class Options {
 public:
  /** oskbc_options_new(). */
  Options() { check(oskbc_options_new(&options_)); }
  /** Leaves `other` without options. */
  Options(Options&& other) noexcept : options_(std::exchange(other.options_, nullptr)) {}
  /** Exchanges what both have. */
  Options& operator=(Options&& other) noexcept {
    std::swap(options_, other.options_);
    return *this;
  }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  ~Options() { oskbc_options_free(&options_); }

  /** oskbc_options_set_root(). */
  Options& set_root(const std::string& directory) {
    check(oskbc_options_set_root(options_, directory.c_str()));
    return *this;
  }
  /** oskbc_options_set_secret_guid(). */
  Options& set_secret_guid(const std::string& guid) {
    check(oskbc_options_set_secret_guid(options_, guid.c_str()));
    return *this;
  }
  /** oskbc_options_set_keep_secret(). */
  Options& set_keep_secret(bool keep = true) {
    check(oskbc_options_set_keep_secret(options_, keep ? 1 : 0));
    return *this;
  }
  /** oskbc_options_set_manage_kernel(). */
  Options& set_manage_kernel(bool manage = true) {
    check(oskbc_options_set_manage_kernel(options_, manage ? 1 : 0));
    return *this;
  }
  /** oskbc_options_set_require_authenticated(). */
  Options& set_require_authenticated(bool require = true) {
    check(oskbc_options_set_require_authenticated(options_, require ? 1 : 0));
    return *this;
  }
  /** oskbc_options_set_require_locked(). Since 0.2.0. */
  Options& set_require_locked(bool require = true) {
    check(oskbc_options_set_require_locked(options_, require ? 1 : 0));
    return *this;
  }
  /** oskbc_options_set_keyset_file(). Since 0.2.0. */
  Options& set_keyset_file(const std::string& path) {
    check(oskbc_options_set_keyset_file(options_, path.c_str()));
    return *this;
  }

  /** For the C functions. */
  [[nodiscard]] const oskbc_options* get() const noexcept { return options_; }

 private:
  oskbc_options* options_ = nullptr;
};

/** A packet that was parsed already: its members as they stand. Since 0.2.0. */
struct Fields {
  /** Which key. */
  std::string_view kid;
  /** In the spelling of any generation. */
  std::string_view wrap_type;
  /** In base64. */
  std::string_view iv;
  /** In base64. */
  std::string_view wrapped_data;
};

/** An opened keyset: `oskbc_client`. Any number of threads may call its const functions at once. */
class Client {
 public:
  /** oskbc_client_open() with the defaults. */
  explicit Client(const std::string& aa_kbc_params) {
    check(oskbc_client_open(aa_kbc_params.c_str(), nullptr, &client_));
  }
  /** oskbc_client_open(). */
  Client(const std::string& aa_kbc_params, const Options& options) {
    check(oskbc_client_open(aa_kbc_params.c_str(), options.get(), &client_));
  }
  /** Leaves `other` without keyset. */
  Client(Client&& other) noexcept : client_(std::exchange(other.client_, nullptr)) {}
  /** Exchanges what both have. */
  Client& operator=(Client&& other) noexcept {
    std::swap(client_, other.client_);
    return *this;
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { oskbc_client_close(&client_); }

  /** oskbc_client_key_count(). */
  [[nodiscard]] std::size_t key_count() const noexcept { return oskbc_client_key_count(client_); }

  /** oskbc_client_memory(). Since 0.2.0. */
  [[nodiscard]] int memory() const noexcept { return oskbc_client_memory(client_); }

  /** oskbc_client_key_id() of all entries, sorted. */
  [[nodiscard]] std::vector<std::string> key_ids() const {
    std::vector<std::string> ids;
    for (std::size_t index = 0; index < key_count(); ++index) ids.push_back(key_id(index));
    return ids;
  }

  /** oskbc_client_key_id(). */
  [[nodiscard]] std::string key_id(std::size_t index) const {
    std::size_t length = 0;
    const oskbc_status status = oskbc_client_key_id(client_, index, nullptr, &length);
    // Asking for a length never succeeds.
    if (status != OSKBC_E_BUFFER) throw Exception(status);
    std::string id(length, '\0');
    check(oskbc_client_key_id(client_, index, id.data(), &length));
    id.resize(length - 1);
    return id;
  }

  /** oskbc_unwrap_key(). */
  [[nodiscard]] Buffer unwrap(std::string_view packet) const {
    // Bytes take four characters of a packet for three, or more.
    return output(packet.size() / 4 * 3, [&](std::uint8_t* out, std::size_t* length) {
      return oskbc_unwrap_key(client_, not_null(packet), packet.size(), out, length);
    });
  }

  /** oskbc_unwrap_fields(). Since 0.2.0. */
  [[nodiscard]] Buffer unwrap_fields(const Fields& packet) const {
    return output(packet.wrapped_data.size() / 4 * 3, [&](std::uint8_t* out, std::size_t* length) {
      return oskbc_unwrap_fields(
          client_, not_null(packet.kid), packet.kid.size(), not_null(packet.wrap_type),
          packet.wrap_type.size(), not_null(packet.iv), packet.iv.size(),
          not_null(packet.wrapped_data), packet.wrapped_data.size(), out, length);
    });
  }

  /** oskbc_get_resource(). */
  [[nodiscard]] Buffer resource(const std::string& uri) const {
    // Most are keys.
    return output(64, [&](std::uint8_t* out, std::size_t* length) {
      return oskbc_get_resource(client_, uri.c_str(), out, length);
    });
  }

  /** oskbc_keyprovider(). */
  [[nodiscard]] Buffer keyprovider(std::string_view request) const {
    // A number takes four characters at most, and what it stands for four thirds, or more.
    return output(3 * request.size() + 64, [&](std::uint8_t* out, std::size_t* length) {
      return oskbc_keyprovider(client_, not_null(request), request.size(), out, length);
    });
  }

  /** For the C functions. */
  [[nodiscard]] const oskbc_client* get() const noexcept { return client_; }

 private:
  /** An empty view may hold a NULL, which the C functions refuse. */
  static const char* not_null(std::string_view text) noexcept {
    return text.data() == nullptr ? "" : text.data();
  }

  /** One call where `enough` is right, two where it is not. */
  template <typename Call>
  static Buffer output(std::size_t enough, Call call) {
    Buffer buffer(enough);
    std::size_t length = enough;
    std::uint8_t none = 0;
    oskbc_status status = call(buffer.empty() ? &none : buffer.data(), &length);
    if (status == OSKBC_E_BUFFER) {
      buffer = Buffer(length);
      status = call(buffer.data(), &length);
    }
    check(status);
    buffer.truncate(length);
    return buffer;
  }

  oskbc_client* client_ = nullptr;
};

}  // namespace oskbc

#endif
