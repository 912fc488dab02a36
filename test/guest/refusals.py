# SPDX-License-Identifier: Apache-2.0
"""Boots in which the host offers something else than what was measured, and the good ones beside them. A refusal
looks like a slow machine: so each has the time in which its good one came to the kernel, three times."""
import boots
import firmware
import hashes
import owner
import tables

# What the firmware says when its table of hashes is of no use.
NOTHING_TO_BOOT = "No bootable option"
# The good one's time varies with what else the machine does.
LEAST_SECONDS = 10


class RightBoot(boots.Boot):
    """What the others are compared with: all that the host offers is what was measured."""

    needs_firmware = True

    def __init__(self, name="right", parts=boots.PARTS):
        super().__init__(name, "keys.table", parts, scenario="right")
        self.kernel_spoke = None
        self.launch = None

    def measure(self, folder, own, offer):
        self.launch = super().measure(folder, own, offer)
        return self.launch

    def check(self, folder, outcome, report):
        image = folder / "firmware"
        report.add(self.launch.digest == hashes.launch_digest(image.read_bytes(), self.launch.hashes),
                   f"{self.name}: the owner's digest is SHA-256 of the firmware and the table of hashes")
        report.add(self.launch.areas == firmware.areas(image),
                   f"{self.name}: the owner's tool found the areas where this test does")
        self.kernel_spoke = outcome.kernel_spoke
        report.add(outcome.kernel_spoke is not None, f"{self.name}: the kernel was started")


class NoInitrdBoot(RightBoot):
    """A kernel that was measured without an initrd, which has nothing to run."""

    def __init__(self):
        super().__init__("right-without-initrd", ())

    def command_line(self):
        # QEMU ends where the machine would start anew.
        return super().command_line() + " panic=-1"

    def judge(self, folder, outcome, report):
        self.check(folder, outcome, report)
        report.add("Unable to mount root" in outcome.console, f"{self.name}: it has no root to start from")
        return []


class PaddingBoot(RightBoot):
    """A table whose length counts its padding, too."""

    def hashes(self, launch):
        return hashes.claim(launch.hashes, length=hashes.PADDED)


class RefusedBoot(boots.Boot):
    """The owner measured what the good one has. The changes say what the host offers instead: attributes of the
    boot; or how the table of hashes is malformed; or that there is none; or which secret is written over it."""

    needs_firmware = True

    # pylint: disable=too-many-arguments,too-many-positional-arguments
    def __init__(self, name, good, offered=None, malformed=None, no_hashes=False, secret="keys.table"):
        super().__init__(name, secret, good.parts, scenario="right")
        self.good = good
        self.malformed = malformed
        self.no_hashes = no_hashes
        self.added_option = ""
        self.offered = offered or {}
        for attribute, value in self.offered.items():
            setattr(self, attribute, value)

    def command_line(self):
        return self.good.command_line() + self.added_option

    def measure(self, folder, own, offer):
        # The initrd that was measured is needed only now.
        measured = own / "measured"
        measured.mkdir()
        return owner.measure(folder, own, self.good.offer(folder, measured))

    def hashes(self, launch):
        return None if self.no_hashes else hashes.claim(launch.hashes, **(self.malformed or {}))

    @property
    def seconds(self):
        """The limit: none without the good one's time."""
        return max(LEAST_SECONDS, 3 * self.good.kernel_spoke) if self.good.kernel_spoke else None

    def judge(self, folder, outcome, report):
        refused = outcome.kernel_spoke is None and "EFI stub" not in outcome.console
        report.add(refused and self.good.kernel_spoke is not None,
                   f"{self.name}: no word of the kernel in {outcome.seconds:.0f} seconds; "
                   f"{self.good.name} had one after {self.good.kernel_spoke or 0:.0f}")
        report.add(outcome.trouble.startswith("not over"), f"{self.name}: the firmware stopped, and did not go on")
        if not self.offered:
            report.add(NOTHING_TO_BOOT in outcome.console, f"{self.name}: the firmware says that it has nothing to boot")
        return []


def all_refusals():
    """The good ones, each before those that are compared with it."""
    right, without_initrd = RightBoot(), NoInitrdBoot()
    yield right
    yield RefusedBoot("another-command-line", right, {"added_option": " rdinit=/bin/sh"})
    yield RefusedBoot("another-kernel", right, {"kernel": "kernel/no-unload"})
    yield RefusedBoot("another-initrd", right, {"parts": ("system", "scenarios", "ours", "no-unload-module")})
    yield RefusedBoot("initrd-removed", right, {"parts": ()})
    yield without_initrd
    yield RefusedBoot("initrd-added", without_initrd, {"parts": right.parts})
    yield PaddingBoot("hashes-length-176")
    yield RefusedBoot("no-hashes", right, no_hashes=True)
    for length in (17, 18, 0x401):
        yield RefusedBoot(f"hashes-length-{length}", right, malformed={"length": length})
    yield RefusedBoot("hashes-entry-length-49", right, malformed={"entry_length": 49})
    yield RefusedBoot("secret-over-the-hashes", right, secret=tables.of_size(tables.AREA + 1))
