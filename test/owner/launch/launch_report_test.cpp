// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/launch_report.h"

#include <string>

#include "base/status.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::launch_report_test {

using owner::LaunchReport;

namespace {

std::string measured() {
  return test::owner_vectors("measurements.json")[0]["launch_measure_blob_b64"];
}

LaunchReport parse(const std::string& text) { return owner::parse_launch_report(text, "F"); }

bool is_measured(const LaunchReport& report) {
  return report.measurement.measure == owner::parse_launch_measurement(measured()).measure &&
         report.measurement.mnonce.has_value();
}

test::Failure failure(const std::string& text) {
  return test::failure_of([&] { static_cast<void>(parse(text)); });
}

const std::string kFirmware =
    R"("api-major": 1, "api-minor": 55, "build-id": 24, "policy": 5, "state": "launch-secret", "handle": 1)";

}  // namespace

TEST_CASE("a measurement alone tells no more") {
  const LaunchReport report = parse(measured() + "\r\n");
  CHECK(is_measured(report));
  CHECK_FALSE(report.api_major);
  CHECK_FALSE(report.policy);
}

TEST_CASE("QEMU's answers tell the measurement, and what goes with it") {
  const std::string data = R"({"return": {"data": ")" + measured() + R"("}})";
  CHECK(is_measured(parse(data)));
  CHECK(is_measured(parse(R"({"data": ")" + measured() + R"("})")));
  CHECK_FALSE(parse(data).api_major);
  for (const std::string& text : {data + "\n{\"return\": {" + kFirmware + "}}\n",
                                  "{\"return\": {" + kFirmware + "}}\r\n" + data}) {
    const LaunchReport report = parse(text);
    CHECK(is_measured(report));
    CHECK(report.api_major == 1);
    CHECK(report.api_minor == 55);
    CHECK(report.build_id == 24);
    CHECK(report.policy == 5U);
  }
}

TEST_CASE("so does libvirt's table") {
  const LaunchReport report = parse("sev-measurement: " + measured() +
                                    "\nsev-api-major  : 1\nsev-api-minor  : 55\n"
                                    "sev-build-id   : 24\nsev-policy     : 4294967295\n\n");
  CHECK(is_measured(report));
  CHECK(report.api_major == 1);
  CHECK(report.api_minor == 55);
  CHECK(report.build_id == 24);
  CHECK(report.policy == 0xffffffffU);
}

TEST_CASE("numbers that do not fit are refused, and so is what has no measurement") {
  CHECK(failure("{\"data\": \"" + measured() + "\", \"build-id\": 256}").text ==
        "F: its build-id is no number that fits");
  CHECK(failure("sev-measurement: " + measured() + "\nsev-api-major: -1\n").text ==
        "F: its api-major is no number that fits");
  CHECK_THAT(failure("{\"return\": {}}").text, Catch::StartsWith("F: it has no measurement"));
  CHECK_THAT(failure("sev-policy : 1").text, Catch::StartsWith("F: it has no measurement"));
  CHECK(failure("{\"data\": \"AAAA\"}").status == core::Status::argument);
  CHECK(failure("{\"data\": ").status == core::Status::argument);
}

TEST_CASE("a word is a measurement, or names a file that has one") {
  const test::TempFolder folder;
  CHECK(is_measured(owner::read_launch_report(measured())));
  CHECK(is_measured(owner::read_launch_report(folder.write("launch.txt", measured() + "\n"))));
  const std::string table = "sev-measurement: " + measured() + "\nsev-policy: 1\n";
  CHECK(owner::read_launch_report(folder.write("table", table)).policy == 1U);
  const auto missing =
      test::failure_of([&] { static_cast<void>(owner::read_launch_report(folder.path("none"))); });
  CHECK(missing.status == core::Status::argument);
}

}  // namespace oskbc::launch_report_test
