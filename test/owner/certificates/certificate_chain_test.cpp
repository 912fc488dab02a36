// SPDX-License-Identifier: Apache-2.0
#include "owner/certificates/certificate_chain.h"

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::certificate_chain_test {

using owner::CertificateChain;

namespace {

using Files = std::vector<core::Bytes>;

core::Bytes file(const char* chain, const char* name) {
  return test::from_base64(test::owner_vectors("chains.json")[chain][name]);
}

core::Bytes joined(const char* chain, std::initializer_list<const char*> names) {
  core::Bytes all;
  for (const char* name : names) {
    const core::Bytes bytes = file(chain, name);
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

CertificateChain chain_of(const Files& files) {
  CertificateChain chain;
  for (const core::Bytes& bytes : files) chain.add(bytes, "F");
  return chain;
}

// What does not hold, with its reason.
std::map<std::string, std::string> broken(const Files& files) {
  std::map<std::string, std::string> links;
  for (const auto& link : chain_of(files).check()) {
    if (!link.holds()) links.emplace(link.what, link.reason);
  }
  return links;
}

test::Failure failure(const Files& files) {
  return test::failure_of([&] { static_cast<void>(chain_of(files)); });
}

constexpr auto kAll = {"pdh", "pek", "oca", "cek", "ask", "ark"};

Files separate(const char* chain) {
  Files files;
  for (const char* name : kAll) files.push_back(file(chain, name));
  return files;
}

// A chain of the files with one bit of one file changed.
Files with_change(std::size_t index, std::size_t byte) {
  Files files = separate("rsa_2048");
  files[index].at(byte) ^= 0x04;
  return files;
}

constexpr const char* kWrong = "the signature does not verify";

}  // namespace

TEST_CASE("whole chains hold, however they are spread over files") {
  for (const char* chain : {"rsa_2048", "rsa_4096", "ecdsa_sha384_and_rsa_oca"}) {
    CAPTURE(chain);
    CHECK(broken(separate(chain)).empty());
    CHECK(broken({joined(chain, kAll)}).empty());
    CHECK(broken({joined(chain, {"ark", "ask"}), joined(chain, {"cek", "oca", "pek", "pdh"})})
              .empty());
    // As the platform and AMD's key server give them.
    const core::Bytes exported = joined(chain, {"pek", "oca", "cek_exported"});
    CHECK(exported.size() == 6252);
    CHECK(broken({file(chain, "pdh"), exported, file(chain, "cek"), joined(chain, {"ask", "ark"})})
              .empty());
    CHECK(broken({file(chain, "cek"), exported, file(chain, "pdh"), joined(chain, {"ask", "ark"})})
              .empty());
  }
}

TEST_CASE("all links are there, from the PDH up") {
  std::vector<std::string> names;
  for (const auto& link : CertificateChain().check()) names.push_back(link.what);
  CHECK(names == std::vector<std::string>{"PDH signed by PEK", "PEK signed by OCA",
                                          "OCA signed by itself", "PEK signed by CEK",
                                          "CEK signed by ASK", "ASK signed by ARK",
                                          "ARK signed by itself"});
}

TEST_CASE("a CEK as the platform exports it is named as such") {
  const auto links = broken(
      {file("rsa_2048", "pdh"), joined("rsa_2048", {"pek", "oca", "cek_exported", "ask", "ark"})});
  REQUIRE(links.size() == 1);
  CHECK(links.at("CEK signed by ASK") ==
        "this CEK has no signature by an ASK, as the platform exports it; give the one that AMD's "
        "key "
        "server has for this processor");
}

TEST_CASE("a missing certificate breaks its links") {
  CHECK(broken({}).size() == 7);
  CHECK(broken({joined("rsa_2048", {"pek", "oca", "cek", "ask", "ark"})}).at("PDH signed by PEK") ==
        "the PDH certificate is missing");
  const auto without_pek = broken({joined("rsa_2048", {"pdh", "oca", "cek", "ask", "ark"})});
  CHECK(without_pek.size() == 3);
  CHECK(without_pek.at("PDH signed by PEK") == "the PEK certificate is missing");
  const auto without_ark = broken({joined("rsa_2048", {"pdh", "pek", "oca", "cek", "ask"})});
  CHECK(without_ark.size() == 2);
  CHECK(without_ark.at("ARK signed by itself") == "the ARK certificate is missing");
}

TEST_CASE("the link that was tampered with is the one that fails") {
  using Links = std::map<std::string, std::string>;
  CHECK(broken(with_change(0, 5)) == Links{{"PDH signed by PEK", kWrong}});
  CHECK(broken(with_change(0, 1060)) == Links{{"PDH signed by PEK", kWrong}});
  CHECK(broken(with_change(1, 1060)) == Links{{"PEK signed by OCA", kWrong}});
  CHECK(broken(with_change(1, 1580)) == Links{{"PEK signed by CEK", kWrong}});
  CHECK(broken(with_change(2, 1060)) == Links{{"OCA signed by itself", kWrong}});
  CHECK(broken(with_change(3, 4)) == Links{{"CEK signed by ASK", kWrong}});
  CHECK(broken(with_change(4, 64 + 5)) ==
        Links{{"ASK signed by ARK", kWrong}, {"CEK signed by ASK", kWrong}});
  CHECK(broken(with_change(4, 830)) == Links{{"ASK signed by ARK", kWrong}});
  CHECK(broken(with_change(4, 20)) ==
        Links{{"ASK signed by ARK", "its certifying key id is not the ARK's"}});
  CHECK(broken(with_change(5, 830)) == Links{{"ARK signed by itself", kWrong}});
  CHECK(broken(with_change(5, 20)) ==
        Links{{"ARK signed by itself", "its certifying key id is not the ARK's"}});
}

TEST_CASE("certificates of two platforms are no chain") {
  Files files = separate("rsa_2048");
  files[0] = file("rsa_4096", "pdh");
  CHECK(broken(files).at("PDH signed by PEK") == kWrong);
  files.push_back(file("rsa_2048", "pdh"));
  CHECK(failure(files).status == core::Status::argument);
  CHECK(failure(files).text == "F: this PDH is not that of F; one chain has one");
  CHECK(failure({file("rsa_2048", "ark"), file("rsa_4096", "ark")}).status ==
        core::Status::argument);
}

TEST_CASE("a certificate given twice is fine") {
  Files files = separate("rsa_2048");
  for (const char* name : kAll) files.push_back(file("rsa_2048", name));
  CHECK(broken(files).empty());
}

TEST_CASE("the made-up CEK of the vectors is signed by its OCA only") {
  Files files;
  for (const char* name : {"pdh", "pek", "oca", "cek"})
    files.push_back(test::certificate_bytes(name));
  const auto links = broken(files);
  CHECK(links.size() == 3);
  CHECK(links.count("CEK signed by ASK") == 1);
}

TEST_CASE("what is no certificate is refused, with its place") {
  CHECK(failure({{}}).status == core::Status::argument);
  CHECK(failure({core::Bytes(3000, 'x')}).text ==
        "F: this is no SEV certificate (PDH, PEK, OCA, CEK) and no ASK or ARK");
  core::Bytes bytes = joined("rsa_2048", {"pek", "oca"});
  bytes.resize(bytes.size() - 1);
  CHECK(failure({bytes}).text ==
        "F, from byte 2084: it has 2083 bytes; an SEV certificate has 2084");
  bytes = joined("rsa_2048", {"ask"});
  bytes.push_back(0);
  CHECK(failure({bytes}).text ==
        "F, from byte 832: this is no SEV certificate (PDH, PEK, OCA, CEK) and no ASK or ARK");
}

}  // namespace oskbc::certificate_chain_test
