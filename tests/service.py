"""The service in a process of its own, as a user starts it, and what it holds."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from random import SystemRandom

from benchmarks.reliability.service import DEMO_ONLY
from tests.fakes.canaries import personal
from tests.patience import PATIENCE

REPOSITORY = Path(__file__).parents[1]
MIB = 1 << 20
SLOW_CAMERAS = (sys.executable, "-m", "tests.browser.slow_camera")
"""For `running`, where a browser draws the pictures: few a second."""
PORTS = range(15_000, 32_000)
"""Below those that the kernel gives to whoever connects."""


@dataclass(frozen=True)
class Service:
    """One that runs.

    Attributes
    ----------
    folder
        Where all of it lies: ``log``, ``pictures``, ``audit``, ``config.toml``, ``scratch``, ``state``.
    silent
        A server that files may be sent to and that never answers.
    """

    process: subprocess.Popen[str]
    port: int
    folder: Path
    silent: str = ""

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/"

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def await_log(self, pattern: str) -> str:
        """Wait, blocking, until a line of the log matches."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for line in self.log.splitlines():
                if re.search(pattern, line):
                    return line
            time.sleep(0.02)
        raise AssertionError(f"no line {pattern!r} in\n{self.log}")

    def await_count(self, words: str, count: int) -> None:
        """Wait, blocking, until so many lines of the log hold these words."""
        end = time.monotonic() + PATIENCE
        while self.log.count(words) < count:
            assert time.monotonic() < end, self.log
            time.sleep(0.02)

    def mib(self, field: str = "VmRSS") -> float:
        """Its memory, or, as ``VmHWM``, the most it ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{field}:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024

    def limits(self) -> str:
        """What the kernel allows it."""
        return Path(f"/proc/{self.process.pid}/limits").read_text()

    def hang_up(self) -> None:
        """Have it read its configuration again."""
        self.process.send_signal(signal.SIGHUP)


@contextmanager
def running(
    folder: Path,
    config: str = "",
    *words: str,
    port: int | None = None,
    desktop: Mapping[str, str] | None = None,
    through: Sequence[str] = (),
    demo: bool = True,
) -> Iterator[Service]:
    """Run ``gaopai serve``, and look through its log in the end.

    Parameters
    ----------
    words
        Further ones of its command line.
    desktop
        The environment of one; there is none by default.
    through
        A program and its arguments that runs the rest of its command line in the same process.
    demo
        With demo devices.
    """
    port = port or free_port()
    command = [*through, sys.executable, "-m", "server", "serve", "--port", str(port)]
    command += ["--root", str(folder / "pictures"), "--config", str(folder / "config.toml")]
    command += ["--demo"] * demo + list(words)
    own = {"TMPDIR": str(folder / "scratch"), "XDG_STATE_HOME": str(folder / "state")}
    environment = {**os.environ, **own, **(desktop or {})}
    (folder / "scratch").mkdir(exist_ok=True)
    configure(folder, config)
    with (
        (folder / "log").open("a") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=REPOSITORY, env=environment
        ) as process,
    ):
        try:
            assert process.stdout is not None
            assert str(port) in process.stdout.readline(), (folder / "log").read_text()
            yield Service(process, port, folder)
        finally:
            _end(process)
    assert personal((folder / "log").read_text(encoding="utf-8")) == []


def configure(folder: Path, config: str) -> None:
    """Write the configuration: no device but those of ``--demo``, no sign on a desktop."""
    text = f"{config}\n{DEMO_ONLY}\n[notice]\ncameras = false\n"
    (folder / "config.toml").write_text(text, encoding="utf-8")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    finally:
        process.kill()


def free_port() -> int:
    """A port that nobody listens on, that no other process of the tests chooses, and none twice in a row."""
    for port in islice(_own_ports(), 50):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


@cache
def _own_ports() -> Iterator[int]:
    worker, workers = (
        os.environ.get(name, "") for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT")
    )
    own = PORTS[int(worker.removeprefix("gw") or 0) :: int(workers or 1)]
    return cycle(SystemRandom().sample(own, len(own)))
