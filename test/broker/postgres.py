#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket in it, gone afterwards.

usage: postgres.py [--durable] PROGRAM [ARGUMENT...]
  runs the program with the server's URI in OSKBC_TEST_POSTGRES, empty where PostgreSQL is not installed
  --durable  write to the disk as a real server does, for measuring
"""

import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SECONDS_TO_START = 60
PROGRAMS = ("initdb", "postgres", "pg_isready")


def programs():
    """The folder with initdb and postgres, or None. Debian keeps it out of PATH."""
    on_path = shutil.which("initdb")
    folders = [os.path.dirname(os.path.realpath(on_path))] if on_path else []
    folders += sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    for folder in folders:
        if all(os.access(os.path.join(folder, name), os.X_OK) for name in PROGRAMS):
            return folder
    return None


def server_user():
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SystemExit("postgres.py: root needs a user postgres or nobody to start the server as")


def as_user(user):
    """What to start a program with. Python itself would have to fork(), not vfork(), to change its user, and gRPC's
    preparation for that waits for ever in some of its versions once a client was used."""
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def wait_for(server, uri, folder):
    deadline = time.monotonic() + SECONDS_TO_START
    check = [os.path.join(programs(), "pg_isready"), "-q", "-d", uri]
    while subprocess.run(check, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            with open(os.path.join(folder, "log"), encoding="utf-8", errors="replace") as log:
                raise SystemExit("postgres.py: the server did not start: " + log.read()[-2000:])
        time.sleep(0.05)


ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}


class Cluster:
    """A server's data and its process, in a folder whose parent its user may enter."""

    def __init__(self, folder, options=(), durable=False):
        self.folder, self.user, self.process = folder, server_user(), None
        self.data = os.path.join(folder, "data")
        self.options = ["-c", "listen_addresses=", "-k", folder, "-c", "max_connections=60", *options]
        if not durable:
            self.options += ["-c", "fsync=off", "-c", "synchronous_commit=on"]
        self.host = folder.replace("/", "%2F")
        self.uri = f"postgresql:///postgres?user=oskbc&host={self.host}"
        if os.getuid() == 0:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)

    def run(self, program, *arguments):
        subprocess.run([*as_user(self.user), os.path.join(programs(), program), *arguments], check=True,
                       stdout=subprocess.DEVNULL, cwd=self.folder, env=ENVIRONMENT, timeout=SECONDS_TO_START)

    def init(self):
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", "oskbc", "--no-sync")

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [*as_user(self.user), os.path.join(programs(), "postgres"), "-D", self.data, *self.options],
                stdout=log, stderr=log, cwd=self.folder, env=ENVIRONMENT)
        wait_for(self.process, self.uri, self.folder)

    def stop(self, number=signal.SIGINT):
        """Whoever is connected; SIGQUIT is at once, as if the machine were gone."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=SECONDS_TO_START)
            self.process = None


@contextlib.contextmanager
def cluster(*options, durable=False):
    """One that is not made yet."""
    folder = tempfile.mkdtemp(prefix="oskbc-postgres-")
    made = Cluster(folder, options, durable)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running_server(durable=False):
    """Gives the URI of a server's database, or None where there is no PostgreSQL."""
    if programs() is None:
        yield None
        return
    with cluster(durable=durable) as server:
        server.init()
        server.start()
        yield server.uri


def main(arguments):
    durable = arguments[:1] == ["--durable"]
    command = arguments[1:] if durable else arguments
    if not command or command[0].startswith("-"):
        print(__doc__.partition("usage: ")[2], file=sys.stderr, end="")
        return 64
    with running_server(durable) as uri:
        if uri is None:
            print("postgres.py: PostgreSQL is not installed: what needs it is skipped", file=sys.stderr)
        environment = dict(os.environ, OSKBC_TEST_POSTGRES=uri or "")
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
