# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash source=test/guest/inside/lib.sh
#
# Without a secret, plain images run all the same.
. /test/lib.sh
situation 'no secret area'
gives 4 'announced no EFI secret area' oskbc list
doctor_blames 4 'secret area' 'announced no EFI secret area'
check 'the module is not loaded afterwards' not is_loaded
gives 0 'container: ' oskbc-initrd-agent run /plain /container
if [ -d /image ]; then
  gives 4 'announced no EFI secret area' oskbc-initrd-agent run /image /other-container
  check 'nothing of the image is unpacked' is_gone /other-container
fi
