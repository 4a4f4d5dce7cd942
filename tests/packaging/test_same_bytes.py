"""Packages of one folder are the same to the byte, whoever makes them, where and when."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.machine import REPOSITORY

pytestmark = [pytest.mark.package, pytest.mark.timeout(600)]
TOOLS = ("dpkg-deb", "rpmbuild", "zstd", "readelf", "setpriv", "taskset")
PACK = """
set -euo pipefail
. packaging/system.sh
. packaging/portable/formats.sh
work=$1 output=$2 quick=$3
version=1.0+standalone arch=x86_64 debian=amd64 maintainer='gaopai maintainers <gaopai@localhost>'
make_packages "$work/folder" "$output"
"""
FILES = {
    "bin/python3.13": b"\x7fELF",
    "bin/gaopai": b"#!/bin/sh\n",
    **{
        f"lib/python3.13/{'ab' * (number % 3 + 1)}/{number}.py": b"#" * (777 * number) for number in range(40)
    },
}
EPOCH = "1700000000"
NOBODY = 65534


def folder(at: Path, names: list[str]) -> None:
    """Write the folder's files in this order; their times are those of the making, as of the real folder."""
    for name in names:
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_bytes(FILES[name])
        (at / name).chmod(0o755 if name.startswith("bin/") else 0o644)
    shutil.copy("/usr/bin/env", at / "bin/python3.13")
    (at / "bin/python3").symlink_to("python3.13")
    for path in (at, *at.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
        os.utime(path, (int(EPOCH), int(EPOCH)), follow_symlinks=False)


def packed(work: Path, names: list[str], quick: str, around: tuple[str, ...]) -> Path:
    """The folder of packages, made in `work` by the command `around` it."""
    for each in ("folder", "output", "home"):
        (work / each).mkdir(parents=True)
    folder(work / "folder", names)
    if os.geteuid() == 0:
        for path in (work, *work.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    environ = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SOURCE_DATE_EPOCH": EPOCH, "HOME": f"{work}/home"}
    script = (*around, "bash", "-c", PACK, "pack", str(work), str(work / "output"), quick)
    subprocess.run(script, cwd=REPOSITORY, env=environ, check=True, capture_output=True)
    return work / "output"


@pytest.mark.parametrize("quick", ["", "1"])
def test_packages_are_the_same_bytes(quick: str, tmp_path: Path) -> None:
    for tool in TOOLS:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    names = list(FILES)
    one = packed(tmp_path / "one", names, quick, ("env", "TZ=UTC"))
    # In memory, its files made the other way round, on one processor, by another account with other habits.
    memory = Path("/dev/shm") / tmp_path.name
    another: tuple[str, ...] = ("env", "TZ=Asia/Shanghai", "LC_ALL=C.UTF-8", "taskset", "1")
    if os.geteuid() == 0:
        another += ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    try:
        two = packed(memory, names[::-1], quick, (*another, "sh", "-c", 'umask 077; exec "$@"', "sh"))
        made = sorted(path.name for path in one.iterdir())
        assert len(made) == 4
        assert [name for name in made if (one / name).read_bytes() != (two / name).read_bytes()] == []
    finally:
        shutil.rmtree(memory, ignore_errors=True)
