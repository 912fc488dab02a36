// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "format/base64.h"

namespace oskbc::fault {

// 32 times the letter k: a throw-away test key. Ids too long to lie inside a string object, so that
// each takes memory, and a value with an escape, which takes secret pages of its own.
inline constexpr std::string_view kKeyset =
    R"({"default/key/the-key-that-wraps-the-layers":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",)"
    R"("default/resource/the-first-of-the-resources":"QUJD",)"
    R"("default/resource/an-id-that-comes-before-it":"QUJ\u0044"})";
inline constexpr std::size_t kKeysetEntries = 3;

// "layer options", wrapped with the key.
inline constexpr std::string_view kPlain = "layer options";
inline constexpr std::string_view kGcmPacket =
    R"({"kid":"kbs:///default/key/the-key-that-wraps-the-layers",)"
    R"("wrapped_data":"tuWBEUDYznSPPY4W6L97UulaWcRx82CCNuU2EVc=","iv":"aWlpaWlpaWlpaWlp",)"
    R"("wrap_type":"A256GCM"})";
inline constexpr std::string_view kCtrPacket =
    R"({"kid":"default/key/the-key-that-wraps-the-layers","wrapped_data":"dtBbhHEQxFMkNjagfg==",)"
    R"("iv":"aWlpaWlpaWlpaWlpaWlpaQ==","wrap_type":"A256CTR"})";
// Its tag was changed.
inline constexpr std::string_view kAlteredPacket =
    R"({"kid":"kbs:///default/key/the-key-that-wraps-the-layers",)"
    R"("wrapped_data":"tuWBEUDYznSPPY4W6L97UulaWcRx82CCNuU2EVA=","iv":"aWlpaWlpaWlpaWlp",)"
    R"("wrap_type":"A256GCM"})";

}  // namespace oskbc::fault
