// SPDX-License-Identifier: Apache-2.0
#include "host/doctor.h"

#include <optional>
#include <utility>

#include <boost/filesystem/operations.hpp>

#include "host/bounds.h"
#include "host/digest_check.h"
#include "host/findings.h"
#include "host/firmware_check.h"
#include "host/initrd_checks.h"
#include "host/kata_checks.h"
#include "host/kernel_checks.h"
#include "host/provider_checks.h"
#include "host/whole_file.h"
#include "owner/printable.h"

namespace oskbc::host {
namespace {

class Doctor {
 public:
  explicit Doctor(Setup setup) : setup_(std::move(setup)) {}

  tools::Report examine() {
    findings_.check("kata", [this] { return read_kata(); });
    if (kata_) {
      setup_.fill_from(*kata_);
      check_kata(*kata_, setup_, findings_);
    } else {
      skip_kata(findings_);
    }
    check_guest();
    findings_.check("ocicrypt", [this] { return check_ocicrypt(setup_); });
    findings_.check("skopeo", [this] { return check_skopeo(setup_); });
    return findings_.take();
  }

 private:
  // Without Kata there may still be a guest to look at, by its files.
  Verdict read_kata() {
    boost::system::error_code error;
    if (setup_.kata.empty() && !boost::filesystem::exists(kKataFile, error) && names_files()) {
      return unknown(std::string(kKataFile) + " is not there; --kata F names another");
    }
    const std::string file = setup_.kata.empty() ? kKataFile : setup_.kata;
    const core::Bytes text = read_whole_file(file, bounds::kText);
    kata_ = parse_kata_config(core::as_text(text), owner::printable(file));
    return good(owner::printable(file));
  }

  [[nodiscard]] bool names_files() const {
    return !(setup_.ovmf.empty() && setup_.kernel.empty() && setup_.initrd.empty() &&
             setup_.ocicrypt_conf.empty() && setup_.skopeo.empty());
  }

  void check_guest() {
    const KataConfig* kata = kata_ ? &*kata_ : nullptr;
    findings_.check("firmware", [&] { return check_firmware(kata, setup_); });
    Kernel kernel;
    check_kernel(kata, setup_, findings_, kernel);
    check_initrd(kata, setup_, kernel, findings_);
    // What can't be measured has no digest.
    const bool measurable =
        !findings_.failed("firmware") && !findings_.failed("kernel") && !findings_.failed("initrd");
    findings_.check("launch digest", [&] { return measurable ? check_digest(setup_) : unknown(); });
  }

  Setup setup_;
  std::optional<KataConfig> kata_;
  Findings findings_;
};

}  // namespace

tools::Report examine(const Setup& setup) { return Doctor(setup).examine(); }

}  // namespace oskbc::host
