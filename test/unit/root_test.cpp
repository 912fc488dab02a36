// SPDX-License-Identifier: Apache-2.0
#include "source/root.h"

#include <unistd.h>

#include "base/status.h"
#include "support/catch.h"
#include "support/temp_tree.h"

using namespace oskbc;
using test::TempTree;

namespace {

core::Status refusal(const std::string& directory) {
  try {
    static_cast<void>(core::resolve_root(directory));
  } catch (const core::Error& error) {
    return error.status();
  }
  return core::Status::ok;
}

}  // namespace

TEST_CASE("every spelling of / is the running system") {
  CHECK(core::resolve_root("/") == "/");
  CHECK(core::resolve_root("//") == "/");
  CHECK(core::resolve_root("/usr/..") == "/");
}

TEST_CASE("a relative root is fixed when it is given") {
  const TempTree tree;
  tree.make_folder("below");
  const auto before = boost::filesystem::current_path();
  boost::filesystem::current_path(tree.path());
  const std::string root = core::resolve_root("below");
  boost::filesystem::current_path(before);
  CHECK(boost::filesystem::equivalent(root, tree.path("below")));
}

TEST_CASE("a root that is not an existing directory is refused") {
  const TempTree tree;
  CHECK(refusal("") == core::Status::argument);
  CHECK(refusal(tree.path("missing")) == core::Status::argument);
  CHECK(refusal(tree.write("file", "")) == core::Status::argument);
  CHECK(refusal(tree.path()) == core::Status::ok);
}
