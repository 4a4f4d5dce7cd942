"""GStreamer's relay of the same frames: JPEGs as multipart over TCP, without base64 and JSON."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from benchmarks.streaming.case import Duration
from benchmarks.streaming.frames import RATES, folder, frames
from benchmarks.streaming.processes import BenchmarkFailed, Clock

COMMAND = "gst-launch-1.0"
PACKAGES = ("gstreamer1.0-tools", "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good")
INSTALL_SECONDS = 300.0
START_SECONDS = 20.0
PART_HEAD_BYTES = 70
"""About what multipart adds to a frame."""
_SCRATCH = bytearray(1 << 20)


def relay(size: str, duration: Duration, cache: Path) -> float:
    """Milliseconds of GStreamer's processor time for a frame sent to one viewer, at a camera's pace.

    Its source reads the frames from files, which costs it a copy as a camera's driver does.

    Raises
    ------
    BenchmarkFailed
        There is no GStreamer, or it does not keep the pace.
    """
    _install()
    mean = sum(map(len, frames(size, cache))) / len(frames(size, cache)) + PART_HEAD_BYTES
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(START_SECONDS)
        command = _pipeline(size, cache, listener.getsockname()[1])
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as gstreamer:
            try:
                line, _ = listener.accept()
                with line:
                    return _milliseconds(gstreamer.pid, line, duration, size, mean)
            except OSError as exc:
                raise BenchmarkFailed(f"{COMMAND} sent nothing: {exc}") from exc
            finally:
                gstreamer.kill()


def _install() -> None:
    """Fetch GStreamer where that can be done without asking."""
    if shutil.which(COMMAND) is None and os.geteuid() == 0 and shutil.which("apt-get") is not None:
        command = [
            "apt-get",
            "-qq",
            "-o",
            "DPkg::Lock::Timeout=60",
            "install",
            "-y",
            "--no-install-recommends",
        ]
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(
            [*command, *PACKAGES], env=quiet, capture_output=True, timeout=INSTALL_SECONDS, check=False
        )
    if shutil.which(COMMAND) is None:
        raise BenchmarkFailed(f"no {COMMAND} here; it comes with {', '.join(PACKAGES)}")


def _pipeline(size: str, cache: Path, port: int) -> list[str]:
    pattern = folder(size, cache) / "%02d.jpg"
    source = ["multifilesrc", f"location={pattern}", "loop=true", "caps=image/jpeg,framerate=1/1"]
    # Its own clock would pace files only if they carried times.
    pace = ["identity", f"sleep-time={1e6 / RATES[size]:.0f}"]
    sink = ["tcpclientsink", "host=127.0.0.1", f"port={port}"]
    return [COMMAND, "-q", *source, "!", *pace, "!", "multipartmux", "!", *sink]


def _milliseconds(pid: int, line: socket.socket, duration: Duration, size: str, mean: float) -> float:
    line.settimeout(START_SECONDS)
    _discard(line, duration.warm)
    before = Clock.read(pid, os.getpid())
    count = _discard(line, duration.measured) / mean
    spent = Clock.read(pid, os.getpid()).since(before)
    if not 0.8 < count / spent.wall / RATES[size] < 1.1:
        raise BenchmarkFailed(f"{COMMAND} sent {count / spent.wall:.1f} frames a second, not {RATES[size]:g}")
    return 1000 * spent.server / count


def _discard(line: socket.socket, seconds: float) -> int:
    """Throw away what comes in a time; how many bytes that was."""
    end = time.monotonic() + seconds
    count = 0
    while time.monotonic() < end:
        taken = line.recv_into(_SCRATCH, len(_SCRATCH), socket.MSG_TRUNC)
        if not taken:
            raise BenchmarkFailed(f"{COMMAND} hung up")
        count += taken
    return count
