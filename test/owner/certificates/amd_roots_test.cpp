// SPDX-License-Identifier: Apache-2.0
#include "owner/certificates/amd_roots.h"

#include <string>

#include "base/status.h"
#include "owner/certificates/certificate_chain.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::amd_roots_test {

using core::Bytes;
using core::ByteView;
using owner::AmdCertificate;
using owner::CertificateChain;
using owner::Usage;

namespace {

constexpr std::size_t kShort = 576;

Bytes root(const char* generation, const char* name) {
  return test::from_base64(test::owner_vectors("amd_roots.json")[generation][name]);
}

Bytes short_ark() {
  Bytes ark = root("naples", "ark");
  ark.resize(kShort);
  return ark;
}

Bytes joined(Bytes first, const Bytes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

bool holds(const CertificateChain& chain) {
  for (const auto& link : chain.check_roots()) {
    if (!link.holds()) return false;
  }
  return true;
}

// Of the ASK's and the ARK's file.
CertificateChain chain_of(const Bytes& bytes) {
  CertificateChain chain;
  chain.add(bytes, "F");
  return chain;
}

}  // namespace

TEST_CASE("AMD's roots are known by name, and hold") {
  const std::pair<const char*, std::string> kNames[] = {{"naples", "Naples"},
                                                        {"rome", "Rome"},
                                                        {"milan", "Milan"},
                                                        {"genoa", "Genoa"},
                                                        {"turin", "Turin"}};
  for (const auto& [file, name] : kNames) {
    CAPTURE(name);
    const CertificateChain chain = chain_of(joined(root(file, "ask"), root(file, "ark")));
    CHECK(chain.has_roots_only());
    CHECK(chain.check_roots().size() == 2);
    CHECK(holds(chain));
    CHECK(owner::generation_of_ark(*chain.amd(Usage::ark)) == name);
  }
}

TEST_CASE("a root that is not AMD's has no name, nor has AMD's with a bit changed") {
  const auto made_up = test::from_base64(test::owner_vectors("chains.json")["rsa_4096"]["ark"]);
  CHECK(owner::generation_of_ark(AmdCertificate::parse(made_up, "F")) == nullptr);
  Bytes changed = root("milan", "ark");
  changed.back() ^= 1;
  CHECK(owner::generation_of_ark(AmdCertificate::parse(changed, "F")) == nullptr);
}

TEST_CASE("an ARK can be checked alone, and an ASK not without its ARK") {
  CHECK(chain_of(root("milan", "ark")).check_roots().size() == 1);
  CHECK(holds(chain_of(root("milan", "ark"))));
  CHECK_FALSE(holds(chain_of(root("milan", "ask"))));
  CHECK_FALSE(holds(chain_of(joined(root("milan", "ask"), root("genoa", "ark")))));
}

TEST_CASE("AMD's short file for Naples is read") {
  const CertificateChain chain = chain_of(joined(root("naples", "ask"), short_ark()));
  CHECK(holds(chain));
  CHECK(chain.amd(Usage::ark)->is_short());
  CHECK(owner::generation_of_ark(*chain.amd(Usage::ark)) == std::string("Naples"));
  // And what follows it is found.
  CHECK(holds(chain_of(joined(short_ark(), root("naples", "ask")))));
}

TEST_CASE("the whole root of Naples takes the short one's place") {
  for (const bool short_first : {true, false}) {
    CertificateChain chain = chain_of(root("naples", "ask"));
    chain.add(short_first ? short_ark() : root("naples", "ark"), "A");
    chain.add(short_first ? root("naples", "ark") : short_ark(), "B");
    CHECK_FALSE(chain.amd(Usage::ark)->is_short());
    CHECK(holds(chain));
  }
}

TEST_CASE("no other certificate may be short") {
  const auto fails = [](const Bytes& bytes) {
    return test::failure_of([&] { static_cast<void>(chain_of(bytes)); }).status ==
           core::Status::argument;
  };
  for (const std::size_t byte : {std::size_t{4}, std::size_t{70}, kShort - 1}) {
    Bytes changed = short_ark();
    changed[byte] ^= 1;
    CHECK(fails(changed));
  }
  Bytes shorter = short_ark();
  shorter.pop_back();
  CHECK(fails(shorter));
  Bytes longer = short_ark();
  longer.push_back(0);
  CHECK(fails(longer));
  Bytes ask = root("naples", "ask");
  ask.resize(kShort);
  CHECK(fails(ask));
  Bytes rome = root("rome", "ark");
  rome.resize(64 + 1024);
  CHECK(fails(rome));
}

}  // namespace oskbc::amd_roots_test
