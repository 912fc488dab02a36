// SPDX-License-Identifier: Apache-2.0
#include "client/client_options.h"

#include "base/status.h"
#include "support/catch.h"
#include "support/temp_tree.h"

using namespace oskbc;
using test::TempTree;

TEST_CASE("the defaults are the running system, the keyset, removal and kernel handling") {
  const core::ClientOptions options;
  CHECK(options.source.root == "/");
  CHECK(options.source.guid == core::keyset_guid());
  CHECK_FALSE(options.source.keep_secret);
  CHECK(options.source.manage_kernel);
  CHECK_FALSE(options.require_authenticated);
}

TEST_CASE("another root turns kernel handling off until it is asked for") {
  const TempTree tree;
  core::ClientOptions options;
  options.set_root(tree.path());
  CHECK_FALSE(options.source.manage_kernel);
}

TEST_CASE("a GUID is taken in either case and refused in any other form") {
  core::ClientOptions options;
  options.set_secret_guid("1EE27366-0c87-43a6-af48-28543eaf7cb0");
  CHECK(options.source.guid.text() == "1ee27366-0c87-43a6-af48-28543eaf7cb0");
  CHECK_THROWS_AS(options.set_secret_guid("../../../../etc/passwd"), core::Error);
  CHECK(options.source.guid.text() == "1ee27366-0c87-43a6-af48-28543eaf7cb0");
}
