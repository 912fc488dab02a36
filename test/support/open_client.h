// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "fake_tree.h"
#include <oskbc/oskbc.h>

namespace oskbc_test {

inline constexpr const char* kParams = "offline_sev_kbc::null";

// A fake tree with one keyset, removed with the object.
class KeysetTree {
 public:
  explicit KeysetTree(std::string_view keyset) {
    if (fake_tree_make_keyset(&tree_, keyset.data(), keyset.size()) == 0) return;
    fake_tree_remove(&tree_);
    throw std::runtime_error("no fake tree");
  }
  KeysetTree(const KeysetTree&) = delete;
  KeysetTree& operator=(const KeysetTree&) = delete;
  ~KeysetTree() { fake_tree_remove(&tree_); }

  [[nodiscard]] const char* root() const { return tree_.root; }
  [[nodiscard]] bool has_keyset() const {
    return fake_tree_has(&tree_, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID) != 0;
  }
  // A keyset in a file, where it is looked for.
  void put_keyset_file(std::string_view file) const {
    if (fake_tree_put_file(&tree_, "/etc/oskbc/keyset.jwe", file.data(), file.size()) != 0) {
      throw std::runtime_error("no keyset file in the fake tree");
    }
  }
  void put_keyset(std::string_view keyset) const {
    if (fake_tree_put(&tree_, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, keyset.data(),
                      keyset.size()) != 0) {
      throw std::runtime_error("no keyset in the fake tree");
    }
  }

 private:
  fake_tree tree_{};
};

// Options that point at a tree.
class TreeOptions {
 public:
  explicit TreeOptions(const KeysetTree& tree) {
    if (oskbc_options_new(&options_) != OSKBC_OK ||
        oskbc_options_set_root(options_, tree.root()) != OSKBC_OK) {
      oskbc_options_free(&options_);
      throw std::runtime_error("no options");
    }
  }
  TreeOptions(const TreeOptions&) = delete;
  TreeOptions& operator=(const TreeOptions&) = delete;
  ~TreeOptions() { oskbc_options_free(&options_); }

  [[nodiscard]] oskbc_options* get() const { return options_; }

 private:
  oskbc_options* options_ = nullptr;
};

// Tries to open a keyset; status() says how it went.
class OpenClient {
 public:
  OpenClient(std::string_view keyset, bool require_authenticated) : tree_(keyset) {
    open(require_authenticated);
  }
  // A keyset in a file, and the injected one for it.
  OpenClient(std::string_view keyset, std::string_view file) : tree_(keyset) {
    tree_.put_keyset_file(file);
    open(/*require_authenticated=*/false);
  }
  explicit OpenClient(std::string_view keyset) : OpenClient(keyset, false) {}
  OpenClient(const OpenClient&) = delete;
  OpenClient& operator=(const OpenClient&) = delete;
  ~OpenClient() { oskbc_client_close(&client_); }

  [[nodiscard]] oskbc_status status() const { return status_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] const oskbc_client* get() const { return client_; }
  [[nodiscard]] const KeysetTree& tree() const { return tree_; }

 private:
  void open(bool require_authenticated) {
    const TreeOptions options(tree_);
    (void)oskbc_options_set_require_authenticated(options.get(), require_authenticated ? 1 : 0);
    status_ = oskbc_client_open(kParams, options.get(), &client_);
    // Before the options' release, which may be a call too.
    message_ = oskbc_last_error();
  }

  KeysetTree tree_;
  oskbc_client* client_ = nullptr;
  oskbc_status status_ = OSKBC_E_INTERNAL;
  std::string message_;
};

}  // namespace oskbc_test
