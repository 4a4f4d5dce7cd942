"""The service in a process of its own, as a user starts it, and what it holds."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
MIB = 1 << 20
START_SECONDS = 60.0
ORIGINS = ("https://oa.example.cn", "https://other.example.cn")
DEMO_ONLY = """
[video]
enabled = false
[scan]
enabled = false
[cards]
enabled = false
samv_usb = []
[fingers]
enabled = false
"""
"""A configuration with no devices but those of ``--demo``, which are the same on every machine."""
DEVICES = 4
"""That can be pulled out."""


@dataclass(frozen=True)
class Holdings:
    """What the service holds.

    Attributes
    ----------
    mib
        Its own memory.
    all_mib
        With that of its children, shared memory shared out.
    children
        How many those are.
    """

    descriptors: int
    threads: int
    mib: float
    all_mib: float
    children: int


@dataclass(frozen=True)
class Service:
    """The service while it runs.

    Attributes
    ----------
    upload
        Where files may be sent; empty for nowhere.
    """

    process: subprocess.Popen[str]
    port: int
    folder: Path
    upload: str = ""

    @property
    def url(self) -> str:
        """Its address for pages."""
        return f"ws://127.0.0.1:{self.port}/"

    def holdings(self) -> Holdings:
        """What it holds now."""
        folder = Path(f"/proc/{self.process.pid}")
        descriptors, threads = (len(list((folder / name).iterdir())) for name in ("fd", "task"))
        children = self.children()
        own = _kib(self.process.pid, "Rss")
        every = sum(_kib(pid, "Pss") for pid in (self.process.pid, *children))
        return Holdings(descriptors, threads, own / 1024, every / 1024, len(children))

    def children(self) -> list[int]:
        """The processes it has started, and those that these have."""
        return _descendants(self.process.pid)

    def lines(self, pattern: str) -> list[str]:
        """Lines of its log."""
        found = re.compile(pattern)
        return [line for line in (self.folder / "log").read_text().splitlines() if found.search(line)]

    def errors(self) -> list[str]:
        """What nobody wants to see in its log, with the trace below it."""
        found = re.split(r"^(?=\d{4}-\d\d-\d\d )", (self.folder / "log").read_text(), flags=re.MULTILINE)
        return [entry.rstrip() for entry in found if re.search("ERROR|Traceback|CRITICAL", entry)]

    def camera_is_closed(self) -> bool:
        """Whether each opening of the document camera was followed by a closing."""
        name = "Demo Document Camera"
        return len(self.lines(f"opened {name}")) == len(self.lines(f"closed {name}"))

    def connections(self) -> int:
        """How many it still serves."""
        return len(self.lines(r" connected from")) - len(self.lines(r"\] disconnected"))

    def order(self, line: str) -> None:
        """Have a device pulled out or put back; see `benchmarks.reliability.serve`."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()


@contextlib.contextmanager
def running(folder: Path, upload: str = "") -> Iterator[Service]:
    """Start it with demo devices, the faulty ones too, and end it.

    Raises
    ------
    RuntimeError
        It does not start; the text is its log.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "config.toml").write_text(_config(folder, upload), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.reliability.serve", "--demo", "--port", str(port)]
    command += ["--config", str(folder / "config.toml"), "--root", str(folder / "pictures")]
    pipe = subprocess.PIPE
    with (
        (folder / "log").open("w") as errors,
        subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=errors, text=True, cwd=REPOSITORY
        ) as process,
    ):
        try:
            assert process.stdout is not None
            if str(port) not in process.stdout.readline() or not _listens(port):
                raise RuntimeError((folder / "log").read_text())
            yield Service(process, port, folder, upload)
        finally:
            process.kill()


def _config(folder: Path, upload: str) -> str:
    origins = ", ".join(f'"{origin}"' for origin in ORIGINS)
    return (
        f'[access]\norigins = [{origins}]\nfolder = "{folder}/access"\nask = false\n'
        f'[upload]\nallow = ["{upload or "http://127.0.0.1:9"}"]\nretry = true\nseconds = 20\n'
        "[storage]\noverwrite = true\nquota_mib = 1024\n"
        f'[audit]\nenabled = true\nfolder = "{folder}/audit"\n'
        "[metrics]\nenabled = true\n[notice]\ncameras = false\n"
        f"{DEMO_ONLY}"
    )


def _listens(port: int) -> bool:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.02)
    return False


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *_descendants(child)]
    return found


def _kib(pid: int, field: str) -> int:
    """Of a process that may be gone."""
    with contextlib.suppress(OSError):
        found = re.search(
            rf"^{field}:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE
        )
        if found is not None:
            return int(found[1])
    return 0
