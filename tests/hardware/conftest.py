"""Boots the guest kernel once and hands its results to the tests."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.fakes.jpeg import without_tables

REPOSITORY = Path(__file__).parents[2]
CACHE = REPOSITORY / ".cache/guest"
BOOT_SECONDS = 400
"""Hard end of one boot, which takes 17 s on an idle machine."""
CANNOT = 77


def prepare() -> None:
    """Fetch and build what the guest needs, or skip with the reason."""
    done = subprocess.run([REPOSITORY / "script/guest"], capture_output=True, text=True, timeout=600)
    if done.returncode == CANNOT:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr


def draw_pages(share: Path) -> None:
    """A 5-megapixel page as JPEG, and the same without Huffman tables."""
    rows, columns = np.mgrid[0:1944, 0:2592]
    grey = (rows * 7 ^ columns * 3).astype(np.uint8)
    page = cv2.imencode(".jpg", cv2.GaussianBlur(grey, (0, 0), 3), [cv2.IMWRITE_JPEG_QUALITY, 85])[
        1
    ].tobytes()
    (share / "page.jpg").write_bytes(page)
    (share / "bare.jpg").write_bytes(without_tables(page))


def boot(share: Path) -> str:
    """Run the guest to its end, or to ours; what it printed.

    TCG, because KVM inside another virtual machine may hang without a word. The kernel
    arguments avoid a timer check that fails when the host is slow.
    """
    command = [
        "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "1024",
        "-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio",
        "-kernel", str(CACHE / "vmlinuz"), "-initrd", str(CACHE / "initramfs.gz"),
        "-append", "console=ttyS0 loglevel=4 panic=-1 no_timer_check tsc=unstable mitigations=off",
        "-virtfs", "local,path=/,mount_tag=hostroot,security_model=none,readonly=on,multidevs=remap",
        "-virtfs", f"local,path={share},mount_tag=share,security_model=none,multidevs=remap",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=BOOT_SECONDS, check=False
        )
        output = done.stdout
    except subprocess.TimeoutExpired as exc:
        output = (exc.stdout or b"") + b"\n(timed out)"
    return output.decode(errors="replace")


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the guest reads from and writes to."""
    folder = tmp_path_factory.mktemp("share")
    draw_pages(folder)
    command = (REPOSITORY / "tests/hardware/guest/run", REPOSITORY, sys.executable)
    (folder / "run.sh").write_text("exec " + shlex.join(map(str, command)) + "\n")
    return folder


@pytest.fixture(scope="session")
def pages(share: Path) -> dict[str, bytes]:
    """The pictures the guest's camera sends, by file name."""
    return {path.name: path.read_bytes() for path in share.glob("*.jpg")}


@pytest.fixture(scope="session")
def guest(share: Path) -> dict[str, dict[str, Any]]:
    """What each step in the guest saw. One more boot if the first never came to the end."""
    prepare()
    for _ in range(2):
        output = boot(share)
        result = share / "result.json"
        if "guest: done (0)" in output and result.exists():
            return json.loads(result.read_text())
    pytest.fail(f"the guest did not finish:\n{output[-4000:]}")
