"""The first minutes: of a copy of the repository, and of each format of the package on a bare Debian.

A copy is a clone with nothing kept from before but the caches of this account's package tools. Packages
(``--packages DIR``, by root) are put on Debian 11, 12 and 13 that mmdebstrap unpacks, without a Python; their
programs see this machine's network. Times are wall time, for which the machine has to be quiet, and processor
time of all that was started, which others hardly change.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import aiohttp

from benchmarks import report
from benchmarks.idle import SETTLED_SECONDS, processor_seconds, proportional_mib
from benchmarks.reliability.page import PageConnection
from benchmarks.reliability.service import REPOSITORY, descendants
from server.errors import DeviceTimeout

PATIENCE_SECONDS = 900.0
SUITES = {"bullseye": "Debian 11", "bookworm": "Debian 12", "trixie": "Debian 13"}
CACHE = REPOSITORY / ".cache/machine"
BASE = "systemd-sysv,libpam-systemd,dbus"
"""As the packages' tests have it, which keep it in the same folder."""
FORMATS = {
    "folder": ("gaopai-*-linux-*.tar.zst", "/opt/gaopai/bin/gaopai"),
    ".deb": ("gaopai_*.deb", "/usr/bin/gaopai"),
    "UOS' store": ("org.gaopai.gaopai_*.deb", "/opt/apps/org.gaopai.gaopai/files/bin/gaopai"),
    ".rpm": ("gaopai-*.rpm", "/usr/bin/gaopai"),
}
"""Pattern of the file, and the command that it brings."""
COPY_HEAD = ("from a copy of the repository", "s", "s of a processor")
MACHINE = report.machine(("aiohttp", "opencv-contrib-python"))
HEAD = ("", "first page, s", "of a processor", "first capture, s", "of a processor", "MiB at rest")
PACKAGES_TEXT = """
{machine} Load when it began: {load:.1f}; {settled:g} s between the page and the capture.

Each format on a Debian of nothing but systemd, without a Python, `gaopai serve --demo` started for the first
time: until its page came; from the connection of a page until the demo camera's first picture, cut out and
its colours enhanced, had come; and the proportional set size of all its processes between the two. Seconds
of a processor are of all of these.

{table}
"""


class Started(NamedTuple):
    """Seconds until something came, and processor seconds of all that it took."""

    wall: float
    processor: float


def main(arguments: Sequence[str] = ()) -> int:
    """Measure, print, and write the section; ``--quick`` starts this copy once more and writes nothing."""
    parser = argparse.ArgumentParser(prog="start", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the second start of this very copy alone")
    parser.add_argument("--packages", type=Path, metavar="DIR", help="what script/package --portable made")
    options = parser.parse_args(arguments)
    if options.quick:
        first_page(REPOSITORY)
        print(report.table(COPY_HEAD, [_row("started again", first_page(REPOSITORY))]))
        return 0
    if options.packages:
        load, _, _ = os.getloadavg()
        rows = []
        for row in _of_packages(options.packages):
            print(*row, sep=" | ", flush=True)
            rows.append(row)
        table = report.table(HEAD, rows)
        text = PACKAGES_TEXT.format(machine=MACHINE, load=load, settled=SETTLED_SECONDS, table=table)
        report.publish("start_packages", "First minutes of a package", text, quick=False)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "gaopai"
        subprocess.run(["git", "clone", "--quiet", "--no-local", REPOSITORY, copy], check=True)
        rows = [_row("first page", first_page(copy)), _row("started again", first_page(copy))]
    report.publish(
        "start", "First page of a copy", f"{MACHINE}\n\n{report.table(COPY_HEAD, rows)}", quick=False
    )
    return 0


def _row(name: str, started: Started) -> tuple[str, ...]:
    return name, f"{started.wall:.1f}", f"{started.processor:.1f}"


def first_page(copy: Path) -> Started:
    """Start the service of a copy as its README says, until the first page has come."""
    port = _free_port()
    with serving([copy / "script/run", "--demo", "--port", str(port)], copy) as process:
        wall = _page(port, process)
    # Of all that it has waited for: what it started, too.
    return Started(wall, _spent(process))


@contextlib.contextmanager
def serving(command: Sequence[str | Path], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is told to end with the block, and is waited for."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("GAOPAI", "PYTHON"))}
    process = subprocess.Popen(
        command, cwd=folder, env=environ, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)


def _spent(process: subprocess.Popen[bytes]) -> float:
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime


def _page(port: int, process: subprocess.Popen[bytes]) -> float:
    """Wait until the service gives its page, and return the seconds that it took."""
    begun = time.perf_counter()
    while time.perf_counter() < begun + PATIENCE_SECONDS:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page,
        ):
            page.read()
            return time.perf_counter() - begun
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode}")
        time.sleep(0.02)
    raise TimeoutError("no page came")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _of_packages(packages: Path) -> Iterator[tuple[str, ...]]:
    for suite, name in SUITES.items():
        for kind, (pattern, command) in FORMATS.items():
            (file,) = packages.glob(pattern)
            with tempfile.TemporaryDirectory() as folder:
                root = Path(folder)
                subprocess.run(["tar", "-xf", _base(suite), "-C", root, "--exclude=./dev/*"], check=True)
                _install(file, root)
                yield (f"{name}, {kind}", *_used(root, command))


def _base(suite: str) -> Path:
    """A bare Debian, downloaded once."""
    tarball = CACHE / f"{suite}.tar"
    if not tarball.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = tarball.with_suffix(".part.tar")
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={BASE}", suite, str(part)]
        subprocess.run(command, check=True)
        part.rename(tarball)
    return tarball


def _install(file: Path, root: Path) -> None:
    if file.name.endswith(".tar.zst"):
        (root / "opt/gaopai").mkdir(parents=True)
        subprocess.run(
            ["tar", "--zstd", "-xf", file, "-C", root / "opt/gaopai", "--strip-components=1"], check=True
        )
    elif file.suffix == ".rpm":
        # Its files alone: no distribution of it is at hand.
        with subprocess.Popen(["rpm2cpio", file], stdout=subprocess.PIPE) as unpacked:
            subprocess.run(["cpio", "-id", "--quiet"], stdin=unpacked.stdout, cwd=root, check=True)
    else:
        shutil.copy(file, root / "gaopai.deb")
        dpkg = ("dpkg", "--force-unsafe-io", "--install", "/gaopai.deb")
        subprocess.run(["chroot", root, *dpkg], check=True, stdout=subprocess.DEVNULL)


def _used(root: Path, command: str) -> tuple[str, ...]:
    port = _free_port()
    enter = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"'
    inside = ("unshare", "--mount", "--pid", "--fork", "--kill-child=TERM", "sh", "-c", enter)
    words = (*inside, root, command, "serve", "--demo", "--port", str(port))
    with serving(words, root) as process:
        page = Started(_page(port, process), _taken(process.pid))
        time.sleep(SETTLED_SECONDS)
        rest = proportional_mib(process.pid)
        before = _taken(process.pid)
        capture = Started(asyncio.run(_capture(port)), _taken(process.pid) - before)
    process.wait(PATIENCE_SECONDS)
    return (*(f"{value:.1f}" for value in (*page, *capture)), f"{rest:.0f}")


def _taken(pid: int) -> float:
    """Processor seconds of a process and of all that it started."""
    return sum(map(processor_seconds, (pid, *descendants(pid))))


async def _capture(port: int) -> float:
    """Seconds of the first page that is captured and cut out, from the connection on."""
    begun = time.perf_counter()
    settings: Mapping[str, int] = {"cropType": 1, "imageType": 3}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"ws://127.0.0.1:{port}", max_msg_size=0) as line,
    ):
        page = PageConnection(line, Counter())
        await _pressed(page, "OpenCamera", mediaNum=0, resolutionNum=0)
        await _pressed(page, "SetCameraImageInfo", **settings)
        await _pressed(page, "CameraCaptureBase64")
        return time.perf_counter() - begun


async def _pressed(page: PageConnection, func: str, **parameters: int) -> None:
    """Ask for the first camera, and again where a busy machine was too slow: a person would press again."""
    while (answer := await page.ask(func, devNum=0, **parameters)).get("result") == DeviceTimeout.code:
        pass
    if answer.get("result"):
        raise ConnectionError(f"{func} failed: {answer['result']}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
