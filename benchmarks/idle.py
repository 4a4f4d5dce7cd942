"""Memory of a service in which nothing was opened, and the processor time of its start."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.reliability.service import DEMO_ONLY, REPOSITORY, descendants

SETTLED_SECONDS = 10.0
HEAD = ("", "MiB", "processes", "s of a processor")
TEXT = """
{machine}

`gaopai serve` with nothing opened and no page connected, {seconds:g} s after it was ready: resident memory
of all its processes (pages that two of them share count twice), and the processor time that it has taken by
then; medians of {rounds}. Large libraries are read when a request needs them
([decision 0059](decisions/0059-large-libraries-are-read-late.md)).

{table}
"""
KINDS = {"without devices": (DEMO_ONLY,), "with demo devices": (DEMO_ONLY, "--demo")}


def main(arguments: Sequence[str] = ()) -> int:
    """Measure, print the table and put it into the page of results."""
    options = _options(arguments)
    rows = []
    for kind, (config, *words) in KINDS.items():
        measured = [_measured(config, words) for _ in range(options.rounds)]
        memory, processes, taken = (statistics.median(values) for values in zip(*measured, strict=True))
        rows.append([kind, f"{memory:.0f}", f"{processes:.0f}", f"{taken:.2f}"])
    text = TEXT.format(
        machine=report.machine(["aiohttp", "numpy", "opencv-contrib-python"]),
        seconds=SETTLED_SECONDS,
        rounds=options.rounds,
        table=report.table(HEAD, rows),
    )
    report.publish("idle", "Service at rest", text, options.quick)
    return 0


def memory_mib(pid: int) -> float:
    """Return the resident memory of a process and its descendants."""
    return sum(map(_resident_kib, (pid, *descendants(pid)))) / 1024


def _measured(config: str, words: Sequence[str]) -> tuple[float, int, float]:
    with running(config, words) as (pid, _):
        time.sleep(SETTLED_SECONDS)
        return memory_mib(pid), 1 + len(descendants(pid)), _processor_seconds(pid)


@contextlib.contextmanager
def running(config: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The service as a user starts it: its process and its port."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        (Path(folder) / "config.toml").write_text(config, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "server",
            "serve",
            "--port",
            str(port),
            "--root",
            f"{folder}/pictures",
        ]
        command += ["--config", f"{folder}/config.toml", *words]
        own = {**os.environ, "XDG_STATE_HOME": f"{folder}/state"}
        with subprocess.Popen(command, cwd=REPOSITORY, env=own, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout is not None and process.stdout.readline()
                yield process.pid, port
            finally:
                process.terminate()


def _resident_kib(pid: int) -> int:
    """Return the resident memory of a process; 0 if it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return int(found[1]) if found else 0
    return 0


def _processor_seconds(pid: int) -> float:
    """Return the processor time of a process and of those that it has seen end."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks idle", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round, and nothing is written")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds = 1
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
