"""SANE's ``test`` backend alone, in a configuration folder of its own, and its peer `scanimage`."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

DEVICE = "test:0"
PAGES = 10
"""Sheets in the backend's feeder."""
SIDE_MM, DOTS = 200, 300


def environment(folder: Path) -> Mapping[str, str]:
    """The variables with which SANE knows this backend and no other."""
    folder.mkdir(exist_ok=True)
    (folder / "dll.conf").write_text("test\n", encoding="ascii")
    shutil.copy("/etc/sane.d/test.conf", folder)
    return {**os.environ, "SANE_CONFIG_DIR": str(folder)}


def missing() -> str | None:
    """What this machine lacks for the benchmark."""
    if shutil.which("scanimage") is None or not Path("/etc/sane.d/test.conf").exists():
        return "scanimage is not installed: apt-get install sane-utils"
    return None


def scanimage(folder: Path, kind: str, variables: Mapping[str, str]) -> float:
    """Seconds in which `scanimage` scans all sheets into files.

    Parameters
    ----------
    kind
        ``pnm``, which is the samples as they come, or ``jpeg``.
    """
    command = ["scanimage", "-d", DEVICE, f"--batch={folder}/%d.{kind}", f"--format={kind}"]
    command += ["--source", "Automatic Document Feeder", "--mode", "Color", "--resolution", str(DOTS)]
    command += ["--test-picture", "Color pattern", "-x", str(SIDE_MM), "-y", str(SIDE_MM)]
    begun = time.monotonic()
    subprocess.run(
        command, env=dict(variables), check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    taken = time.monotonic() - begun
    written = list(folder.glob(f"*.{kind}"))
    if len(written) != PAGES:
        raise RuntimeError(f"scanimage wrote {len(written)} pages")
    for file in written:
        file.unlink()
    return taken
