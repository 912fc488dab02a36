// SPDX-License-Identifier: Apache-2.0
#include "owner/packet_generation.h"

#include <string>

#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using owner::packet_generation;
using owner::PacketGeneration;

namespace {

std::string packet(const std::string& kid, const std::string& wrap_type,
                   const std::string& more = "") {
  return R"({"kid":")" + kid + R"(","wrapped_data":"AA==","iv":"AA==","wrap_type":")" + wrap_type +
         "\"" + more + "}";
}

}  // namespace

TEST_CASE("every generation of the packet is told from the others") {
  CHECK(packet_generation(R"({"kid":"k","wrapped_data":[1],"iv":[2],"wrap_type":"aes_256_ctr"})") ==
        PacketGeneration::october_2021);
  CHECK(packet_generation(packet("key_id1", "aes_256_ctr")) == PacketGeneration::november_2021);
  CHECK(packet_generation(packet("key_id1", "aes_256_gcm")) == PacketGeneration::december_2022);
  for (const char* kid :
       {"kbs:///default/key/1", "kbs://host:8080/default/key/1", "key_id1", "default/key/1"}) {
    INFO(kid);
    CHECK(packet_generation(packet(kid, "A256GCM")) == PacketGeneration::february_2023);
    CHECK(packet_generation(packet(kid, "A256CTR")) == PacketGeneration::february_2023);
  }
  for (const char* kid : {"kbs:///kbs:///default/key/1", "kbs:////default/key/1"}) {
    INFO(kid);
    CHECK(packet_generation(packet(kid, "A256GCM")) == PacketGeneration::march_2023);
  }
  CHECK(packet_generation(packet(
            "kbs:///default/key/1", "A256GCM",
            R"(,"version":"0.1.0","provider":"kbs","provider_settings":{},"annotations":{})")) ==
        PacketGeneration::september_2023);
  for (const char* kid : {"/default/key/1", "host/default/key/1"}) {
    INFO(kid);
    CHECK(packet_generation(packet(kid, "A256GCM")) == PacketGeneration::may_2026);
  }
}

TEST_CASE("a packet that can't be read has no generation") {
  CHECK(test::status_of([] { static_cast<void>(packet_generation("{}")); }) ==
        core::Status::packet);
}

TEST_CASE("generations have names that differ") {
  CHECK(owner::name_of(PacketGeneration::october_2021) == std::string("October 2021"));
  CHECK(owner::name_of(PacketGeneration::september_2023) == std::string("September 2023 (V2)"));
}
