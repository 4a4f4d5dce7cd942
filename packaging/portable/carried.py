"""Debian's packages for another processor, and the libraries that they need, as files: none is installed.

    carried.py fetch FOLDER SUITE ARCH NAME...     unpack packages into FOLDER/files, with those of libraries
    carried.py collect FOLDER TREE LIBRARIES CC    copy what is needed below TREE into LIBRARIES

apt checks Debian's signature; its lists lie in FOLDER, and the machine's own are not touched. Some libraries
are needed by modules of OpenCV that gaopai never calls, and bring hundreds of others: in their place comes
one that has their names and does nothing. Those that speak to devices, and FFmpeg, are the machine's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

MIRROR = os.environ.get("GAOPAI_DEBIAN", "http://deb.debian.org") + "/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring"
LISTS_SECONDS = 36_000
"""Age from which lists of packages are fetched again."""
TAG = ".cpython-314-"
USED = (
    "core",
    "imgproc",
    "imgcodecs",
    "calib3d",
    "features2d",
    "flann",
    "video",
    "objdetect",
    "dnn",
    "photo",
)
EMPTY = re.compile(
    rf"libopencv_(?!({'|'.join(USED)})\.so)\w+\.so.*"
    r"|lib(gdal|gdcm\w+|socketxx|OpenEXR\S*|Imath\S*|Iex\S*|IlmThread\S*|imagequant|xcb|(Open|E)?GLX?)\.so.*"
)
"""Needed by name alone: those modules of OpenCV, readers of maps, X-rays and films' pictures, and drawing by
OpenGL; of Pillow copies of a screen, and counts of colours, which are under the GPL."""
MACHINES = re.compile(r"lib(sane|pcsclite|av\w+|sw\w+|postproc)\.so\.\d+")
"""For the machine's own devices; of FFmpeg because Debian's is under the GPL."""
LEFT_OUT = re.compile(
    r"(readline|nis|_(bz2|lzma|uuid|tkinter|remote_debugging|curses\w*|g?dbm|test\w*|xx\w*|ctypes_test))\."
)
"""Modules of Python without which other processors' packages are, too."""
C_LIBRARY = re.compile(r"(ld-linux-.*|lib(c|m|dl|rt|pthread|util|resolv|mvec|anl|nsl))\.so\.\d+")
SPECIAL = {
    "libz.so.1": "zlib1g",
    "libjpeg.so.62": "libjpeg62-turbo",
    "libcrypto.so.3": "libssl3t64",
    "libssl.so.3": "libssl3t64",
    "libexslt.so.0": "libxslt1.1",
    "libbrotlidec.so.1": "libbrotli1",
    "libbrotlicommon.so.1": "libbrotli1",
    "libglib-2.0.so.0": "libglib2.0-0t64",
    **{
        f"libicu{part}.so.{number}": f"libicu{number}"
        for part in ("uc", "i18n", "data")
        for number in range(72, 90)
    },
}


class Debian:
    """Packages of a suite for one processor."""

    def __init__(self, folder: Path, suite: str, arch: str) -> None:
        self.folder = folder
        self.files = folder / "files"
        apt = folder / "apt"
        for name in ("lists/partial", "cache/archives/partial", "state"):
            (apt / name).mkdir(parents=True, exist_ok=True)
        (apt / "state/status").touch()
        signed = next(path for path in (KEYRING + ".gpg", KEYRING + ".pgp") if Path(path).exists())
        (apt / "sources.list").write_text(f"deb [signed-by={signed} arch={arch}] {MIRROR} {suite} main\n")
        settings = {
            **{"Dir::State::Lists": apt / "lists", "Dir::State::Status": apt / "state/status"},
            **{"Dir::Cache": apt / "cache", "Dir::Etc::SourceList": apt / "sources.list"},
            **{"Dir::Etc::SourceParts": "/dev/null", "Dir::Etc::PreferencesParts": "/dev/null"},
            **{"APT::Architecture": arch, "APT::Architectures": arch, "APT::Sandbox::User": ""},
            **{"Acquire::Retries": 2, "Acquire::Languages": "none"},
        }
        lines = (f'{name} "{value}";\n' for name, value in settings.items())
        (apt / "apt.conf").write_text("".join(lines))
        self._environ = {**os.environ, "APT_CONFIG": str(apt / "apt.conf"), "LC_ALL": "C"}
        updated = apt / "updated"
        if not updated.exists() or time.time() - updated.stat().st_mtime > LISTS_SECONDS:
            self._apt("apt-get", "-qq", "update")
            updated.touch()
        self.packages = dict(self._read())

    def _apt(self, *command: str, cwd: Path | None = None) -> str:
        return subprocess.run(
            command, env=self._environ, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    def _read(self) -> Iterator[tuple[str, dict[str, str]]]:
        for stanza in self._apt("apt-cache", "dumpavail").split("\n\n"):
            fields = dict(re.findall(r"^(\S+): (.*)$", stanza, re.M))
            if fields:
                yield fields["Package"], fields

    def unpack(self, names: Iterable[str]) -> None:
        """Fetch and unpack packages, each once; what came of which source is noted as ``SOURCE.version``."""
        wanted = [name for name in names if not (self.folder / f"{name}.unpacked").exists()]
        if unknown := [name for name in wanted if name not in self.packages]:
            sys.exit(f"gaopai: Debian has no {', '.join(unknown)} for this processor")
        if not wanted:
            return
        archives = self.folder / "archives"
        archives.mkdir(exist_ok=True)
        self._apt("apt-get", "-qq", "download", *wanted, cwd=archives)
        for name in wanted:
            (deb,) = archives.glob(f"{name}_*.deb")
            subprocess.run(["dpkg-deb", "-x", deb, self.files], check=True)
            deb.unlink()
            source, _, version = self.packages[name].get("Source", name).partition(" (")
            version = version.rstrip(")") or self.packages[name]["Version"]
            (self.folder / f"{source}.version").write_text(version + "\n")
            (self.folder / f"{name}.unpacked").touch()

    def provider(self, soname: str) -> str:
        """Return the package with a library, which Debian's policy names after it."""
        if soname.startswith("libabsl_"):
            return next(name for name in self.packages if re.fullmatch(r"libabsl\d{8}(t64)?", name))
        stem, _, number = soname.lower().replace("_", "-").partition(".so.")
        name = f"{stem}-{number}" if stem[-1].isdigit() else stem + number
        wanted = re.compile(rf"{re.escape(SPECIAL.get(soname, name))}[.\d]*[a-z]?(t64)?")
        if found := sorted(filter(wanted.fullmatch, self.packages)):
            return found[0]
        sys.exit(f"gaopai: no package of Debian is known to have {soname}")


def modules(files: Path) -> list[Path]:
    """Return Python, its modules and those of libraries, but for what is for another Python, or left out."""
    found = [*files.glob("usr/lib/python3*/**/*.so"), *files.glob("usr/bin/python3.*")]
    return [
        path
        for path in found
        if path.is_file()
        and not LEFT_OUT.match(path.name)
        and (TAG in path.name or ".cpython-" not in path.name)
    ]


def machine_code(tree: Path) -> Iterator[Path]:
    """Yield programs and libraries below a folder."""
    for path in sorted(tree.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def needed(path: Path) -> list[str]:
    """Return the names of the libraries that a file needs."""
    return re.findall(r"\(NEEDED\).*\[(.*)\]", _readelf("-dW", path))


def _readelf(option: str, path: Path) -> str:
    done = subprocess.run(["readelf", *option.split(), path], capture_output=True, text=True, check=True)
    return done.stdout


def libraries(files: Path) -> dict[str, Path]:
    """Return what lies in the folders of libraries, by name; the shallowest where there are several."""
    found = sorted(
        (path for path in files.glob("usr/lib*/**/*.so*") if path.is_file()), key=lambda path: len(path.parts)
    )
    return {path.name: path for path in reversed(found)}


def wanted(roots: Iterable[Path], known: dict[str, Path]) -> tuple[dict[str, Path], set[str], list[Path]]:
    """Return the libraries that files need, those that are missing, and all files that were looked at."""
    todo = list(roots)
    seen = {}
    missing = set()
    looked: list[Path] = []
    while todo:
        path = todo.pop()
        looked.append(path)
        for soname in needed(path):
            if soname in seen or EMPTY.fullmatch(soname) or MACHINES.fullmatch(soname):
                continue
            if soname in known:
                seen[soname] = known[soname]
                todo.append(known[soname])
            else:
                missing.add(soname)
    return seen, missing, looked


def fetch(folder: Path, suite: str, arch: str, names: list[str]) -> None:
    """Unpack packages, and those with the libraries that their programs and modules need."""
    debian = Debian(folder, suite, arch)
    debian.unpack(["libc6", *names])
    while True:
        _, missing, _ = wanted(modules(debian.files), libraries(debian.files))
        providers = {debian.provider(soname) for soname in missing if not C_LIBRARY.fullmatch(soname)}
        if not providers:
            return
        debian.unpack(sorted(providers))


def collect(folder: Path, tree: Path, place: Path, compiler: str) -> None:
    """Copy the libraries that are needed below a tree, and make the one that does nothing."""
    known = libraries(folder / "files")
    place.mkdir(parents=True, exist_ok=True)
    roots = [path for path in machine_code(tree) if place not in path.parents]
    found, missing, looked = wanted(roots, known)
    loader = next(name for name in known if name.startswith("ld-linux"))
    if missing:
        sys.exit(f"gaopai: nothing has {', '.join(sorted(missing))}")
    for name in {*found, loader}:
        shutil.copy(known[name], place / name)
        (place / name).chmod(0o755 if name == loader else 0o644)
    names = {soname for path in looked for soname in needed(path) if EMPTY.fullmatch(soname)}
    if names:
        _make_empty(looked, place, names, compiler)


def _make_empty(looked: list[Path], place: Path, names: set[str], compiler: str) -> None:
    asked: set[str] = set()
    given: set[str] = set()
    for path in looked:
        asks = any(map(EMPTY.fullmatch, needed(path)))
        for line in _readelf("--dyn-syms -W", path).splitlines():
            words = line.split()
            if len(words) >= 8 and words[4] in ("GLOBAL", "WEAK"):
                name = words[7].partition("@")[0]
                if words[6] != "UND":
                    given.add(name)
                elif asks and words[4] == "GLOBAL":
                    asked.add(name)
    source = ["long nothing(void) { return 0; }"]
    for name in sorted(asked - given):
        if not name.isidentifier():
            sys.exit(f"gaopai: {name} is no name of C")
        # Tables of classes and what tells their kinds are read; all else is called.
        data = re.match(r"_ZT[VIST]", name)
        source.append(f"char {name}[4096] __attribute__((aligned(16)));" if data
                      else f'long {name}(void) __attribute__((alias("nothing")));')  # fmt: skip
    text = place / "nothing.c"
    text.write_text("\n".join(source) + "\n")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-w", "-Wl,-s", "-o", place / "libnothing.so", text], check=True
    )
    text.unlink()
    for name in names:
        (place / name).symlink_to("libnothing.so")


if __name__ == "__main__":
    action, first, *others = sys.argv[1:]
    if action == "fetch":
        fetch(Path(first).absolute(), others[0], others[1], others[2:])
    else:
        collect(Path(first).absolute(), Path(others[0]), Path(others[1]), others[2])
