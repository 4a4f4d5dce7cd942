"""The command of the portable package says why it cannot run, instead of a loader's error."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.service import REPOSITORY

LAUNCHER = REPOSITORY / "packaging/portable/gaopai"
TOO_OLD = """#!/bin/sh
echo "python3: /lib/x86_64-linux-gnu/libc.so.6: version \\`GLIBC_2.28' not found (required by python3)" >&2
exit 1
"""


def started(folder: Path, python: str | bytes, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command with another file in its Python's place."""
    (folder / "bin").mkdir()
    shutil.copy(LAUNCHER, folder / "bin/gaopai")
    interpreter = folder / "bin/python3"
    interpreter.write_bytes(python if isinstance(python, bytes) else python.encode())
    interpreter.chmod(0o755)
    return subprocess.run(
        [folder / "bin/gaopai", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("python", "why"),
    [
        (TOO_OLD, "older than glibc 2.28"),
        (b"\x7fELF\x02\x01\x01" + bytes(60), "another processor"),
        ("#!/no/such/loader\n", "cannot be started"),
    ],
)
def test_why_it_cannot_run_is_said_in_both_languages(tmp_path: Path, python: str | bytes, why: str) -> None:
    ended = started(tmp_path, python)
    assert ended.returncode == 1 and ended.stdout == ""
    assert why in ended.stderr and "无法在此运行" in ended.stderr


def test_where_its_python_runs_it_gets_the_arguments(tmp_path: Path) -> None:
    ended = started(tmp_path, '#!/bin/sh\n[ "$2" = -c ] || echo "$@"\n', "serve", "--demo")
    assert ended.stdout.split()[-2:] == ["serve", "--demo"]
