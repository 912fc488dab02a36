// SPDX-License-Identifier: Apache-2.0
#include "host/findings.h"

#include "support/catch.h"

using namespace oskbc;
using core::Status;
using host::Findings;

TEST_CASE("checks are kept in order, and the first failure is the status") {
  Findings findings;
  findings.check("a", [] { return host::good("fine"); });
  findings.check("b", [] { return host::bad(Status::keyset, "bad"); });
  findings.check("c", []() -> host::Verdict { core::fail(Status::io, "worse"); });
  findings.check("d", [] { return host::unknown(); });
  CHECK_FALSE(findings.failed("a"));
  CHECK(findings.failed("b"));
  CHECK(findings.failed("c"));
  CHECK_FALSE(findings.failed("d"));
  CHECK_FALSE(findings.failed("e"));
  const tools::Report report = findings.take();
  REQUIRE(report.findings.size() == 4);
  CHECK(report.status == 7);
  CHECK(report.findings[2].text == "worse");
  CHECK(report.findings[3].mark == tools::Mark::skip);
}
