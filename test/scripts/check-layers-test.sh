#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Proves that check-layers.sh sees what it is there for: plants one violation after the other in a copy of
# the sources and expects each to be found, by its file and its reason.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

plants=0

run_check() {
  "$top/test/scripts/check-layers.sh" "$work" 2>&1
}

# Adds a line to a file of the copy, expects a message, and takes the line away again.
finds() {
  local file=$1 line=$2 message=$3 output status=0
  plants=$((plants + 1))
  cp "$work/$file" "$work/.kept"
  printf '%s\n' "$line" >>"$work/$file"
  output=$(run_check) || status=$?
  mv "$work/.kept" "$work/$file"
  if [ "$status" != 1 ] || ! grep -qF "FAIL $file:" <<<"$output" || ! grep -qF "$message" <<<"$output"; then
    problem check-layers.sh "does not find '$line' in $file" "expected exit status 1 and: $message"
  fi
}

passes() {
  local output
  output=$(run_check) || {
    problem "$1" 'check-layers.sh fails' 'mend this first:'
    printf '%s\n' "$output"
  }
}

make_copy() {
  mkdir "$work/tools"
  cp -R "$top/include" "$top/lib" "$work"
  # The tools in miniature: their real files come and go.
  mkdir -p "$work"/tools/{common,oskbc,owner/{crypto,keys},host,sev-guest-owner,unheard-of}
  touch "$work"/tools/{common/a.h,oskbc/b.h,owner/{crypto,keys}/c.h,host/f.h,sev-guest-owner/d.h,unheard-of/e.h}
}

plant_wrong_edges() {
  finds lib/base/status.h '#include "format/base64.h"' 'base includes format'
  finds lib/source/chain.cpp '#include "format/base64.h"' 'source includes format'
  finds lib/source/chain.cpp '#include "crypto/evp.h"' 'source includes crypto'
  finds lib/format/base64.cpp '# include "source/secret_paths.h"' 'format includes source'
  finds lib/format/base64.cpp '#include "crypto/evp.h"' 'format includes crypto'
  finds lib/crypto/evp.h '#include "format/base64.h"' 'crypto includes format'
  finds lib/format/base64.h '  #include "client/client.h"' 'format includes client'
  finds lib/client/client.h '#include "capi/guard.h"' 'client includes capi'
  finds lib/client/client.h '#include "oskbc/oskbc.h"' 'client includes public'
  finds include/oskbc/oskbc.h '#include <base/status.h>' 'public includes base'
  finds lib/capi/guard.h '#include "common/a.h"' 'is not a file as seen from lib/'
}

plant_in_tools() {
  finds tools/oskbc/b.h '#include "capi/guard.h"' 'tools/oskbc includes capi'
  finds tools/oskbc/b.h '#include "owner/keys/c.h"' 'tools/oskbc includes tools/owner/keys'
  finds tools/oskbc/b.h '#include "sev-guest-owner/d.h"' 'tools/oskbc includes tools/sev-guest-owner'
  finds tools/common/a.h '#include "oskbc/b.h"' 'tools/common includes tools/oskbc'
  finds tools/owner/keys/c.h '#include "sev-guest-owner/d.h"' 'tools/owner/keys includes tools/sev-guest-owner'
  finds tools/owner/keys/c.h '#include "host/f.h"' 'tools/owner/keys includes tools/host'
  finds tools/owner/crypto/c.h '#include "owner/keys/c.h"' 'tools/owner/crypto includes tools/owner/keys'
  finds tools/host/f.h '#include "sev-guest-owner/d.h"' 'tools/host includes tools/sev-guest-owner'
  finds tools/unheard-of/e.h '#include "base/status.h"' 'the table of layers lacks'
}

plant_third_parties() {
  finds lib/base/guid.cpp '#include <openssl/evp.h>' 'includes openssl'
  finds lib/client/client.cpp '#include <openssl/evp.h>' 'includes openssl'
  finds include/oskbc/oskbc.h '#include <openssl/evp.h>' 'includes openssl'
  finds lib/client/client.h '#include <nlohmann/json.hpp>' 'includes nlohmann'
  finds include/oskbc/oskbc.hpp '#include <nlohmann/json.hpp>' 'includes nlohmann'
  finds tools/sev-guest-owner/d.h '#include <nlohmann/json.hpp>' 'it belongs to lib/format, tools/common/json.cpp'
  finds lib/format/base64.h '#include "boost/filesystem.hpp"' 'includes boost'
  finds include/oskbc/oskbc.hpp '#include <boost/filesystem.hpp>' 'includes boost'
  finds lib/base/guid.h '#include <CLI/CLI.hpp>' 'includes CLI'
  finds tools/common/a.h '#include <CLI/CLI.hpp>' 'it belongs to tools/common/command_line.cpp'
  finds tools/host/f.h '#include <archive.h>' 'includes archive'
  finds tools/owner/keys/c.h '#include <openssl/evp.h>' 'includes openssl'
  finds tools/host/f.h '#include <lzma.h>' 'it belongs to tools/owner/launch/firmware_volumes.cpp'
  finds tools/owner/keys/c.h '#include <toml++/toml.h>' 'includes toml++'
  finds lib/base/guid.h '#include <catch2/catch.hpp>' 'includes catch2'
}

plant_wrong_forms() {
  finds lib/format/base64.h '#include <base/status.h>' '<base/status.h> is ours'
  finds lib/format/base64.h '#include "../base/status.h"' 'is not a file as seen from lib/'
  finds lib/format/base64.h '#include "format/../base/status.h"' 'is relative'
  finds lib/base/status.h '#include "guid.h"' 'is not a file as seen from lib/'
  finds include/oskbc/oskbc.hpp '#include "oskbc/oskbc.h"' 'in an installed header'
  finds lib/base/status.h '#include SOME_MACRO' 'cannot read'
}

# The drawing of the tools, and the copy with it.
plant_wrong_drawings() {
  local drawing=tools/README.md
  cp "$top/$drawing" "$work/$drawing"
  passes 'the drawing as it is'
  sed -i '/── broker\//d' "$work/$drawing"
  finds "$drawing" '' 'draws nothing for tools/broker'
  finds "$drawing" '    ├── broker/         the broker    owner, common' 'draws owner, common for tools/broker'
  rm "$work/$drawing"
}

# What is right must stay allowed.
plant_what_is_right() {
  cp -R "$work" "$work.right"
  work=$work.right
  printf '#include "base/status.h"\n#include "common/a.h"\n#include <boost/filesystem.hpp>\n' \
    >>"$work/tools/oskbc/b.h"
  printf '#include "owner/crypto/c.h"\n' >>"$work/tools/owner/keys/c.h"
  printf '#include "owner/keys/c.h"\n#include "common/a.h"\n' >>"$work/tools/sev-guest-owner/d.h"
  passes 'a copy with allowed includes'
  rm -rf "$work"
  work=${work%.right}
}

make_work_folder
make_copy
passes 'the copy as it is'
plant_wrong_edges
plant_in_tools
plant_third_parties
plant_wrong_forms
plant_wrong_drawings
plant_what_is_right
finish "$plants planted violations"
