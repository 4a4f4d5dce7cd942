"""The service in a process of its own, as a user starts it, and what it holds."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.functional.page import PATIENCE

REPOSITORY = Path(__file__).parents[2]
MIB = 1 << 20


@dataclass(frozen=True)
class Service:
    """One that runs.

    Attributes
    ----------
    folder
        Where everything of it lies: ``log``, ``pictures``, ``audit``, ``config.toml``, ``scratch``.
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
def running(folder: Path, config: str = "", *words: str) -> Iterator[Service]:
    """Start it with a configuration and demo devices, and end it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    scratch = folder / "scratch"
    scratch.mkdir()
    # A developer's desktop is left alone.
    (folder / "config.toml").write_text(f"{config}\n[notice]\ncameras = false\n", encoding="utf-8")
    command = [sys.executable, "-m", "server", "serve", "--demo", "--port", str(port)]
    command += ["--root", str(folder / "pictures"), "--config", str(folder / "config.toml"), *words]
    environment = {**os.environ, "TMPDIR": str(scratch)}
    with (
        (folder / "log").open("w") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=REPOSITORY, env=environment
        ) as process,
    ):
        try:
            assert process.stdout is not None
            assert str(port) in process.stdout.readline(), (folder / "log").read_text()
            yield Service(process, port, folder)
        finally:
            process.kill()
