// SPDX-License-Identifier: Apache-2.0
#include "agent/grpc_services.h"

#include <getresource.grpc.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <keyprovider.grpc.pb.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "services/status.h"

namespace oskbc::agent {
namespace {

namespace kp = keyprovider;
namespace gr = getresource;
using google::protobuf::io::CodedOutputStream;

// The bytes stay where they are until gRPC has no more use for them, and are wiped then.
grpc::Slice slice_of(Buffer bytes) {
  auto owner = std::make_unique<Buffer>(std::move(bytes));
  const auto release = [](void* buffer) { delete static_cast<Buffer*>(buffer); };
  grpc::Slice slice(owner->data(), owner->size(), release, owner.get());
  static_cast<void>(owner.release());
  return slice;
}

// Both replies are one field with bytes; protobuf would copy them twice, and wipe neither copy.
grpc::ByteBuffer message_of(int field, Buffer bytes) {
  // In protobuf's encoding, what follows such a tag is a length and that many bytes.
  constexpr std::uint32_t kBytes = 2;
  std::array<std::uint8_t, 16> head{};
  std::uint8_t* end = CodedOutputStream::WriteTagToArray(
      static_cast<std::uint32_t>(field) << 3U | kBytes, head.data());
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(bytes.size()), end);
  const std::array<grpc::Slice, 2> slices = {
      grpc::Slice(head.data(), static_cast<std::size_t>(end - head.data())),
      slice_of(std::move(bytes))};
  return {slices.data(), slices.size()};
}

template <typename Message>
Message parse(const grpc::ByteBuffer& bytes) {
  grpc::ByteBuffer consumed = bytes;
  Message message;
  if (!grpc::SerializationTraits<Message>::Deserialize(&consumed, &message).ok()) {
    core::fail(core::Status::request, "the message is no %s",
               Message::descriptor()->full_name().c_str());
  }
  return message;
}

// Runs a method, and reports why it fails where nobody sees the client's errors.
grpc::ServerUnaryReactor* finish(grpc::CallbackServerContext& context, const char* method,
                                 const std::function<void()>& run) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  // Nobody waits any more, so the keyset need not be opened for it.
  if (context.IsCancelled()) {
    reactor->Finish(grpc::Status::CANCELLED);
    return reactor;
  }
  const grpc::Status status = services::answer(run);
  if (!status.ok()) {
    std::fprintf(stderr, "oskbc-agent-grpc: %s: %s\n", method, status.error_message().c_str());
  }
  reactor->Finish(status);
  return reactor;
}

using RawKeyProvider = kp::KeyProviderService::WithRawCallbackMethod_WrapKey<
    kp::KeyProviderService::WithRawCallbackMethod_UnWrapKey<kp::KeyProviderService::Service>>;

class KeyProvider final : public RawKeyProvider {
 public:
  explicit KeyProvider(const Requests& requests) : requests_(requests) {}

  grpc::ServerUnaryReactor* WrapKey(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* /*request*/,
                                    grpc::ByteBuffer* /*response*/) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(
        {grpc::UNIMPLEMENTED,
         "OSKBC_E_UNSUPPORTED: a guest only unwraps; the owner wraps with `oskbc keyprovider`"});
    return reactor;
  }

  grpc::ServerUnaryReactor* UnWrapKey(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override {
    return finish(*context, "UnWrapKey", [&] {
      const auto input = parse<kp::keyProviderKeyWrapProtocolInput>(*request);
      *response = message_of(
          kp::keyProviderKeyWrapProtocolOutput::kKeyProviderKeyWrapProtocolOutputFieldNumber,
          requests_.unwrap_key(input.keyproviderkeywrapprotocolinput()));
    });
  }

 private:
  const Requests& requests_;
};

class Resources final : public gr::GetResourceService::WithRawCallbackMethod_GetResource<
                            gr::GetResourceService::Service> {
 public:
  explicit Resources(const Requests& requests) : requests_(requests) {}

  grpc::ServerUnaryReactor* GetResource(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override {
    return finish(*context, "GetResource", [&] {
      const auto input = parse<gr::GetResourceRequest>(*request);
      *response =
          message_of(gr::GetResourceResponse::kResourceFieldNumber,
                     requests_.resource(input.resourcepath(), input.kbcname(), input.kbsuri()));
    });
  }

 private:
  const Requests& requests_;
};

}  // namespace

std::shared_ptr<grpc::Service> make_key_provider_service(const Requests& requests) {
  return std::make_shared<KeyProvider>(requests);
}

std::shared_ptr<grpc::Service> make_resource_service(const Requests& requests) {
  return std::make_shared<Resources>(requests);
}

}  // namespace oskbc::agent
