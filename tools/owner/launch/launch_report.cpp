// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/launch_report.h"

#include <unistd.h>

#include <charconv>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"
#include "common/host_answer.h"
#include "common/io.h"

namespace oskbc::owner {
namespace {

using core::fail;
using core::Status;
using tools::HostAnswer;

constexpr std::size_t kReportLimit = std::size_t{1} << 16;

template <typename Number>
std::optional<Number> number(const HostAnswer& answer, const char* member,
                             const std::string& name) {
  const auto found = answer.find(member);
  if (found == answer.end()) return std::nullopt;
  const std::string& text = found->second;
  Number value = 0;
  const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && last == text.data() + text.size()) return value;
  fail(Status::argument, "%s: its %s is no number that fits", name.c_str(), member);
}

// QEMU calls it "data", libvirt "sev-measurement".
const std::string& measurement_in(const HostAnswer& answer, const std::string& name) {
  for (const char* member : {"data", "measurement"}) {
    const auto found = answer.find(member);
    if (found != answer.end()) return found->second;
  }
  fail(
      Status::argument,
      "%s: it has no measurement: neither \"data\", as QEMU's query-sev-launch-measure, nor sev-measurement, as libvirt's domlaunchsecinfo",
      name.c_str());
}

LaunchReport report_of(const HostAnswer& answer, const std::string& name) {
  return {.measurement = parse_launch_measurement(measurement_in(answer, name)),
          .api_major = number<std::uint8_t>(answer, "api-major", name),
          .api_minor = number<std::uint8_t>(answer, "api-minor", name),
          .build_id = number<std::uint8_t>(answer, "build-id", name),
          .policy = number<std::uint32_t>(answer, "policy", name)};
}

// Base64 has slashes, but no folder of a name so long is likely to be there.
bool names_a_file(const std::string& word) {
  return word == "-" || ::access(word.c_str(), F_OK) == 0;
}

}  // namespace

LaunchReport parse_launch_report(std::string_view text, const std::string& name) {
  if (const auto answer = tools::read_host_answer(text, name.c_str())) {
    return report_of(*answer, name);
  }
  return {.measurement = parse_launch_measurement(text),
          .api_major = {},
          .api_minor = {},
          .build_id = {},
          .policy = {}};
}

LaunchReport read_launch_report(const std::string& word) {
  if (!names_a_file(word)) return parse_launch_report(word, "the measurement");
  const core::SecretBytes text = tools::read_input(word, kReportLimit, Status::argument);
  return parse_launch_report(text.expose_text(), word);
}

bool may_tell_more(const std::string& word) {
  return names_a_file(word) || tools::read_host_answer(word, "the measurement").has_value();
}

}  // namespace oskbc::owner
