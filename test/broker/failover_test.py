#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Brokers of `sev-guest-owner serve` whose PostgreSQL is gone, and its standby takes over.

usage: failover_test.py SEV_GUEST_OWNER PLATFORM_TOOL [unittest's arguments]

Both servers are this test's own; without PostgreSQL it is skipped.
"""
import os
import signal
import sys
import time

# pylint: disable=wrong-import-order
from broker_case import BrokerTest, CODES, CONNECTION, main
import postgres

UNAVAILABLE = (CODES.UNAVAILABLE, "STATE UNAVAILABLE")


class Failover(BrokerTest):
    """The server is gone, and its standby takes over."""

    def test_open_launches_go_on_and_used_ones_stay_used(self):
        with postgres.cluster() as first, postgres.cluster() as standby:
            first.init()
            first.start()
            standby.run("pg_basebackup", "-d", first.uri, "-D", standby.data, "-R", "--no-sync", "-c", "fast")
            with open(os.path.join(standby.data, "postgresql.auto.conf"), "a", encoding="utf-8") as settings:
                settings.write(f"primary_conninfo = 'host={first.folder} user=oskbc application_name=standby'\n")
            standby.start()
            self.psql(first, "ALTER SYSTEM SET synchronous_standby_names = 'standby'", "SELECT pg_reload_conf()")
            self.wait_until(first, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "1")
            both = (f"postgresql:///postgres?user=oskbc&host={first.host},{standby.host}"
                    "&target_session_attrs=read-write")
            one, other = self.broker(state=both), self.broker(state=both)
            client, second = self.client(one), self.client(other)
            opened = [client.open(self.platform) for _ in range(4)]
            client.secret(opened[0][0], opened[0][1].measurement)
            first.stop(signal.SIGQUIT)
            self.refused(UNAVAILABLE, client.secret, opened[1][0], opened[1][1].measurement)
            standby.run("pg_ctl", "promote", "-D", standby.data)
            for asked in (client, second, self.client(self.broker(state=both))):
                self.refused(CONNECTION, asked.secret, opened[0][0], opened[0][1].measurement)
            client.secret(opened[1][0], opened[1][1].measurement)
            second.secret(opened[2][0], opened[2][1].measurement)
            for asked in (client, second):
                self.refused(CONNECTION, asked.secret, opened[1][0], opened[1][1].measurement)
            self.assertEqual(second.launch(self.platform), self.key("key_id1"))

    def psql(self, server, *statements):
        commands = [word for statement in statements for word in ("-c", statement)]
        return self.world.run("psql", server.uri, "-At", *commands)

    def wait_until(self, server, statement, result):
        deadline = time.monotonic() + 60
        while self.psql(server, statement).strip() != result:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)


if __name__ == "__main__":
    if postgres.programs() is None:
        print("failover_test.py: PostgreSQL is not installed", file=sys.stderr)
        sys.exit(77)
    main(__doc__)
