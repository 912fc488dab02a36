// SPDX-License-Identifier: Apache-2.0
#include <pre-attestation.grpc.pb.h>

#include "broker/answers.h"
#include "broker/client.h"
#include "broker/serve.h"
#include "format/base64.h"

namespace oskbc::broker {
namespace {

void put(std::string& field, core::ByteView bytes, BundleFormat format) {
  field = format == BundleFormat::base64 ? core::base64::encode(bytes)
                                         : std::string(core::as_text(bytes));
}

class SetupService final : public Setup::Service {
 public:
  SetupService(LaunchService& launches, BundleFormat format)
      : launches_(launches), format_(format) {}

  grpc::Status GetLaunchBundle(grpc::ServerContext* context, const BundleRequest* request,
                               BundleResponse* response) override {
    return answer([&] {
      const Bundle bundle = launches_.bundle(core::as_bytes(request->platformpublickey()),
                                             core::as_bytes(request->certificatechain()),
                                             request->policy(), client_of(*context));
      put(*response->mutable_guestownerpublickey(), bundle.godh, format_);
      put(*response->mutable_launchblob(), bundle.blob, format_);
      response->set_connectionid(bundle.connection);
    });
  }

  grpc::Status GetLaunchSecret(grpc::ServerContext* context, const ::SecretRequest* request,
                               SecretResponse* response) override {
    return answer([&] {
      const owner::LaunchSecret secret =
          launches_.secret({core::as_bytes(request->launchmeasurement()), request->connectionid(),
                            request->apimajor(), request->apiminor(), request->buildid(),
                            request->policy(), request->keysetid()},
                           client_of(*context));
      put(*response->mutable_launchsecretheader(), secret.header, BundleFormat::raw);
      put(*response->mutable_launchsecretdata(), secret.data, BundleFormat::raw);
    });
  }

 private:
  LaunchService& launches_;
  BundleFormat format_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_setup_service(LaunchService& launches, BundleFormat format) {
  return std::make_unique<SetupService>(launches, format);
}

}  // namespace oskbc::broker
