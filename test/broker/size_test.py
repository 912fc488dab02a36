#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A broker with 100,000 keys and 20,000 keysets in a folder: how it starts, serves and reads them anew.

usage: size_test.py SEV_GUEST_OWNER PLATFORM_TOOL [unittest's arguments]
"""
import base64
import json
import random
import threading
import time

# pylint: disable=wrong-import-order
from broker import DIGEST, POLICY
from broker_case import BrokerTest, main

KEYS, KEYSETS, FILES = 100_000, 20_000, 50
KEYS_OF_A_KEYSET = 10
MIB = 200
RELOADS = 3


def write_files(folder):
    """Keys, and keysets of ten of them in files of 400 each."""
    draw = random.Random(20)
    keys = {f"tenant-{i // 100}/key-{i}": base64.b64encode(draw.randbytes(32)).decode() for i in range(KEYS)}
    ids = list(keys)
    (folder / "keys.json").write_text(json.dumps(keys))
    (folder / "keys.json").chmod(0o600)
    sets = folder / "sets"
    sets.mkdir(exist_ok=True)
    for file in range(FILES):
        keysets = {f"KEYSET-{i}": {"allowed_digests": ["11" * 32, DIGEST.hex()], "allowed-policies": [POLICY],
                                   "allowed_keys": draw.sample(ids, KEYS_OF_A_KEYSET), "min-api-major": 1}
                   for i in range(file, KEYSETS, FILES)}
        (sets / f"{file}.json").write_text(json.dumps(keysets))
    return keys, sets


class Size(BrokerTest):
    """What an owner of many has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys, cls.sets = write_files(cls.world.folder)

    def start(self):
        before = time.monotonic()
        broker = self.broker("--keysets", "sets")
        return broker, time.monotonic() - before

    def test_it_starts_serves_and_reads_anew_without_a_pause(self):
        broker, seconds = self.start()
        peak, locked = broker.memory_mib(), broker.memory_mib("VmLck")
        print(f"started in {seconds:.2f} s; peak {peak:.0f} MiB, of it locked {locked:.1f} MiB")
        self.assertTrue(broker.has_sanitizer() or peak < MIB, peak)
        size = (self.world.folder / "keys.json").stat().st_size / 1024 / 1024
        # What is locked is the file's text, once; where no more may be, it is said.
        self.assertTrue(size <= locked < 1.2 * size + 1 or "may be swapped" in broker.messages(), locked)
        allowed = json.loads((self.sets / "7.json").read_text())["KEYSET-57"]["allowed_keys"]
        self.assertEqual(self.client(broker).launch(self.platform, KeysetId="KEYSET-57"),
                         {one: self.keys[one] for one in allowed})
        times = self.launches_during(broker, lambda: self.reloads(broker))
        print(f"{len(times)} launches while {RELOADS} times all was read anew: the longest took {max(times):.2f} s; "
              f"peak {broker.memory_mib():.0f} MiB")
        self.assertGreater(len(times), RELOADS)
        before = time.monotonic()
        self.assertEqual(broker.stop(), 0)
        print(f"stopped in {time.monotonic() - before:.2f} s")

    def reloads(self, broker):
        for _ in range(RELOADS):
            broker.reload()
        self.assertEqual(broker.messages().count("nothing was read anew"), 0)

    def launches_during(self, broker, work):
        """How long each took that was asked for meanwhile; all succeed."""
        times, failed, done = [], [], threading.Event()

        def host():
            client = self.client(broker)
            while not done.is_set() and not failed:
                start = time.monotonic()
                try:
                    client.launch(self.platform, KeysetId="KEYSET-19999")
                except Exception as error:  # pylint: disable=broad-except
                    failed.append(error)
                times.append(time.monotonic() - start)
        thread = threading.Thread(target=host)
        thread.start()
        try:
            work()
        finally:
            done.set()
            thread.join()
        self.assertEqual(failed, [])
        return times

    def test_a_keyset_in_two_files_keeps_it_from_starting(self):
        again = self.sets / "again.json"
        again.write_text(json.dumps({"KEYSET-19999": {"allowed_keys": []}}))
        try:
            self.start_fails(r"keyset KEYSET-19999 is in sets/49\.json and in sets/again\.json", "--keysets", "sets")
        finally:
            again.unlink()

    def test_a_missing_key_is_said(self):
        lost = self.sets / "lost.json"
        lost.write_text(json.dumps({"LOST": {"allowed_keys": ["tenant-1/key-x"]}}))
        try:
            self.start_fails("has no key for the id tenant-1/key-x", "--keysets", "sets")
        finally:
            lost.unlink()

    def test_others_may_not_add_to_the_folder(self):
        self.sets.chmod(0o777)
        try:
            self.start_fails("sets: others may write to it", "--keysets", "sets")
        finally:
            self.sets.chmod(0o755)


if __name__ == "__main__":
    main(__doc__)
