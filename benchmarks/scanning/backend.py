"""SANE's ``test`` backend alone, in a configuration folder of its own, and its peer `scanimage`."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

FREE = "test:0"
PACED = "test:1"
"""Two scanners of the backend: one delivers as fast as it can, one at the pace of a fast real one."""
PAUSE = 6000
"""Microseconds the paced one waits before each 64 KiB: some half a second a sheet."""
PAGES = 10
"""Sheets in the backend's feeder."""
SIDE_MM = 200
DOTS = 300

PACE: Mapping[str, bool | int | float | str] = {"read-delay": True, "read-delay-duration": PAUSE}
PICTURE = "Color pattern"


def environment(folder: Path) -> Mapping[str, str]:
    """The variables with which SANE knows this backend and no other; its files go below `folder`."""
    configuration = folder / "sane.d"
    if not configuration.exists():
        configuration.mkdir()
        (configuration / "dll.conf").write_text("test\n", encoding="ascii")
        shutil.copy("/etc/sane.d/test.conf", configuration)
    return {**os.environ, "SANE_CONFIG_DIR": str(configuration)}


def missing() -> str | None:
    """Return the requirement this machine lacks for the benchmark, or None."""
    if shutil.which("scanimage") is None or not Path("/etc/sane.d/test.conf").exists():
        return "scanimage is not installed: apt-get install sane-utils"
    return None


def scanimage(device: str, folder: Path, kind: str) -> float:
    """Seconds in which `scanimage` scans all sheets into files.

    Parameters
    ----------
    folder
        As given to `environment`.
    kind
        ``pnm``, which is the samples as they come, or ``jpeg``.
    """
    command = ["scanimage", "-d", device, f"--batch={folder}/%d.{kind}", f"--format={kind}"]
    command += ["--source", "Automatic Document Feeder", "--mode", "Color", "--resolution", str(DOTS)]
    command += ["--test-picture", PICTURE, "-x", str(SIDE_MM), "-y", str(SIDE_MM)]
    if device == PACED:
        command += ["--read-delay=yes", f"--read-delay-duration={PAUSE}"]
    begun = time.monotonic()
    subprocess.run(
        command,
        env=dict(environment(folder)),
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    taken = time.monotonic() - begun
    written = list(folder.glob(f"*.{kind}"))
    if len(written) != PAGES:
        raise RuntimeError(f"scanimage wrote {len(written)} pages")
    for file in written:
        file.unlink()
    return taken
