"""The real pcscd with vpcd's virtual reader of two slots, of which cards are TCP clients.

pcscd listens at one path, which cannot be chosen: each daemon has its own ``/run``, in a namespace.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.patience import PATIENCE

NAMES = ("Virtual PCD 00 00", "Virtual PCD 00 01")
IN_ITS_OWN_RUN = 'mount --bind "$0" /run && exec "$@"'
PR_SET_PDEATHSIG = 1


class Pcscd:
    """Runs until it is ended; may be started again.

    Parameters
    ----------
    folder
        Gets the daemon's configuration, and its ``/run``.
    """

    def __init__(self, folder: Path) -> None:
        self._program = _program()
        self.port = _free_ports()
        self._folder = folder / "readers"
        self._run = folder / "run"
        for each in (folder, self._folder, self._run, self._run / "pcscd"):
            each.mkdir()
        self.plug()
        self._process: subprocess.Popen[bytes] | None = None

    def plug(self, plugged: bool = True) -> None:
        """Whether the daemon has the reader when it starts next."""
        [driver] = _drivers()
        entry = (
            f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x{self.port:X}\n'
            f"LIBPATH {driver}\nCHANNELID 0x{self.port:X}\n"
        )
        (self._folder / "vpcd").write_text(entry if plugged else "")

    def start(self) -> None:
        """Start it; returns once it answers."""
        inside = ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--user", "--map-root-user")))
        command = (*inside, "sh", "-c", IN_ITS_OWN_RUN, str(self._run), self._program)
        command += ("--foreground", "--disable-polkit", "--config", str(self._folder))
        _socket().unlink(missing_ok=True)
        _socket().symlink_to(self._run / "pcscd/pcscd.comm")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            if _answers():
                return
            time.sleep(0.02)
        self.kill()
        pytest.skip("pcscd does not start here")

    def end(self) -> None:
        """Ask it to end, as systemd does."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash does: its socket stays behind."""
        self._signal(signal.SIGKILL)

    def pause(self, paused: bool) -> None:
        """Let it hang, or go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if paused else signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        process = self._process
        self._process = None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE)


def _program() -> str:
    program = shutil.which("pcscd") or shutil.which("pcscd", path="/usr/sbin")
    if program is None:
        pytest.skip("pcscd is not installed: apt install pcscd")
    if not _drivers():
        pytest.skip("vpcd is not installed: apt install vsmartcard-vpcd")
    return program


def _socket() -> Path:
    """Where clients look for the daemon; see `tests.isolation`."""
    return Path(os.environ["PCSCLITE_CSOCK_NAME"])


def _drivers() -> list[Path]:
    return sorted(Path("/usr/lib/pcsc/drivers/serial").glob("libifdvpcd.so"))


def _answers() -> bool:
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
        probe.connect(str(_socket()))
        return True
    return False


def _free_ports() -> int:
    """The first of two ports next to each other on which nobody listens: one for each slot."""
    for _ in range(50):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("0.0.0.0", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("0.0.0.0", port + 1))
            except (OSError, OverflowError):
                continue
            return port
    pytest.skip("no two ports next to each other are free")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
