// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "owner/certificates/amd_certificate.h"
#include "owner/certificates/sev_certificate.h"
#include "owner/crypto/hash.h"

namespace oskbc::owner {

// The certificates between a platform's PDH and AMD's root (README.md here):
//
// ARK signs itself and the ASK, the ASK the CEK (one a processor), the CEK and the OCA (the
// platform's owner, who signs itself) the PEK, the PEK the PDH.
class CertificateChain {
 public:
  struct Link {
    std::string what;    // "PDH signed by PEK"
    std::string reason;  // why it does not hold; "" if it does
    [[nodiscard]] bool holds() const noexcept { return reason.empty(); }
  };

  // Takes the certificates of a file: any of them, one after the other. Throws Status::argument for
  // what is none, and for a certificate that differs from one of its kind that came before. Of a
  // CEK as the platform exports it, unsigned, and the same key as AMD signed it, the signed one
  // stays.
  void add(core::ByteView bytes, const std::string& file);

  // All links from the PDH up; never fewer, missing certificates break theirs.
  [[nodiscard]] std::vector<Link> check() const;
  // The links of AMD's own certificates alone: of the ASK, if there is one, and of the ARK.
  [[nodiscard]] std::vector<Link> check_roots() const;

  // What there is: "PEK, OCA, CEK".
  [[nodiscard]] std::string names() const;
  // Whether there are no certificates but AMD's own.
  [[nodiscard]] bool has_roots_only() const noexcept { return sev_.empty() && !amd_.empty(); }

  // Null if there is none.
  [[nodiscard]] const SevCertificate* sev(Usage usage) const;
  [[nodiscard]] const AmdCertificate* amd(Usage usage) const;

 private:
  [[nodiscard]] std::size_t add_first(core::ByteView bytes, const std::string& file);
  void add_sev(SevCertificate certificate);
  void add_amd(AmdCertificate certificate);
  [[nodiscard]] std::string missing(Usage subject, Usage signer) const;
  [[nodiscard]] Link check_sev(Usage subject, Usage signer) const;
  [[nodiscard]] Link check_cek() const;
  [[nodiscard]] Link check_amd(Usage subject) const;

  std::map<Usage, SevCertificate> sev_;
  std::map<Usage, AmdCertificate> amd_;
};

}  // namespace oskbc::owner
