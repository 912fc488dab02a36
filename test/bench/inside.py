# SPDX-License-Identifier: Apache-2.0
"""What Google Benchmark wrote, read for the report and for the picture."""

import json
import pathlib


class Times:
    """Nanoseconds of each measurement, the best of its repetitions: other load only ever adds."""

    def __init__(self, best):
        self._best = best

    @classmethod
    def read(cls, path):
        best = {}
        for run in json.loads(pathlib.Path(path).read_text())["benchmarks"]:
            if run["run_type"] != "iteration":
                continue
            if run.get("error_occurred"):
                raise SystemExit(f"{run['name']}: {run['error_message']}")
            # What several threads reach together shows in real time alone.
            time = run["real_time" if run["threads"] > 1 else "cpu_time"]
            best[run["name"]] = min(time, best.get(run["name"], time))
        return cls(best)

    def best(self, name):
        return self._best[name]

    def unwrap_by_keys(self):
        """Number of keys to time, on one thread."""
        return {int(name.split("/")[1]): time for name, time in self._best.items()
                if name.startswith("unwrap/") and name.endswith("real_time")}

    def unwrap_by_threads(self):
        """Number of threads to time per unwrap, with 1000 keys."""
        start = "unwrap/1000/real_time/threads:"
        times = {int(name[len(start):]): time for name, time in self._best.items()
                 if name.startswith(start)}
        return {1: self.best("unwrap/1000/real_time"), **times}

    def load_per_key(self, at_least=1):
        """Number of keys to time per key."""
        loads = {int(name.split("/")[1]): time for name, time in self._best.items()
                 if name.startswith("load")}
        return {count: time / count for count, time in loads.items() if count >= at_least}
