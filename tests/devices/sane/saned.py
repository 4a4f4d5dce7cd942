"""A scanner behind another machine's saned: the daemon on a loopback address of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.patience import PATIENCE

PORT = 6566
"""The `net` backend can be told an address but no port."""


class Saned:
    """Runs until it is closed.

    Parameters
    ----------
    folder
        Gets the daemon's configuration.
    backend
        What it shares.
    """

    def __init__(self, folder: Path, backend: str = "test") -> None:
        program = shutil.which("saned") or shutil.which("saned", path="/usr/sbin")
        if program is None:
            pytest.skip("saned is not installed: apt install sane-utils")
        self.address = _free_address()
        folder.mkdir()
        (folder / "dll.conf").write_text(f"{backend}\n")
        (folder / "saned.conf").write_text(f"{self.address}\n127.0.0.0/8\n")
        command = (program, "-l", "-e", "-b", self.address, "-p", str(PORT))
        self._process = subprocess.Popen(
            command,
            env=os.environ | {"SANE_CONFIG_DIR": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait()

    def close(self) -> None:
        """End the daemon alone: the children that serve connections end with theirs."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                socket.create_connection((self.address, PORT), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.close()
        pytest.skip("saned does not listen here")


def _free_address() -> str:
    """A loopback address on which nobody has the port, so that tests may run beside each other."""
    seed = os.getpid()
    for step in range(250):
        address = f"127.77.{(seed >> 8) % 256}.{(seed + step) % 250 + 1}"
        with socket.socket() as probe:
            try:
                probe.bind((address, PORT))
            except OSError:
                continue
            return address
    pytest.skip("no loopback address has a free port 6566")
