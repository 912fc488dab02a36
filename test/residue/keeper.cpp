// SPDX-License-Identifier: Apache-2.0
#include "keeper.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include "secrets.h"
#include "support/jwe_maker.h"

namespace oskbc_test {
namespace {

constexpr const char* kKeysetFile = "/etc/oskbc/keyset.jwe";

struct Order {
  Keeper::Form form;
  std::uint32_t position;
};

void need(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

void send_bytes(int socket, const void* data, std::size_t size) {
  for (const char* position = static_cast<const char*>(data); size != 0;) {
    const ssize_t count = write(socket, position, size);
    need(count > 0, "the keeper's socket takes nothing");
    position += count;
    size -= static_cast<std::size_t>(count);
  }
}

// False at the end of the stream.
bool receive_bytes(int socket, void* data, std::size_t size) {
  for (char* position = static_cast<char*>(data); size != 0;) {
    const ssize_t count = read(socket, position, size);
    if (count <= 0) return false;
    position += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

void send_text(int socket, const std::string& text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  send_bytes(socket, &size, sizeof size);
  send_bytes(socket, text.data(), size);
}

std::uint32_t receive_number(int socket) {
  std::uint32_t number = 0;
  need(receive_bytes(socket, &number, sizeof number), "the keeper died");
  return number;
}

std::string receive_text(int socket) {
  std::string text(receive_number(socket), '\0');
  need(receive_bytes(socket, text.data(), text.size()), "the keeper died");
  return text;
}

bool is_in_file(Keeper::Form form) { return form >= Keeper::Form::in_file; }

std::string keyset_of(const Order& order, const Secrets& secrets) {
  std::string text = keyset_text(secrets, order.form == Keeper::Form::escaped);
  if (order.form == Keeper::Form::control) text.at(order.position) = '\x01';
  if (order.form == Keeper::Form::foreign) text.at(order.position) = '-';
  if (order.form == Keeper::Form::cut || order.form == Keeper::Form::in_file_cut) {
    text.resize(order.position);
  }
  return text;
}

// Changes a character of the tag, which comes last.
std::string altered(std::string file) {
  char& character = file[file.size() - 10];
  character = character == 'A' ? 'B' : 'A';
  return file;
}

bool put(const fake_tree& tree, const std::string& keyset) {
  return fake_tree_put(&tree, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, keyset.data(),
                       keyset.size()) == 0;
}

bool put_file(const fake_tree& tree, const Order& order, Secrets secrets) {
  const bool wraps = order.form == Keeper::Form::in_file_wrapped;
  std::string file = sealed_keyset(secrets, keyset_of(order, secrets), wraps);
  const std::string known = order.form == Keeper::Form::file_old ? "another file" : file;
  if (order.form == Keeper::Form::file_altered) file = altered(file);
  // Of the needles it is the CEK, which is as good.
  if (order.form == Keeper::Form::file_of_other_key) secrets.kek = secrets.cek;
  const std::string path = order.form == Keeper::Form::no_file ? "/elsewhere" : kKeysetFile;
  return fake_tree_put_file(&tree, path.c_str(), file.data(), file.size()) == 0 &&
         put(tree, oskbc::test::keyset_for(known, secrets.kek));
}

bool carry_out(const fake_tree& tree, const Order& order, const Secrets& secrets) {
  if (is_in_file(order.form)) return put_file(tree, order, secrets);
  return put(tree, keyset_of(order, secrets));
}

void keep(int socket, const fake_tree& tree, const Piece& mask) {
  const Secrets secrets = make_secrets(Keeper::kKeys, Keeper::kPlaintextSize);
  const std::vector<Needle> needles = mask_needles(secrets, mask);
  const auto size = static_cast<std::uint32_t>(keyset_text(secrets, /*escaped=*/false).size());
  const auto count = static_cast<std::uint32_t>(needles.size());
  send_bytes(socket, &size, sizeof size);
  send_bytes(socket, &count, sizeof count);
  send_bytes(socket, needles.data(), count * sizeof(Needle));
  for (std::uint32_t i = 0; i < Keeper::kKeys; ++i) {
    send_text(socket, seal_gcm(secrets, i));
    send_text(socket, seal_ctr(secrets, i));
  }
  Order order{};
  while (receive_bytes(socket, &order, sizeof order)) {
    const char done = carry_out(tree, order, secrets) ? 1 : 0;
    send_bytes(socket, &done, sizeof done);
  }
}

[[noreturn]] void be_keeper(int socket, const fake_tree& tree, const Piece& mask) {
  try {
    keep(socket, tree, mask);
  } catch (const std::exception&) {
    _exit(1);
  }
  _exit(0);
}

}  // namespace

Keeper::Keeper(const fake_tree& tree, const Piece& mask) {
  int ends[2];
  need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "no socket");
  child_ = fork();
  need(child_ >= 0, "no process");
  if (child_ == 0) {
    close(ends[0]);
    be_keeper(ends[1], tree, mask);
  }
  close(ends[1]);
  socket_ = ends[0];
  keyset_size_ = receive_number(socket_);
  needles_.resize(receive_number(socket_));
  need(receive_bytes(socket_, needles_.data(), needles_.size() * sizeof(Needle)),
       "the keeper died");
  for (std::uint32_t i = 0; i < kKeys; ++i) {
    gcm_.push_back(receive_text(socket_));
    ctr_.push_back(receive_text(socket_));
  }
}

Keeper::~Keeper() {
  close(socket_);
  waitpid(child_, nullptr, 0);
}

void Keeper::put_keyset(Form form, std::uint32_t position) const {
  const Order order{form, position};
  send_bytes(socket_, &order, sizeof order);
  char done = 0;
  need(receive_bytes(socket_, &done, sizeof done) && done == 1, "the keeper wrote no keyset");
}

}  // namespace oskbc_test
