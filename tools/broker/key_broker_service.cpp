// SPDX-License-Identifier: Apache-2.0
#include <keybroker.grpc.pb.h>

#include "broker/answers.h"
#include "broker/client.h"
#include "broker/serve.h"
#include "format/base64.h"

namespace oskbc::broker {
namespace {

// Kata's shim and simple-kbs's client both hand what they get to QEMU or libvirt, as it is.
std::string in_base64(core::ByteView bytes) { return core::base64::encode(bytes); }

class KeyBrokerService final : public keybroker::KeyBrokerService::Service {
 public:
  KeyBrokerService(LaunchService& launches, const LaunchIds& ids)
      : launches_(launches), ids_(ids) {}

  grpc::Status GetBundle(grpc::ServerContext* context, const keybroker::BundleRequest* request,
                         keybroker::BundleResponse* response) override {
    return answer([&] {
      const Bundle bundle =
          launches_.bundle(core::as_bytes(std::string_view(request->certificatechain())),
                           request->policy(), client_of(*context));
      response->set_guestownerpublickey(in_base64(bundle.godh));
      response->set_launchblob(in_base64(bundle.blob));
      response->set_launchid(ids_.launch_id(bundle.connection));
    });
  }

  grpc::Status GetSecret(grpc::ServerContext* context, const keybroker::SecretRequest* request,
                         keybroker::SecretResponse* response) override {
    return answer([&] {
      // What is no base64 is no measurement.
      const auto measurement = core::base64::decode(std::string_view(request->launchmeasurement()));
      const owner::LaunchSecret secret = launches_.secret(
          request_of(*request, measurement.value_or(core::Bytes())), client_of(*context));
      response->set_launchsecretheader(in_base64(secret.header));
      response->set_launchsecretdata(in_base64(secret.data));
    });
  }

  grpc::Status GetOnlineSecret(grpc::ServerContext*, const keybroker::OnlineSecretRequest*,
                               keybroker::OnlineSecretResponse*) override {
    return {
        grpc::StatusCode::UNIMPLEMENTED,
        "THIS BROKER RELEASES SECRETS BEFORE THE GUEST STARTS (GetSecret); GUESTS THAT ASK LATER NEED AN ONLINE BROKER"};
  }

 private:
  // The firmware's digest is the host's word for what the measurement shows.
  [[nodiscard]] SecretRequest request_of(const keybroker::SecretRequest& request,
                                         core::ByteView measurement) const {
    SecretRequest made{measurement,
                       ids_.connection(request.launchid()),
                       static_cast<std::int32_t>(request.apimajor()),
                       static_cast<std::int32_t>(request.apiminor()),
                       static_cast<std::int32_t>(request.buildid()),
                       static_cast<std::int32_t>(request.policy()),
                       {}};
    made.secrets.emplace();
    for (const auto& one : request.secretrequests()) {
      made.secrets->push_back({one.guid(), one.format(), one.secrettype(), one.id()});
    }
    made.description = request.launchdescription();
    return made;
  }

  LaunchService& launches_;
  const LaunchIds& ids_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_key_broker_service(LaunchService& launches,
                                                       const LaunchIds& ids) {
  return std::make_unique<KeyBrokerService>(launches, ids);
}

}  // namespace oskbc::broker
