"""The service in a process of its own, as a user starts it, and its use of resources."""

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
[buttons]
enabled = false
"""
"""A configuration with no devices but those of ``--demo``, which are the same on every machine."""
DEVICES = 4
"""Number of demo devices that can be unplugged."""


@dataclass(frozen=True)
class ResourceUsage:
    """Descriptors, threads, memory and child processes of the service.

    Memory is without pages of files, such as fonts, which are read when a page first asks for them and which
    the kernel takes back when it needs them.

    Attributes
    ----------
    mib
        Memory of the service's own process.
    all_mib
        Memory with that of the child processes, shared pages divided among them.
    readers_mib
        Memory of each child process that reads text; they end a while after the last page.
    children
        Number of child processes.
    """

    descriptors: int
    threads: int
    mib: float
    all_mib: float
    readers_mib: tuple[float, ...]
    children: int

    @property
    def steady_mib(self) -> float:
        """Memory of all processes but those that come and go with texts."""
        return self.all_mib - sum(self.readers_mib)

    @property
    def reader_mib(self) -> float:
        """Memory of the largest process that reads text; 0 without any."""
        return max(self.readers_mib, default=0.0)


@dataclass(frozen=True)
class ServiceProcess:
    """A running service.

    Attributes
    ----------
    upload
        The origin uploads may be sent to; empty for none.
    """

    process: subprocess.Popen[str]
    port: int
    folder: Path
    upload: str = ""

    @property
    def url(self) -> str:
        """Its address for pages."""
        return f"ws://127.0.0.1:{self.port}/"

    def resource_usage(self) -> ResourceUsage:
        """Return its present use of resources."""
        folder = Path(f"/proc/{self.process.pid}")
        descriptors, threads = (len(list((folder / name).iterdir())) for name in ("fd", "task"))
        children = self.children()
        own = _mib(self.process.pid, "Anonymous")
        shared = {pid: _mib(pid, "Pss_Anon", "Pss_Shmem") for pid in (self.process.pid, *children)}
        readers = tuple(shared[pid] for pid in children if _reads_text(pid))
        return ResourceUsage(descriptors, threads, own, sum(shared.values()), readers, len(children))

    def children(self) -> list[int]:
        """Return the ids of all its descendant processes."""
        return descendants(self.process.pid)

    def lines(self, pattern: str) -> list[str]:
        """Return the lines of its log that match a pattern."""
        found = re.compile(pattern)
        return [line for line in (self.folder / "log").read_text().splitlines() if found.search(line)]

    def errors(self) -> list[str]:
        """Return the errors in its log, with their tracebacks."""
        found = re.split(r"^(?=\d{4}-\d\d-\d\d )", (self.folder / "log").read_text(), flags=re.MULTILINE)
        return [entry.rstrip() for entry in found if re.search("ERROR|Traceback|CRITICAL", entry)]

    def camera_is_closed(self) -> bool:
        """Return whether the document camera was closed as often as it was opened."""
        name = "Demo Document Camera"
        return len(self.lines(f"opened {name}")) == len(self.lines(f"closed {name}"))

    def connections(self) -> int:
        """Return the number of open connections."""
        return len(self.lines(r" connected from")) - len(self.lines(r"\] disconnected"))

    def order(self, line: str) -> None:
        """Have a device unplugged or plugged in; see `benchmarks.reliability.serve`."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()


@contextlib.contextmanager
def running(folder: Path, upload: str = "", more: str = "") -> Iterator[ServiceProcess]:
    """Start it with demo devices, the faulty ones too, and end it.

    Parameters
    ----------
    upload
        The origin uploads may be sent to; empty for none.
    more
        Further lines of its configuration.

    Raises
    ------
    RuntimeError
        It does not start; the text is its log.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "config.toml").write_text(_config(folder, upload) + more, encoding="utf-8")
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
            if str(port) not in process.stdout.readline() or not listens(port):
                raise RuntimeError((folder / "log").read_text())
            yield ServiceProcess(process, port, folder, upload)
        finally:
            process.kill()


def _config(folder: Path, upload: str) -> str:
    origins = ", ".join(f'"{origin}"' for origin in ORIGINS)
    return (
        f'[access]\norigins = [{origins}]\nfolder = "{folder}/access"\nask = false\n'
        f'[upload]\nallow = ["{upload or "http://127.0.0.1:9"}"]\nretry = true\nseconds = 20\n'
        '[storage]\noverwrite = "always"\nquota_mib = 1024\n'
        f'[audit]\nenabled = true\nfolder = "{folder}/audit"\n'
        "[metrics]\nenabled = true\n[notice]\ncameras = false\n"
        f"{DEMO_ONLY}"
    )


def listens(port: int) -> bool:
    """Return whether somebody listens at a port, within a time."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.02)
    return False


def descendants(pid: int) -> list[int]:
    """Return the ids of all processes that a process started, directly or not."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def _reads_text(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return b"\0server.decoding.text_worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _mib(pid: int, *fields: str) -> float:
    """Return memory figures of a process together; 0 if it has ended. Only root may read the service's."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found = dict(re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE))
        return sum(int(found[name]) for name in fields) / 1024
    return 0.0
