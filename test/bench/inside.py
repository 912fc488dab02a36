# SPDX-License-Identifier: Apache-2.0
"""What Google Benchmark wrote, read for the report and for the picture."""

import json
import pathlib
import re


class Times:
    """Nanoseconds of each measurement, the best of its repetitions: other load only ever adds."""

    def __init__(self, runs):
        self._best = {}  # processor time
        self._real = {}
        for run in runs:
            # What a benchmark timed by itself is called so, and has that as its real time.
            by_itself = run["name"].endswith("/manual_time")
            name = re.sub("/iterations:[0-9]+|/manual_time", "", run["name"])
            self._keep(self._best, name, run["real_time" if by_itself else "cpu_time"])
            self._keep(self._real, name, run["real_time"])

    @staticmethod
    def _keep(best, name, time):
        best[name] = min(time, best.get(name, time))

    @classmethod
    def read(cls, path):
        runs = json.loads(pathlib.Path(path).read_text())["benchmarks"]
        for run in runs:
            if run.get("error_occurred"):
                raise SystemExit(f"{run['name']}: {run['error_message']}")
        return cls(run for run in runs if run["run_type"] == "iteration")

    def best(self, name):
        return self._best[name]

    def real(self, name):
        return self._real[name]

    def unwrap_by_keys(self):
        """Number of keys to time, on one thread."""
        return {int(name.split("/")[1]): time for name, time in self._best.items()
                if name.startswith("unwrap/") and name.endswith("real_time")}

    def unwrap_by_threads(self):
        """Number of threads to processor time per unwrap, with 1000 keys."""
        start = "unwrap/1000/real_time/threads:"
        times = {int(name[len(start):]): time for name, time in self._best.items()
                 if name.startswith(start)}
        return {1: self.best("unwrap/1000/real_time"), **times}

    def load_per_key(self, at_least=1):
        """Number of keys to time per key."""
        loads = {int(name.split("/")[1]): time for name, time in self._best.items()
                 if name.startswith("load")}
        return {count: time / count for count, time in loads.items() if count >= at_least}
