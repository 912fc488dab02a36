// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>
#include <utility>

#include "common/error.h"
#include "luks/header.h"
#include "luks/metadata.h"

namespace oskbc::luks {
namespace {

using tools::refuse;

constexpr std::uint64_t kMaxKeyslotsSize = std::uint64_t{128} << 20;
constexpr std::size_t kMaxKeyslots = 32;
constexpr std::uint64_t kStripes = 4000;

bool is_one_of(const Value& value, std::initializer_list<std::string_view> texts) {
  return std::find(texts.begin(), texts.end(), value.text()) != texts.end();
}

void check_hash(const Value& hash) {
  if (!is_one_of(hash, {"sha256", "sha384", "sha512"})) hash.refuse("is none of SHA-2");
}

// An area on the disk.
struct Extent {
  std::uint64_t begin;
  std::uint64_t end;
};

// Everything that the JSON says; nothing that is not understood stays unnoticed.
class HeaderJson {
 public:
  HeaderJson(const Value& all, std::uint64_t copies) : all_(all), begin_(copies) {
    all_.only({"keyslots", "tokens", "segments", "digests", "config"});
  }

  Header read() {
    read_config();
    read_segment();
    for (const auto& [id, keyslot] : all_.at("keyslots").numbered()) read_keyslot(keyslot);
    if (header_.keyslots.empty() || header_.keyslots.size() > kMaxKeyslots) {
      all_.at("keyslots").refuse("are none, or too many");
    }
    check_overlap();
    read_digest();
    if (!all_.at("tokens").numbered().empty()) {
      all_.at("tokens").refuse(
          "could open the disk by other means than its passphrase; remove them with cryptsetup token remove");
    }
    header_.whole_size = end_;
    return std::move(header_);
  }

 private:
  void read_config() {
    const Value& config = all_.at("config");
    config.only({"json_size", "keyslots_size", "flags", "requirements"});
    if (config.at("json_size").number_in_text() != begin_ / 2 - kBinarySize) {
      config.at("json_size").refuse("is not what the header has");
    }
    const std::uint64_t size = config.at("keyslots_size").number_in_text();
    if (size % kBinarySize != 0 || size > kMaxKeyslotsSize) {
      config.at("keyslots_size").refuse("cannot be");
    }
    end_ = begin_ + size;
    if (const Value* flags = config.find("flags")) check_flags(*flags);
    if (const Value* requirements = config.find("requirements")) {
      requirements->only({"mandatory"});
      if (!requirements->at("mandatory").array().empty()) {
        requirements->refuse(
            "are more than a disk in its ordinary state has: finish its re-encryption");
      }
    }
  }

  // Of the lasting ones, "no-journal" gives up what integrity is for.
  static void check_flags(const Value& flags) {
    for (const Value& flag : flags.array()) {
      if (!is_one_of(flag, {"allow-discards", "same-cpu-crypt", "submit-from-crypt-cpus",
                            "no-read-workqueue", "no-write-workqueue"})) {
        flags.refuse("have one that is not known to be harmless");
      }
    }
  }

  void read_segment() {
    const Value::Members& segments = all_.at("segments").numbered();
    if (segments.size() != 1) all_.at("segments").refuse("are not exactly one");
    const Value& segment = segments[0].second;
    segment.only(
        {"type", "offset", "size", "iv_tweak", "encryption", "sector_size", "integrity", "flags"});
    if (segment.at("type").text() != "crypt") segment.refuse("is not encrypted");
    const Value* flags = segment.find("flags");
    if (flags != nullptr && !flags->array().empty()) flags->refuse("are of an unfinished change");
    segment_id_ = segments[0].first;
    header_.cipher = segment.at("encryption").text();
    header_.integrity = integrity_of(segment.find("integrity"));
    check_extent(segment);
  }

  static std::string integrity_of(const Value* integrity) {
    if (integrity == nullptr) return "none";
    integrity->only({"type", "journal_encryption", "journal_integrity", "key_size"});
    return integrity->at("type").text();
  }

  void check_extent(const Value& segment) const {
    const std::uint64_t sector = segment.at("sector_size").number();
    if (sector < 512 || sector > 4096 || (sector & (sector - 1)) != 0) {
      segment.at("sector_size").refuse("cannot be");
    }
    const std::uint64_t offset = segment.at("offset").number_in_text();
    if (offset < end_ || offset % sector != 0) {
      segment.at("offset").refuse("is not after the header and its keyslots");
    }
    if (segment.at("size").text() != "dynamic" &&
        segment.at("size").number_in_text() % sector != 0) {
      segment.at("size").refuse("cannot be");
    }
    static_cast<void>(segment.at("iv_tweak").number_in_text());
  }

  void read_keyslot(const Value& keyslot) {
    keyslot.only({"type", "key_size", "af", "area", "kdf", "priority"});
    if (keyslot.at("type").text() != "luks2") {
      keyslot.refuse("is not of the type luks2: there is an unfinished change");
    }
    const Value& af = keyslot.at("af");
    af.only({"type", "stripes", "hash"});
    if (af.at("type").text() != "luks1" || af.at("stripes").number() != kStripes) {
      af.refuse("is not as cryptsetup makes it");
    }
    check_hash(af.at("hash"));
    check_kdf(keyslot.at("kdf"));
    read_area(keyslot);
  }

  static void check_kdf(const Value& kdf) {
    if (kdf.at("type").text() == "pbkdf2") {
      kdf.only({"type", "hash", "iterations", "salt"});
      check_hash(kdf.at("hash"));
      if (kdf.at("iterations").number() < 1000) kdf.refuse("has fewer than 1000 iterations");
    } else {
      kdf.only({"type", "time", "memory", "cpus", "salt"});
      if (!is_one_of(kdf.at("type"), {"argon2i", "argon2id"})) kdf.refuse("is none of LUKS2");
      if (kdf.at("time").number() == 0 || kdf.at("memory").number() < 32 ||
          kdf.at("cpus").number() == 0) {
        kdf.refuse("has too little time or memory");
      }
    }
    static_cast<void>(kdf.at("salt").text());
  }

  void read_area(const Value& keyslot) {
    const Value& area = keyslot.at("area");
    area.only({"type", "offset", "size", "encryption", "key_size"});
    if (area.at("type").text() != "raw") area.refuse("is not raw");
    const std::uint64_t key_size = keyslot.at("key_size").number();
    const std::uint64_t begin = area.at("offset").number_in_text();
    const std::uint64_t size = area.at("size").number_in_text();
    if (begin < begin_ || begin > end_ || size > end_ - begin || begin % kBinarySize != 0) {
      area.refuse("is not where keyslots are");
    }
    if (key_size == 0 || key_size > size / kStripes) area.refuse("is too small for its key");
    const std::uint64_t area_key = area.at("key_size").number();
    if (area_key != 32 && area_key != 64) area.refuse("is not encrypted with 256 or 512 bits");
    extents_.push_back({begin, begin + size});
    header_.keyslots.push_back({keyslot.name(), area.at("encryption").text(), key_size});
  }

  void check_overlap() {
    std::ranges::sort(extents_, {}, &Extent::begin);
    for (std::size_t i = 1; i < extents_.size(); ++i) {
      if (extents_[i].begin < extents_[i - 1].end) {
        all_.at("keyslots").refuse("overlap");
      }
    }
  }

  // One digest for the segment and all keyslots: each key is the volume's, and is held against it.
  void read_digest() {
    const Value::Members& digests = all_.at("digests").numbered();
    if (digests.size() != 1) all_.at("digests").refuse("are not exactly one");
    const Value& digest = digests[0].second;
    digest.only({"type", "keyslots", "segments", "hash", "iterations", "salt", "digest"});
    if (digest.at("type").text() != "pbkdf2" || digest.at("iterations").number() < 1000) {
      digest.refuse("is not as cryptsetup makes it");
    }
    check_hash(digest.at("hash"));
    static_cast<void>(digest.at("salt").text());
    static_cast<void>(digest.at("digest").text());
    const std::vector<Value>& segments = digest.at("segments").array();
    if (segments.size() != 1 || segments[0].text() != segment_id_) {
      digest.refuse("is not the segment's");
    }
    for (const auto& [id, keyslot] : all_.at("keyslots").numbered())
      check_member(digest, id, keyslot);
    if (digest.at("keyslots").array().size() != header_.keyslots.size()) {
      digest.refuse("names keyslots that there are not, or one twice");
    }
    header_.key_size = header_.keyslots[0].key_size;
    for (const Keyslot& keyslot : header_.keyslots) {
      if (keyslot.key_size != header_.key_size) refuse("the keyslots' keys differ in length");
    }
  }

  static void check_member(const Value& digest, const std::string& id, const Value& keyslot) {
    const std::vector<Value>& ids = digest.at("keyslots").array();
    const auto is_it = [&id](const Value& value) { return value.text() == id; };
    if (std::none_of(ids.begin(), ids.end(), is_it)) keyslot.refuse("belongs to no segment");
  }

  const Value& all_;
  std::uint64_t begin_;  // of the keyslots' areas
  std::uint64_t end_ = 0;
  std::string segment_id_;
  std::vector<Extent> extents_;
  Header header_;
};

}  // namespace

Header read_metadata(std::string_view json, std::uint64_t copies) {
  const Value all = Value::parse(json);
  return HeaderJson(all, copies).read();
}

}  // namespace oskbc::luks
