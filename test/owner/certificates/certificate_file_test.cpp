// SPDX-License-Identifier: Apache-2.0
#include "owner/certificates/certificate_file.h"

#include <string>
#include <vector>

#include "base/status.h"
#include "format/base64.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::certificate_file_test {

using core::Bytes;
using owner::CertificateChain;
using owner::Usage;

namespace {

Bytes file(const char* name) {
  return test::from_base64(test::owner_vectors("chains.json")["rsa_2048"][name]);
}

Bytes chain_file() {
  Bytes all;
  for (const char* name : {"pek", "oca", "cek_exported"}) {
    const Bytes one = file(name);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

std::string base64(const Bytes& bytes) { return core::base64::encode(core::ByteView(bytes)); }

std::string in_lines(const std::string& text, const std::string& end) {
  std::string lines;
  for (std::size_t i = 0; i < text.size(); i += 76) lines += text.substr(i, 76) + end;
  return lines;
}

Bytes pdh_and_chain() {
  Bytes both = file("pdh");
  const Bytes chain = chain_file();
  both.insert(both.end(), chain.begin(), chain.end());
  return both;
}

Bytes read(const std::string& text) {
  return owner::certificates_in(core::as_bytes(std::string_view(text)), "F");
}

test::Failure failure(const std::string& text) {
  return test::failure_of([&] { static_cast<void>(read(text)); });
}

}  // namespace

TEST_CASE("certificates are read in every form in which peers write them") {
  const Bytes all = pdh_and_chain();
  const std::string pdh = base64(file("pdh"));
  const std::string chain = base64(chain_file());
  const std::string members = "\"pdh\": \"" + pdh + "\", \"cert-chain\": \"" + chain + "\"";
  const std::vector<std::string> forms = {
      // As sevctl and sev-tool write them.
      std::string(core::as_text(all)),
      base64(all),
      in_lines(base64(all), "\n"),
      in_lines(base64(all), "\r\n"),
      // Two texts after one another, each with its padding.
      pdh + "\n" + chain + "\n",
      // QEMU's monitor, with and without what is around it.
      "{\"return\": {" + members + ", \"cbitpos\": 51, \"reduced-phys-bits\": 1}}\r\n",
      "{" + members + "}",
      "{\"QMP\": {\"version\": {\"qemu\": {\"major\": 9}}, \"capabilities\": []}}\n{\"return\": {}}\n"
      "{\"return\": {" +
          members + "}, \"id\": \"libvirt-12\"}\n",
      // libvirt's.
      "pdh                : " + pdh + "\ncert-chain         : " + chain +
          "\ncbitpos            : 51\nreduced-phys-bits  : 1\n\n",
  };
  for (const std::string& form : forms) {
    INFO(form.substr(0, 60));
    CHECK(read(form) == all);
  }
}

TEST_CASE("either member of the answer is enough") {
  CHECK(read("{\"pdh\": \"" + base64(file("pdh")) + "\"}") == file("pdh"));
  CHECK(read("cert-chain : " + base64(chain_file())) == chain_file());
}

TEST_CASE("text that is no form of certificates is refused with its reason") {
  CHECK(failure("MARKER").status == core::Status::argument);
  CHECK_THAT(failure("MARKER").text, Catch::StartsWith("F: this is text, but not base64"));
  CHECK_THAT(failure(" \n").text, Catch::StartsWith("F: this is text, but not base64"));
  CHECK(failure("{\"pdh\": \"MARKER\"}").text == "F: its \"pdh\" is not base64");
  CHECK_THAT(failure("{\"return\": {}}").text, Catch::StartsWith("F: it has neither \"pdh\" nor"));
  CHECK_THAT(failure("sev-measurement : x").text, Catch::StartsWith("F: it has neither \"pdh\""));
  CHECK(failure("{\"pdh\": ").status == core::Status::argument);
  CHECK(failure("{\"pdh\": \"\"} x").status == core::Status::argument);
  const test::Failure shown = failure("{\"pdh\": \"MARKER\", MARKER}");
  CHECK(shown.text.find("MARKER") == std::string::npos);
}

TEST_CASE("a file is read and added to a chain, and its size is bounded") {
  const test::TempFolder folder;
  CertificateChain chain;
  owner::add_file(chain, folder.write("all", pdh_and_chain()));
  CHECK(chain.names() == "PDH, PEK, OCA, CEK");
  CHECK_FALSE(chain.has_roots_only());
  const std::string large = folder.write("large", std::string((1 << 16) + 1, 'A'));
  const auto failed = test::failure_of([&] { static_cast<void>(owner::read_certificates(large)); });
  CHECK(failed.status == core::Status::argument);
}

}  // namespace oskbc::certificate_file_test
