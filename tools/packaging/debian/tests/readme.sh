#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What include/README.md says of linking and calling the library, word for word; and the example of the package, run on the
# sample.
set -eu
top=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# shellcheck disable=SC2016  # backquotes of Markdown
sed -n '/^```c$/,/^```$/p' "$top/include/README.md" | grep -v '^```' >agent.c
command=$(sed -nE 's/^ {4}(cc agent\.c .*)/\1/p' "$top/include/README.md")
# The readme leaves main to the reader.
cat >>agent.c <<'END'
int main(void) {
  uint8_t options[4096];
  size_t len = sizeof options;
  return unwrap("no packet", 9, options, &len);
}
END
eval "$command"
status=0
./a.out 2>message || status=$?
cat message
# There is no guest here.
[ $status = 4 ]
grep -q '^no secret was injected' message

example=$work/unwrap
# shellcheck disable=SC2046  # words
cc /usr/share/doc/liboskbc-dev/examples/unwrap.c $(pkg-config --cflags --libs oskbc) -o "$example"
"$top/examples/sample/try.sh" unwrap "$example"
printf '#include <oskbc/oskbc.hpp>\n' | c++ -x c++ -std=c++17 -Wall -Werror -fsyntax-only -
test -e /usr/share/man/man3/oskbc_wipe.3.gz
