"""The command of the portable package says why it cannot run, instead of a loader's error."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.service import REPOSITORY

LAUNCHER = REPOSITORY / "packaging/portable/gaopai"
LACKING = """#!/bin/sh
echo "OSError: libstdc++.so.6: cannot open shared object file: No such file or directory" >&2
exit 1
"""
KERNEL = """#!/bin/sh
echo "FATAL: kernel too old" >&2
exit 127
"""
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
        (LACKING, "apt install libstdc++6 zlib1g / dnf install libstdc++ zlib"),
        (KERNEL, "is too old for it"),
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


@pytest.fixture(scope="module")
def musl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a system with musl and busybox, as Alpine is; or a skip with the reason."""
    folder = tmp_path_factory.mktemp("debs")
    root = tmp_path_factory.mktemp("musl")
    fetched = subprocess.run(
        ["apt-get", "-qq", "download", "musl", "busybox-static"], cwd=folder, check=False
    )
    debs = sorted(folder.glob("*.deb"))
    if fetched.returncode or len(debs) != 2:
        pytest.skip("Debian's musl and busybox cannot be fetched")
    for deb in debs:
        subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
    (busybox,) = (path for path in root.rglob("busybox") if path.is_file() and path.parent.name == "bin")
    (root / "bin").mkdir(exist_ok=True)
    if busybox.parent != root / "bin":
        shutil.copy(busybox, root / "bin/busybox")
    (root / "dev").mkdir()
    (root / "dev/null").touch()
    for applet in ("sh", "ls", "dirname", "grep", "readlink", "uname", "printf"):
        (root / "bin" / applet).symlink_to("busybox")
    # Debian's lies elsewhere, with a link; Alpine's in /lib.
    if not list(root.glob("lib/ld-musl-*")):
        loader = next(path.name for path in root.rglob("ld-musl-*.so.1"))
        (root / "lib").mkdir(exist_ok=True)
        (root / "lib" / loader).touch()
    return root


def started_within(root: Path) -> str:
    """Run the command on the files of another system, and return what it says."""
    (root / "srv/bin").mkdir(parents=True, exist_ok=True)
    shutil.copy(LAUNCHER, root / "srv/bin/gaopai")
    # Any program of this machine, which asks for the loader of glibc.
    shutil.copy(Path("/usr/bin/env").resolve(), root / "srv/bin/python3")
    command = ("unshare", "--user", "--map-root-user", "chroot", str(root), "/srv/bin/gaopai", "serve")
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": "/usr/sbin:/usr/bin:/bin"},
    )
    if "unshare" in ended.stderr:
        pytest.skip(f"no namespaces here: {ended.stderr}")
    assert ended.returncode == 1
    return ended.stderr


def test_on_a_system_with_musl_it_says_so(musl: Path) -> None:
    said = started_within(musl)
    assert "the system has musl" in said and "系统使用 musl" in said


def test_musl_beside_glibc_is_not_to_blame(musl: Path) -> None:
    getconf = musl / "bin/getconf"
    getconf.write_text("#!/bin/sh\necho glibc 2.41\n")
    getconf.chmod(0o755)
    said = started_within(musl)
    getconf.unlink()
    assert "musl" not in said and "cannot be started" in said
