"""The package with a Python of its own: what it asks for, and what it holds."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.machine import REPOSITORY

pytestmark = [pytest.mark.package, pytest.mark.timeout(3000)]

NEWEST = {"GLIBC": (2, 28), "GLIBCXX": (3, 4, 25), "CXXABI": (1, 3, 11), "GCC": (8, 0)}
"""Of each library's symbols, those of UOS 20 and RHEL 8."""


def said(*command: str | Path) -> str:
    """Run a command, and return its output."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session")
def folder(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that runs anywhere, out of the tarball."""
    (tarball,) = packages.glob("*.tar.zst")
    unpacked = tmp_path_factory.mktemp("unpacked")
    said("tar", "--zstd", "-xf", tarball, "-C", unpacked)
    (only,) = unpacked.iterdir()
    return only


def machine_code(folder: Path) -> Iterator[Path]:
    """Programs and libraries."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def asked_for(path: Path) -> set[tuple[str, tuple[int, ...]]]:
    """The versions of symbols that a file asks of the machine's libraries."""
    text = said("readelf", "--wide", "--version-info", path)
    needs = text.partition("Version needs section")[2]
    found = re.findall(r"Name: (GLIBC|GLIBCXX|CXXABI|GCC)_([\d.]+)", needs)
    return {(name, tuple(map(int, version.split(".")))) for name, version in found}


def brings_the_c_library(folder: Path) -> bool:
    """True for the package of a processor for which nothing is made for old systems."""
    return any(folder.glob("lib/*/ld-linux*"))


def test_no_file_asks_for_newer_libraries_than_the_oldest_systems_have(folder: Path) -> None:
    if brings_the_c_library(folder):
        pytest.skip("it brings its own C library")
    files = list(machine_code(folder))
    assert len(files) > 100
    asked = {path: asked_for(path) for path in files}
    assert any(asked.values())
    too_new = {
        str(path.relative_to(folder)): (name, version)
        for path, needs in asked.items()
        for name, version in needs
        if version > NEWEST[name]
    }
    assert too_new == {}


SYSTEM = re.compile(
    r"(ld-linux-x86-64|ld-linux-aarch64|lib(c|m|dl|rt|pthread|util|mvec|gcc_s|stdc\+\+|z|sane))\.so\.\d+"
)
"""Libraries that every system has, and SANE's, which is loaded where there are scanners."""
DEVICES = re.compile(r"lib(sane|av\w+|sw\w+)\.so\.\d+")
"""Of the machine for a package with a C library of its own: FFmpeg, too."""


def test_it_brings_every_other_library(folder: Path) -> None:
    files = list(machine_code(folder))
    brought = {path.name for path in folder.rglob("*.so*")}
    missing = set()
    system = DEVICES if brings_the_c_library(folder) else SYSTEM
    for path in files:
        text = said("readelf", "-dW", path)
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", text)
        missing |= {name for name in needed if name not in brought and not system.fullmatch(name)}
    assert missing == set()


SOUGHT = re.compile(r"\$(ORIGIN|\{ORIGIN\})(/|$)|/opt/_internal/")
"""Within the package; the other is of the makers of wheels, and below a folder that root alone can make."""


def test_libraries_are_looked_for_within_it_alone(folder: Path) -> None:
    """A folder of the machine that made it may be anybody's where it runs."""
    places = {
        (str(path.relative_to(folder)), place)
        for path in machine_code(folder)
        for found in re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", said("readelf", "-dW", path))
        for place in found.split(":")
    }
    assert {one for one in places if not SOUGHT.match(one[1])} == set()


def test_nobody_else_can_write_what_is_installed(packages: Path) -> None:
    debs = list(packages.glob("*.deb"))
    assert debs
    for deb in debs:
        lines = said("dpkg-deb", "--contents", deb).splitlines()
        assert {line.split()[1] for line in lines} == {"root/root"}
        # Links have no permissions of their own; none of the rest is setuid, setgid or writable by others.
        odd = [
            line for line in lines if line[0] != "l" and not re.match(r"[d-]rw[x-][r-]-[x-][r-]-[x-]", line)
        ]
        assert odd == []


def test_python_was_compiled_for_what_linux_can_do(folder: Path) -> None:
    """Its configure tries these, which it cannot for another processor, and takes the worst for granted."""
    (described,) = folder.glob("lib/python3.*/_sysconfigdata__linux_*.py")
    found = dict(re.findall(r"'(\w+)': ([01])\b", described.read_text()))
    there = ("HAVE_WORKING_TZSET", "HAVE_COMPUTED_GOTOS", "PTHREAD_SYSTEM_SCHED_SUPPORTED")
    flaws = ("HAVE_ALIGNED_REQUIRED", "HAVE_BROKEN_SEM_GETVALUE")
    assert {name: found[name] for name in there + flaws} == dict.fromkeys(there, "1") | dict.fromkeys(
        flaws, "0"
    )


def test_nothing_names_a_folder_of_the_machine_that_made_it(folder: Path) -> None:
    cache = str(REPOSITORY / ".cache").encode()
    assert [str(path) for path in folder.rglob("*") if path.is_file() and cache in path.read_bytes()] == []


def test_what_is_compiled_here_is_stripped(folder: Path) -> None:
    ours = [
        *folder.glob("bin/python3.1?"),
        *folder.rglob("lib-dynload/*.so"),
        *folder.rglob("imgcore/**/*.so"),
    ]
    assert len(ours) > 20
    for path in ours:
        text = said("readelf", "-SW", path)
        assert ".symtab" not in text, path
        assert ".debug_info" not in text, path


def test_the_store_gets_no_script(packages: Path) -> None:
    (store,) = packages.glob("org.gaopai.gaopai_*.deb")
    contents = said("dpkg-deb", "--contents", store)
    paths = [line.split()[5] for line in contents.splitlines()]
    inside = "./opt/apps/org.gaopai.gaopai/"
    assert [path for path in paths if not path.startswith(inside) and not inside.startswith(path)] == []
    control = said("dpkg-deb", "--info", store)
    assert not re.search(r"\b(preinst|postinst|prerm|postrm)\b", control)
    info = said("sh", "-c", f"dpkg-deb --fsys-tarfile {store} | tar -xO {inside}info")
    assert json.loads(info)["appid"] == "org.gaopai.gaopai"


def test_the_rpm_holds_what_the_debian_package_holds(packages: Path) -> None:
    (rpm,) = packages.glob("*.rpm")
    (deb,) = packages.glob("gaopai_*.deb")
    listed = said("rpm", "-qlp", rpm).splitlines()
    contents = said("dpkg-deb", "--contents", deb)
    packed = {line.split()[5].lstrip(".") for line in contents.splitlines() if not line.startswith("d")}
    debian = {"/usr/share/doc/gaopai/changelog.gz", "/usr/share/lintian/overrides/gaopai"}
    assert packed - set(listed) == debian
