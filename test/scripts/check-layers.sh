#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The layers point one way, downwards, and third parties stay where they belong:
#
#   capi -> client -> source, format, crypto -> base
#
# Siblings never include one another, and nothing below includes tools. Reads the #include lines, and the
# drawing in tools/README.md.
#
# usage: check-layers.sh [ROOT]   (another tree than this one; check-layers-test.sh needs that)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$(dirname "$0")/checks.sh"

# What the files of a layer may include, besides the standard library and what third_party_ok() lets in.
# "public" is include/. A folder of the tools may also use itself; one that is named without its own folders
# stands for all of them.
declare -A may_include=(
  [public]='public'
  [base]='base'
  [source]='source base'
  [format]='format base'
  [crypto]='crypto base'
  [client]='client source format crypto base'
  [capi]='capi client source format crypto base public'
  [tools/common]='client source format crypto base public'
  [tools/luks]='tools/common format crypto base'
  [tools/oskbc]='tools/luks tools/ttrpc tools/services tools/common client source format crypto base public'
  [tools/owner/crypto]='tools/common crypto base'
  [tools/owner/certificates]='tools/owner/crypto tools/common format base'
  [tools/owner/image]='tools/owner/crypto tools/common format crypto base'
  [tools/owner/launch]='tools/owner/certificates tools/owner/crypto tools/common format base'
  [tools/owner/keys]='tools/owner/launch tools/owner/crypto tools/common format base'
  [tools/services]='base public'
  [tools/ttrpc]='tools/services base public'
  [tools/agent]='tools/luks tools/ttrpc tools/services tools/common client source format crypto base public'
  [tools/host]='tools/owner tools/common client source format crypto base public'
  [tools/broker]='tools/services tools/owner tools/common client source format crypto base public'
  [tools/sev-guest-owner]='tools/broker tools/host tools/services tools/owner tools/common client source format crypto base public'
)

# Prints FILE:LINE:TEXT of every #include line.
include_lines() {
  find include lib tools -type f \( -name '*.[ch]' -o -name '*.[ch]pp' -o -name '*.cc' -o -name '*.hh' \) \
    -exec grep -HnE '^[[:space:]]*#[[:space:]]*include' {} + | LC_ALL=C sort
}

# Sets `layer` to the layer that a file belongs to, or to nothing.
layer_of_file() {
  case $1 in
    include/*) layer=public ;;
    lib/*/* | tools/*/*)
      layer=${1%/*}
      layer=${layer#lib/}
      ;;
    *) layer= ;;
  esac
}

# Sets `layer` to where the text between the quotes leads, seen from a file; to nothing if that is no file
# of the project.
layer_of_include() {
  local from=$1 name=$2 file
  # Only the tools have lib/ and tools/ in their include path.
  local places=(lib include)
  [[ $from != tools/* ]] || places=(tools lib include)
  layer=
  for file in "${places[@]/%//$name}"; do
    if [ -f "$file" ]; then
      layer_of_file "$file"
      return
    fi
  done
}

third_party_ok() {
  case $1:$2 in
    openssl:lib/crypto/* | openssl:lib/base/secret_bytes.cpp | openssl:tools/owner/crypto/*) ;;
    openssl:tools/agent/es256.cpp | openssl:tools/broker/tls.cpp | openssl:tools/broker/tls_files.*) ;;
    nlohmann:lib/format/* | nlohmann:tools/common/json.cpp) ;;
    nlohmann:tools/owner/image/*) ;;
    boost:lib/source/* | boost:tools/*) ;;
    CLI:tools/common/command_line.cpp) ;;
    grpcpp:tools/services/* | grpcpp:tools/agent/* | grpcpp:tools/broker/*) ;;
    archive:tools/host/archives.cpp | toml++:tools/common/toml.cpp) ;;
    lzma:tools/owner/launch/firmware_volumes.cpp | prometheus:tools/broker/metrics.cpp) ;;
    *) return 1 ;;
  esac
}

third_party_home() {
  case $1 in
    openssl) echo 'lib/crypto, tools/owner/crypto, tools/agent/es256.cpp or tools/broker/tls*.cpp (lib/base/secret_bytes.cpp may wipe)' ;;
    nlohmann) echo 'lib/format, tools/common/json.cpp and tools/owner/image' ;;
    boost) echo 'lib/source and tools' ;;
    CLI) echo 'tools/common/command_line.cpp' ;;
    grpcpp) echo 'tools/services, tools/agent and tools/broker' ;;
    archive) echo 'tools/host/archives.cpp' ;;
    lzma) echo 'tools/owner/launch/firmware_volumes.cpp' ;;
    prometheus) echo 'tools/broker/metrics.cpp' ;;
    toml++) echo 'tools/common/toml.cpp' ;;
    *) echo 'test' ;;
  esac
}

check_third_party() {
  local where=$1 file=$2 name=$3
  third_party_ok "$name" "$file" ||
    problem "$where" "includes $name" "it belongs to $(third_party_home "$name"): go through that layer"
}

# A folder uses itself without being told.
edge_ok() {
  local from=$1 to=$2
  local list=" ${may_include[$from]:-} "
  [ "$from" = "$to" ] || [[ $list == *" $to "* ]] || [[ $to == tools/*/* && $list == *" ${to%/*} "* ]]
}

check_edge() {
  local where=$1 from=$2 to=$3
  if [ -z "${may_include[$from]:-}" ]; then
    problem "$where" "is in $from, which the table of layers lacks" "give it a line in ${0##*/}"
  elif ! edge_ok "$from" "$to"; then
    problem "$where" "$from includes $to" "$from may include: ${may_include[$from]}; move the code or hand the thing in"
  fi
}

# One #include: its file, its line as FILE:LINE, the opening mark, the name.
check_include() {
  local file=$1 where=$2 mark=$3 name=$4 from
  case $name in
    openssl/* | nlohmann/* | boost/* | CLI/* | grpcpp/* | catch2/* | prometheus/* | toml++/*)
      check_third_party "$where" "$file" "${name%%/*}"
      return
      ;;
    archive.h | archive_entry.h)
      check_third_party "$where" "$file" archive
      return
      ;;
    lzma.h)
      check_third_party "$where" "$file" lzma
      return
      ;;
  esac
  layer_of_file "$file"
  from=$layer
  layer_of_include "$file" "$name"
  if [ -n "$layer" ]; then
    check_edge "$where" "${from:-${file%/*}}" "$layer"
    check_form "$where" "$file" "$mark" "$name"
  elif [ "$mark" = '"' ]; then
    problem "$where" "\"$name\" is not a file as seen from lib/" 'write the layer and the file: "base/status.h"'
  fi
}

# The form tells a reader what is ours: quotes inside, angles for the installed headers as users see them.
check_form() {
  local where=$1 file=$2 mark=$3 name=$4
  if [[ $name == *..* || $name == ./* ]]; then
    problem "$where" "\"$name\" is relative" 'write the layer and the file: "base/status.h"'
  elif [[ $file == lib/* && $mark == '<' ]]; then
    problem "$where" "<$name> is ours" "write \"$name\""
  elif [[ $file == include/* && $mark == '"' ]]; then
    problem "$where" "\"$name\" in an installed header" "write <$name>, which works wherever it is installed"
  fi
}

check_line() {
  local file=${1%%:*} rest=${1#*:} line
  line=${rest%%:*}
  if [[ ${rest#*:} =~ include[[:space:]]*([\"\<])([^\"\>]+)[\"\>] ]]; then
    check_include "$file" "$file:$line" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
  else
    problem "$file:$line" 'an #include that this check cannot read' 'name the file in quotes or angles'
  fi
}

# tools/README.md draws the folders of the tools with what each may include of the others.
check_drawing() {
  local layer drawn edges
  for layer in "${!may_include[@]}"; do
    [[ $layer =~ ^tools/[^/]+$ ]] || continue
    drawn=$(sed -nE "s|^ +[├└]── ${layer#tools/}/ .*  ([^ ].*)$|\1|p" "$1")
    edges=$(grep -oE 'tools/[^ /]+' <<<"${may_include[$layer]}" | sed 's|tools/||' | paste -sd , | sed 's/,/, /g') || true
    if [ -z "$drawn" ] || [ "${edges:-$drawn}" != "$drawn" ]; then
      problem "$1" "draws ${drawn:-nothing} for $layer" "it may include ${edges:-none of the tools}"
    fi
  done
}

cd "${1:-$top}"
[ ! -f tools/README.md ] || check_drawing tools/README.md
mapfile -t lines < <(include_lines)
[ ${#lines[@]} -gt 0 ] || problem "$PWD" 'there are no #include lines' 'give the root of the sources'
for line in "${lines[@]}"; do
  check_line "$line"
done
finish "${#lines[@]} #include lines of include/, lib/ and tools/"
