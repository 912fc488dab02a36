// SPDX-License-Identifier: Apache-2.0
//
// Hosts that launch guests through brokers, as many as there are threads, with the stand-in for a
// platform: a load in C++, because Python's would be what is measured.
//
// usage: launch_load PLATFORM HOSTS SECONDS BROKER...
//   PLATFORM  a folder of `platform_tool init`
//   BROKER    an address; hosts share them out
//
// Prints a line of JSON: launches, what went wrong, milliseconds of both requests, this program's
// processor time.
#include <grpcpp/create_channel.h>
#include <pre-attestation.grpc.pb.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/status.h"
#include "common/io.h"
#include "common/json.h"
#include "owner/crypto/random.h"
#include "support/platform.h"

namespace oskbc::test {
namespace {

using Clock = std::chrono::steady_clock;
using core::as_bytes;

constexpr std::uint32_t kPolicy = 5;
constexpr std::size_t kLimit = std::size_t{1} << 16;

struct Host {
  explicit Host(const std::string& folder)
      : platform(owner::PrivateKey::from_scalar(read(folder + "/platform.key").expose())),
        pdh(text(folder + "/pdh.cert")) {
    // The signed CEK in the exported one's place.
    const std::string exported = text(folder + "/cert_chain.cert");
    chain = exported.substr(0, 2 * pdh.size());
    for (const char* name : {"/cek.cert", "/ask.cert", "/ark.cert"}) chain += text(folder + name);
  }

  static core::SecretBytes read(const std::string& file) {
    return tools::read_input(file, kLimit, core::Status::argument);
  }
  static std::string text(const std::string& file) { return std::string(read(file).expose_text()); }

  Platform platform;
  std::string pdh;
  std::string chain;
};

// 00 01 02 ..., as the tests' keysets allow it.
owner::Digest launch_digest() {
  owner::Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<std::uint8_t>(i);
  return digest;
}

class Load {
 public:
  Load(const std::string& folder, std::vector<std::string> brokers, double seconds)
      : host_(folder),
        brokers_(std::move(brokers)),
        end_(Clock::now() +
             std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))) {}

  void run(std::size_t hosts) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < hosts; ++i)
      threads.emplace_back([this, i] { launch_until_end(i); });
    for (std::thread& thread : threads) thread.join();
    std::ranges::sort(times_);
  }

  [[nodiscard]] std::size_t launches() const { return times_.size(); }
  [[nodiscard]] double milliseconds(double part) const {
    if (times_.empty()) return 0;
    return 1e3 * times_[static_cast<std::size_t>(part * static_cast<double>(times_.size() - 1))];
  }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& failures() const { return failures_; }

 private:
  void launch_until_end(std::size_t number) {
    grpc::ChannelArguments arguments;
    // Each host has a connection of its own, as each machine has.
    arguments.SetInt("host", static_cast<int>(number));
    const auto stub = ::Setup::NewStub(grpc::CreateCustomChannel(
        brokers_[number % brokers_.size()], grpc::InsecureChannelCredentials(), arguments));
    std::vector<double> times;
    while (Clock::now() < end_) {
      try {
        times.push_back(launch(*stub));
      } catch (const std::exception& error) {
        const std::lock_guard lock(mutex_);
        ++failures_[error.what()];
      }
    }
    const std::lock_guard lock(mutex_);
    times_.insert(times_.end(), times.begin(), times.end());
  }

  static void check(const grpc::Status& status) {
    if (!status.ok()) throw std::runtime_error(status.error_message());
  }

  // The seconds that the broker took.
  double launch(::Setup::Stub& stub) {
    const auto start = Clock::now();
    ::BundleRequest asks_bundle;
    asks_bundle.set_platformpublickey(host_.pdh);
    asks_bundle.set_certificatechain(host_.chain);
    asks_bundle.set_policy(kPolicy);
    ::BundleResponse bundle;
    grpc::ClientContext first;
    check(stub.GetLaunchBundle(&first, asks_bundle, &bundle));
    const auto opened = Clock::now();

    Platform::Guest guest = host_.platform.start(as_bytes(bundle.guestownerpublickey()),
                                                 as_bytes(bundle.launchblob()), kPolicy);
    owner::Nonce nonce{};
    owner::SystemRandom().fill(nonce);
    const core::Bytes measurement = host_.platform.measure(guest, launch_digest(), nonce);

    const auto measured = Clock::now();
    ::SecretRequest asks_secret;
    asks_secret.set_launchmeasurement(measurement.data(), measurement.size());
    asks_secret.set_connectionid(bundle.connectionid());
    asks_secret.set_apimajor(host_.platform.firmware.api_major);
    asks_secret.set_apiminor(host_.platform.firmware.api_minor);
    asks_secret.set_buildid(host_.platform.firmware.build_id);
    asks_secret.set_policy(kPolicy);
    asks_secret.set_keysetid("KEYSET-1");
    ::SecretResponse secret;
    grpc::ClientContext second;
    check(stub.GetLaunchSecret(&second, asks_secret, &secret));
    const auto released = Clock::now();
    static_cast<void>(host_.platform.inject(guest, as_bytes(secret.launchsecretheader()),
                                            as_bytes(secret.launchsecretdata())));
    return std::chrono::duration<double>(opened - start + (released - measured)).count();
  }

  Host host_;
  std::vector<std::string> brokers_;
  Clock::time_point end_;
  std::mutex mutex_;
  std::vector<double> times_;
  std::map<std::string, std::uint64_t> failures_;
};

std::int64_t processor_microseconds() {
  std::timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1000000 + time.tv_nsec / 1000;
}

int run(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: launch_load PLATFORM HOSTS SECONDS BROKER...\n");
    return 64;
  }
  Load load(argv[1], {argv + 4, argv + argc}, std::atof(argv[3]));
  const std::int64_t before = processor_microseconds();
  load.run(static_cast<std::size_t>(std::atoi(argv[2])));
  tools::Json failures = tools::Json::object();
  for (const auto& [text, count] : load.failures()) failures.set(text, count);
  tools::write_output(
      tools::Json::object({{"launches", std::uint64_t{load.launches()}},
                           {"failures", failures},
                           {"median_ms", static_cast<std::int64_t>(load.milliseconds(0.5))},
                           {"p99_ms", static_cast<std::int64_t>(load.milliseconds(0.99))},
                           {"processor_us", processor_microseconds() - before}})
          .line() +
      "\n");
  return load.failures().empty() ? 0 : 1;
}

}  // namespace
}  // namespace oskbc::test

int main(int argc, char** argv) { return oskbc::test::run(argc, argv); }
