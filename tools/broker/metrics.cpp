// SPDX-License-Identifier: Apache-2.0
#include "broker/metrics.h"

#include <array>
#include <exception>
#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "base/error.h"
#include "base/status.h"
#include "broker/audit.h"

namespace oskbc::broker {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

constexpr std::array kSteps = {"chain",       "session", "state_open",  "state_find",
                               "measurement", "seal",    "state_claim", "audit"};

// From a hash to a disk that is busy with others. Two threads are enough for who fetches this.
const Histogram::BucketBoundaries kSeconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                              0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};
constexpr std::size_t kThreads = 2;

template <typename Build>
auto& family(Build build, prometheus::Registry& registry, const char* name, const char* help) {
  return build().Name(name).Help(help).Register(registry);
}

// What was counted elsewhere, and never falls.
void raise(Counter& counter, std::uint64_t total) {
  counter.Increment(static_cast<double>(total) - counter.Value());
}

}  // namespace

struct Metrics::Families {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  Family<Counter>& launches = family(prometheus::BuildCounter, *registry, "oskbc_launches_total",
                                     "Launches that were opened, and whose secret was released");
  Family<Counter>& refused =
      family(prometheus::BuildCounter, *registry, "oskbc_refused_total",
             "Requests that were refused, by the text that the client was told");
  Family<Histogram>& steps = family(prometheus::BuildHistogram, *registry, "oskbc_step_seconds",
                                    "How long each step of a request took");
  Gauge& open = family(prometheus::BuildGauge, *registry, "oskbc_launches_open",
                       "Launches that wait for their secret, of all brokers on the state")
                    .Add({});
  Gauge& state_up = family(prometheus::BuildGauge, *registry, "oskbc_state_up",
                           "Whether the state's database answered when last asked")
                        .Add({});
  Histogram& state = family(prometheus::BuildHistogram, *registry, "oskbc_state_seconds",
                            "How long the state's database took to count the open launches")
                         .Add({}, kSeconds);
  Gauge& connections_open = family(prometheus::BuildGauge, *registry, "oskbc_connections_open",
                                   "Connections that are open")
                                .Add({});
  Counter& connections = family(prometheus::BuildCounter, *registry, "oskbc_connections_total",
                                "Connections that came")
                             .Add({});
  Family<Counter>& connections_closed =
      family(prometheus::BuildCounter, *registry, "oskbc_connections_closed_total",
             "Connections that were closed or not taken, by what the owner was told");
  Family<Counter>& reloads = family(prometheus::BuildCounter, *registry, "oskbc_reloads_total",
                                    "How often the files were read, the start included");
  Gauge& files_well =
      family(prometheus::BuildGauge, *registry, "oskbc_files_well",
             "Whether everything could be read and used, at the start or the last reload")
          .Add({});
  Gauge& files_time = family(prometheus::BuildGauge, *registry,
                             "oskbc_files_read_timestamp_seconds", "When the files were read last")
                          .Add({});
  Family<Gauge>& keysets = family(prometheus::BuildGauge, *registry, "oskbc_keysets",
                                  "Keysets that may be released, and that are refused");
  std::array<Histogram*, kSteps.size()> by_step{};
  // Last, so that nobody is answered once the rest is gone.
  std::unique_ptr<prometheus::Exposer> exposer;
};

Metrics::Metrics(const std::string& version) : families_(std::make_unique<Families>()) {
  Families& all = *families_;
  family(prometheus::BuildGauge, *all.registry, "oskbc_build_info", "Which version this is")
      .Add({{"version", version}})
      .Set(1);
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    all.by_step[i] = &all.steps.Add({{"step", kSteps[i]}}, kSeconds);
  }
  // A figure that is not there until it is no longer 0 cannot be watched for its rise.
  for (const char* event : {"opened", "released"}) all.launches.Add({{"event", event}});
  for (const char* outcome : {"well", "failed"}) all.reloads.Add({{"outcome", outcome}});
}

Metrics::~Metrics() = default;

// The texts are a few of our own, so that no client can make figures without end.
void Metrics::decided(const AuditRecord& record) {
  if (std::string_view(record.decision) == "refused") {
    families_->refused.Add({{"request", record.event}, {"reason", record.answer}}).Increment();
  } else {
    families_->launches.Add({{"event", record.decision}}).Increment();
  }
}

void Metrics::not_recorded(const AuditRecord& record) {
  families_->refused.Add({{"request", record.event}, {"reason", "AUDIT UNAVAILABLE"}}).Increment();
}

void Metrics::took(Step step, std::chrono::duration<double> time) {
  families_->by_step.at(static_cast<std::size_t>(step))->Observe(time.count());
}

void Metrics::state_answered(std::size_t open_launches, std::chrono::duration<double> time) {
  families_->state.Observe(time.count());
  families_->open.Set(static_cast<double>(open_launches));
  families_->state_up.Set(1);
}

void Metrics::state_failed(std::chrono::duration<double> time) {
  families_->state.Observe(time.count());
  families_->state_up.Set(0);
}

void Metrics::saw_connections(std::uint64_t open, std::uint64_t accepted,
                              const std::map<std::string, std::uint64_t>& closed_by_reason) {
  families_->connections_open.Set(static_cast<double>(open));
  raise(families_->connections, accepted);
  for (const auto& [reason, total] : closed_by_reason) {
    raise(families_->connections_closed.Add({{"reason", reason}}), total);
  }
}

void Metrics::read_files(bool all_well, std::size_t keysets, std::size_t refused_keysets) {
  Families& all = *families_;
  all.reloads.Add({{"outcome", all_well ? "well" : "failed"}}).Increment();
  all.files_well.Set(all_well ? 1 : 0);
  all.files_time.SetToCurrentTime();
  all.keysets.Add({{"state", "released"}}).Set(static_cast<double>(keysets));
  all.keysets.Add({{"state", "refused"}}).Set(static_cast<double>(refused_keysets));
}

int Metrics::serve(const std::string& address) try {
  families_->exposer = std::make_unique<prometheus::Exposer>(address, kThreads);
  families_->exposer->RegisterCollectable(families_->registry);
  return families_->exposer->GetListeningPorts().at(0);
} catch (const std::exception& error) {
  core::fail(core::Status::io, "cannot serve metrics on %s: %s", address.c_str(), error.what());
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(families_->registry->Collect());
}

}  // namespace oskbc::broker
