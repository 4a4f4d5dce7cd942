"""The service under test meets nothing of the machine: no device of it, no daemon, no desktop, no network."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.functional.page import connect
from tests.isolation import is_outside, is_remote
from tests.patience import PATIENCE
from tests.service import running

PATH = re.compile(r'(?:open(?:at)?\(.*?|sun_path=@?)"([^"]+)"')
ADDRESS = re.compile(r'inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"')
MEETS = """
import contextlib, socket
with contextlib.suppress(OSError):
    open("/dev/video0")
with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
    line.connect("/run/pcscd/pcscd.comm")
with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as line:
    line.connect(("192.0.2.1", 9))
"""
FUNCTIONS = (
    "GetCameraInfo",
    "GetFaceCameraInfo",
    "GetScannerName",
    "GetCardReaderInfo",
    "GetFingerReaderInfo",
)


@pytest.fixture
def strace(tmp_path: Path) -> list[str]:
    """Notes which files are opened and which sockets connected, by a process and all that it starts."""
    program = shutil.which("strace")
    if program is None:
        pytest.skip("strace is not installed")
    # Detached, the traced process is the one that was started, to be ended and waited for.
    command = [program, "--daemonize", "--follow-forks", "-q", "--trace=open,openat,connect"]
    command += [f"--output={tmp_path / 'calls'}"]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    if tried.returncode != 0:
        pytest.skip(f"strace may not trace here: {tried.stderr.strip()}")
    return command


def met(calls: Path, process: int) -> list[str]:
    """What of the machine a traced process, which ends, and its children opened or connected to."""
    end = time.monotonic() + PATIENCE
    while not re.search(rf"^{process} +\+\+\+", text := calls.read_text("utf-8", "replace"), re.MULTILINE):
        assert time.monotonic() < end, text[-2000:]
        time.sleep(0.02)
    assert " = " in text
    found = [path for path in PATH.findall(text) if is_outside(path)]
    return found + [host for host in ADDRESS.findall(text) if is_remote(host)]


@pytest.mark.long
async def test_no_device_desktop_or_network_of_the_machine(tmp_path: Path, strace: list[str]) -> None:
    with running(tmp_path, through=strace) as service:
        async with connect(service.url) as page:
            for function in FUNCTIONS:
                await page.must(function)
            await page.must("OpenCamera", devNum=0, resolutionNum=6)
            await page.must("CameraCapture", devNum=0, imagePath="a.jpg")
    assert met(tmp_path / "calls", service.process.pid) == []


def test_what_is_met_is_noticed(tmp_path: Path, strace: list[str]) -> None:
    with subprocess.Popen([*strace, sys.executable, "-c", MEETS]) as process:
        process.wait(PATIENCE)
    assert met(tmp_path / "calls", process.pid) == ["/dev/video0", "/run/pcscd/pcscd.comm", "192.0.2.1"]
