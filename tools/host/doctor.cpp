// SPDX-License-Identifier: Apache-2.0
#include "host/doctor.h"

#include <unistd.h>

#include <utility>

#include "common/text.h"
#include "host/checks.h"
#include "host/kata_config.h"
#include "host/kernel.h"
#include "host/whole_file.h"

namespace oskbc::host {
namespace {

class Doctor {
 public:
  explicit Doctor(Setup setup) : setup_(std::move(setup)) {}

  Report examine() {
    report_.check("kata", [this] { return read_kata(); });
    if (kata_) {
      setup_.fill_from(*kata_);
      check_kata(*kata_, setup_, report_);
    } else {
      skip_kata(report_);
    }
    check_guest();
    report_.check("ocicrypt", [this] { return check_ocicrypt(setup_); });
    report_.check("skopeo", [this] { return check_skopeo(setup_); });
    return std::move(report_);
  }

 private:
  // Without Kata there may still be a guest to look at, by its files.
  Verdict read_kata() {
    if (setup_.kata.empty() && ::access(kKataFile, F_OK) != 0 && names_files()) {
      return unknown(std::string(kKataFile) + " is not there; --kata F names another");
    }
    const std::string file = setup_.kata.empty() ? kKataFile : setup_.kata;
    const core::Bytes text = read_whole_file(file, bounds::kText);
    kata_ = parse_kata_config(core::as_text(text), tools::printable(file));
    return good(tools::printable(file));
  }

  [[nodiscard]] bool names_files() const {
    return !(setup_.ovmf.empty() && setup_.kernel.empty() && setup_.initrd.empty() &&
             setup_.ocicrypt_conf.empty() && setup_.skopeo.empty());
  }

  void check_guest() {
    const KataConfig* kata = kata_ ? &*kata_ : nullptr;
    report_.check("firmware", [&] { return check_firmware(kata, setup_); });
    Kernel kernel;
    check_kernel(kata, setup_, report_, kernel);
    check_initrd(kata, setup_, kernel, report_);
    // What can't be measured has no digest.
    const bool measurable =
        !report_.failed("firmware") && !report_.failed("kernel") && !report_.failed("initrd");
    report_.check("launch digest", [&] { return measurable ? check_digest(setup_) : unknown(); });
    report_.check("allowed-policies", [&] { return check_keyset_policies(setup_); });
  }

  Setup setup_;
  std::optional<KataConfig> kata_;
  Report report_;
};

void fill(std::string& value, const std::string& from) {
  if (value.empty()) value = from;
}

}  // namespace

void Setup::fill_from(const KataConfig& config) {
  fill(ovmf, config.firmware);
  fill(kernel, config.kernel);
  fill(initrd, config.initrd);
  fill(keyset, config.guest_attestation_keyset);
}

std::string not_named(const char* option) {
  return std::string("none is named; give ") + option + ", or a Kata configuration that names one";
}

tools::Report examine(const Setup& setup) { return Doctor(setup).examine(); }

}  // namespace oskbc::host
