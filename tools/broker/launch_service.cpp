// SPDX-License-Identifier: Apache-2.0
#include "broker/launch_service.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "broker/launch_owner.h"
#include "common/error.h"
#include "common/io.h"
#include "common/text.h"
#include "owner/crypto/hash.h"
#include "owner/keys/keyset_policy.h"
#include "owner/launch/measurement.h"
#include "owner/launch/session.h"

namespace oskbc::broker {
namespace {

using core::ByteView;
using core::SecretBytes;

constexpr std::size_t kMeasurementSize = owner::kMacSize + owner::kNonceSize;

// Runs a check of ours; what it refuses, the client hears as this text.
template <typename Check>
void require(const char* text, Check check) {
  try {
    check();
  } catch (const tools::Refused& refused) {
    refuse(text, refused.what());
  } catch (const core::Error& error) {
    refuse(text, error.what());
  }
}

// The firmware's numbers are bytes. What does not fit is nobody's, and cutting it would make
// another firmware of it.
std::uint8_t byte_of(std::int32_t number, const char* text) {
  if (number >= 0 && number <= std::numeric_limits<std::uint8_t>::max()) {
    return static_cast<std::uint8_t>(number);
  }
  refuse(text, "a number from 0 to 255 is needed, not " + std::to_string(number));
}

SecretBytes field(ByteView bytes, const char* name) {
  SecretBytes copy(bytes.size());
  std::ranges::copy(bytes, copy.expose_writable().begin());
  return tools::binary_or_base64(std::move(copy), name);
}

// What is no base64 is no certificate, which whoever looks at these will say.
SecretBytes decoded_or_nothing(ByteView bytes) try {
  return field(bytes, "CertificateChain");
} catch (const core::Error&) {
  return {};
}

Client client_in(const AuditRecord& entry) { return {entry.client, entry.client_name}; }

// Of the limits, the owner's audit has the one; the client learns nothing of others' launches.
[[noreturn]] void refuse_for(Room room) {
  const char* reason = "as many launches wait for their secret as may (--max-launches)";
  if (room == Room::none_for_owner) {
    reason = "as many launches of this client wait as may (--max-launches-per-client)";
  } else if (room == Room::none_for_platform) {
    reason = "as many launches of this platform wait as may (--max-launches-per-platform)";
  }
  throw ClientError(Code::resource_exhausted, "TOO MANY CONNECTIONS", reason);
}

std::string text_of(const owner::Firmware& firmware) {
  return std::to_string(firmware.api_major) + "." + std::to_string(firmware.api_minor) + "." +
         std::to_string(firmware.build_id);
}

// In the order of gop-server.py.
owner::Firmware check_firmware(const SecretRequest& request,
                               std::vector<RequestedSecret>& secrets) {
  constexpr const char* kMajor = "API MAJOR VERSION INVALID";
  constexpr const char* kMinor = "API MINOR VERSION INVALID";
  constexpr const char* kBuild = "BUILD-ID INVALID";
  owner::Firmware firmware;
  const auto check = [&](const char* text, auto condition) {
    keep_allowing(secrets, text, [&](const Keyset& keyset) {
      condition(keyset.policy, std::string(keyset.id), firmware);
    });
  };
  firmware.api_major = byte_of(request.api_major, kMajor);
  check(kMajor, owner::check_api_major);
  firmware.api_minor = byte_of(request.api_minor, kMinor);
  check(kMinor, owner::check_api_minor);
  firmware.build_id = byte_of(request.build_id, kBuild);
  check(kBuild, owner::check_build);
  return firmware;
}

std::vector<WantedSecret> wanted_of(const SecretRequest& request) {
  return request.secrets ? *request.secrets : std::vector{whole_keyset(request.keyset)};
}

// Where it is one; which keysets release single keys shows later.
std::optional<std::string> keyset_asked(const SecretRequest& request) {
  const std::vector<WantedSecret> wanted = wanted_of(request);
  if (wanted.size() != 1 || wanted[0].type != whole_keyset({}).type) return std::nullopt;
  return wanted[0].id;
}

// The ids of the keysets that release them, each once.
std::string names_of(const std::vector<RequestedSecret>& secrets) {
  std::set<std::string_view> ids;
  for (const RequestedSecret& secret : secrets) ids.insert(secret.keysets.front()->id);
  std::string names;
  for (const std::string_view id : ids) (names += names.empty() ? "" : ", ") += id;
  return names;
}

std::size_t count_keys(const std::vector<RequestedSecret>& secrets) {
  std::size_t count = 0;
  for (const RequestedSecret& secret : secrets) count += secret.keys.size();
  return count;
}

// Each once.
std::vector<std::string> ids_of(const std::vector<RequestedSecret>& secrets,
                                const Keysets& keysets) {
  std::set<std::string> ids;
  for (const RequestedSecret& secret : secrets) {
    for (const owner::KeysFile::Number key : secret.keys) ids.insert(keysets.keys().id(key));
  }
  return {ids.begin(), ids.end()};
}

SecretBytes table_of(const std::vector<RequestedSecret>& secrets, const Keysets& keysets) {
  std::vector<TablePart> parts;
  for (const RequestedSecret& secret : secrets) parts.push_back(secret.part());
  try {
    return keysets.table(parts);
  } catch (const core::Error& error) {
    refuse("SECRETS TOO LARGE", error.what());
  }
}

constexpr const char* kPolicy = "POLICY INVALID";
constexpr const char* kConnection = "CONNECTION ID INVALID";
constexpr const char* kMeasurement = "MEASUREMENT INVALID";

}  // namespace

LaunchService::LaunchService(LaunchStore& store, std::shared_ptr<const PlatformTrust> trust,
                             Audit& audit, std::shared_ptr<const Keysets> keysets,
                             const Options& options)
    : store_(store),
      audit_(audit),
      options_(options),
      trust_(std::move(trust)),
      keysets_(std::move(keysets)) {}

std::shared_ptr<const Keysets> LaunchService::keysets() const {
  const std::lock_guard lock(mutex_);
  return keysets_;
}

std::shared_ptr<const PlatformTrust> LaunchService::trust() const {
  const std::lock_guard lock(mutex_);
  return trust_;
}

// The old ones go after the lock: that takes a while where they are many.
void LaunchService::replace(std::shared_ptr<const Keysets> keysets) {
  const std::lock_guard lock(mutex_);
  keysets_.swap(keysets);
}

void LaunchService::replace(std::shared_ptr<const PlatformTrust> trust) {
  const std::lock_guard lock(mutex_);
  trust_ = std::move(trust);
}

// Without its line in the audit there is no answer: a secret that nobody could account for stays
// here.
void LaunchService::record(const AuditRecord& entry) {
  try {
    const StepTimer timer(options_.metrics, Step::audit);
    audit_.write(entry);
  } catch (const core::Error& error) {
    if (options_.metrics != nullptr) options_.metrics->not_recorded(entry);
    throw ClientError(Code::unavailable, "AUDIT UNAVAILABLE", error.what());
  }
  if (options_.metrics != nullptr) options_.metrics->decided(entry);
}

void LaunchService::record(AuditRecord& entry, const ClientError& error) {
  entry.decision = "refused";
  entry.answer = error.what();
  entry.reason = error.reason();
  record(entry);
}

// Runs the work and records whatever it ends with.
template <typename Result, typename Work>
Result LaunchService::decide(AuditRecord& entry, const char* done, Work work) {
  // Nothing was decided of a request that comes too late, so the audit has nothing of it.
  const RunningRequests::One running(running_);
  std::optional<Result> result;
  try {
    result = work();
  } catch (const ClientError& error) {
    record(entry, error);
    throw;
  } catch (const core::Error& error) {
    const bool passing = error.status() == core::Status::io;
    const ClientError told(passing ? Code::unavailable : Code::internal,
                           passing ? "STATE UNAVAILABLE" : "INTERNAL ERROR", error.what());
    record(entry, told);
    throw told;
  }
  entry.decision = done;
  record(entry);
  return std::move(*result);
}

Bundle LaunchService::bundle(ByteView pdh, ByteView chain, std::int32_t policy,
                             const Client& client) {
  AuditRecord entry;
  entry.event = "bundle";
  entry.client = client.address;
  entry.client_name = client.name;
  entry.policy = static_cast<std::uint32_t>(policy);
  entry.chain_skipped = options_.skip_chain;
  return decide<Bundle>(entry, "opened", [&] { return open(pdh, chain, entry); });
}

Bundle LaunchService::bundle(ByteView exported, std::uint32_t policy, const Client& client) {
  const SecretBytes bytes = decoded_or_nothing(exported);
  const ByteView all = bytes.expose();
  const std::size_t pdh = std::min(all.size(), owner::SevCertificate::kSize);
  return bundle(all.first(pdh), all.subspan(pdh), static_cast<std::int32_t>(policy), client);
}

Bundle LaunchService::open(ByteView pdh, ByteView chain, AuditRecord& entry) {
  if (!keysets()->admits(*entry.policy, entry.client_name)) {
    refuse(kPolicy, "no keyset that this client may have allows the policy");
  }
  SecretBytes certificate;
  SecretBytes others;
  std::optional<owner::SevCertificate> platform;
  require("PLATFORM PUBLIC KEY INVALID", [&] {
    certificate = field(pdh, "PlatformPublicKey");
    platform = owner::SevCertificate::parse(certificate.expose(), "PlatformPublicKey");
    static_cast<void>(platform->pdh_point());
  });
  const owner::Digest fingerprint = owner::sha256(certificate.expose());
  entry.platform = tools::to_hex(fingerprint);
  require("CERTIFICATE CHAIN INVALID", [&] {
    const StepTimer timer(options_.metrics, Step::chain);
    if (!options_.skip_chain) others = field(chain, "CertificateChain");
    trust()->verify(certificate.expose(), others.expose());
  });
  owner::SystemRandom random;
  owner::Session session = timed(options_.metrics, Step::session, [&] {
    return owner::make_session(*platform, *entry.policy, random);
  });
  Room room = Room::yes;
  const auto id = timed(options_.metrics, Step::state_open, [&] {
    return store_.open(
        {std::move(session.keys), *entry.policy, fingerprint, owner_of(client_in(entry)), {}},
        &room);
  });
  if (!id) refuse_for(room);
  entry.connection = *id;
  const ByteView godh = session.godh.bytes();
  return {{godh.begin(), godh.end()}, {session.blob.begin(), session.blob.end()}, *id};
}

owner::LaunchSecret LaunchService::secret(const SecretRequest& request, const Client& client) {
  AuditRecord entry;
  entry.event = "secret";
  entry.client = client.address;
  entry.client_name = client.name;
  entry.connection = request.connection;
  entry.keyset = keyset_asked(request);
  if (request.secrets) entry.secrets = describe(*request.secrets);
  entry.description = request.description;
  entry.policy = static_cast<std::uint32_t>(request.policy);
  entry.measurement_skipped = options_.skip_measurement;
  return decide<owner::LaunchSecret>(entry, "released", [&] { return release(request, entry); });
}

// Unknown, used, closed, expired: a client learns no more than that there is none.
Launch LaunchService::find(ConnectionId id, const Client& client) {
  std::optional<Launch> launch;
  try {
    const StepTimer timer(options_.metrics, Step::state_find);
    launch = store_.find(id);
  } catch (const core::Error& error) {
    if (error.status() != core::Status::decrypt) throw;
    refuse(kConnection, error.what());
  }
  if (!launch) refuse(kConnection, "no open launch has this id: it is unknown, used or expired");
  if (store_.was_used(id)) {
    refuse(kConnection, "the launch was used before: somebody has brought an older state back");
  }
  if (!may_use(client, launch->owner)) refuse(kConnection, "another client opened this launch");
  return std::move(*launch);
}

owner::Mac LaunchService::verify(const SecretRequest& request,
                                 std::vector<RequestedSecret>& secrets, const Launch& launch,
                                 const owner::Firmware& firmware, AuditRecord& entry) const {
  if (launch.policy != *entry.policy) refuse(kPolicy, "the launch was opened for another policy");
  if (request.measurement.size() != kMeasurementSize) {
    refuse(kMeasurement, "it has " + std::to_string(request.measurement.size()) +
                             " bytes; measurement and nonce have " +
                             std::to_string(kMeasurementSize));
  }
  owner::Mac measure{};
  owner::Nonce mnonce{};
  std::ranges::copy(request.measurement.first(measure.size()), measure.begin());
  std::ranges::copy(request.measurement.last(mnonce.size()), mnonce.begin());
  entry.measurement = tools::to_hex(measure);
  if (options_.skip_measurement) return measure;
  keep_allowing(secrets, kMeasurement, [&](const Keyset& keyset) {
    const auto& allowed = keyset.policy.allowed_digests;
    if (!allowed) tools::refuse("the keyset has no allowed_digests to compare with");
    const auto digest = timed(options_.metrics, Step::measurement, [&] {
      return owner::find_measured(launch.keys.tik.expose(), firmware, launch.policy, *allowed,
                                  mnonce, measure);
    });
    if (!digest) {
      tools::refuse("no digest that the keyset allows was measured with this launch's TIK");
    }
    entry.digest = tools::to_hex(*digest);
  });
  return measure;
}

owner::LaunchSecret LaunchService::release(const SecretRequest& request, AuditRecord& entry) {
  const std::shared_ptr<const Keysets> all = keysets();
  std::vector<RequestedSecret> secrets = find_secrets(wanted_of(request), *all, entry.client_name);
  keep_allowing(secrets, kPolicy, [&](const Keyset& one) {
    owner::check_policy(one.policy, std::string(one.id), *entry.policy);
  });
  const owner::Firmware firmware = check_firmware(request, secrets);
  entry.firmware = text_of(firmware);
  const Launch launch = find(request.connection, client_in(entry));
  entry.platform = tools::to_hex(launch.pdh);
  std::optional<owner::Mac> binding;
  try {
    binding = verify(request, secrets, launch, firmware, entry);
  } catch (const ClientError&) {
    store_.count_failure(request.connection);
    throw;
  }
  if (!owner::has_full_measurement(firmware)) binding.reset();
  const SecretBytes table = table_of(secrets, *all);
  owner::SystemRandom random;
  owner::LaunchSecret sealed = timed(options_.metrics, Step::seal, [&] {
    return owner::seal_launch_secret(table.expose(), launch.keys, binding, random);
  });
  // From here on the launch is used, whatever happens to the answer.
  if (!timed(options_.metrics, Step::state_claim,
             [&] { return store_.claim(request.connection, launch); })) {
    refuse(kConnection, "another request used this launch meanwhile");
  }
  entry.keyset = names_of(secrets);
  entry.keys = count_keys(secrets);
  if (options_.audit_key_ids) entry.key_ids = ids_of(secrets, *all);
  return sealed;
}

}  // namespace oskbc::broker
