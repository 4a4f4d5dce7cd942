"""The faulty backend: compiled once, told how to behave, and its log read."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from tests.patience import PATIENCE

SOURCE = Path(__file__).parent / "faulty"
CACHE = Path(__file__).parents[3] / ".cache" / "sane"
HEADER = Path("/usr/include/sane/sane.h")
SONAME = "libsane-faulty.so.1"
FLAGS = ("-O2", "-Wall", "-Wextra", "-Wno-format-truncation", "-shared", "-fPIC")


def build() -> Path:
    """The folder of the compiled backend; skips the test where it cannot be compiled."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed, which compiles the faulty SANE backend")
    if not HEADER.exists():
        pytest.skip("the headers of SANE are not installed: apt install libsane-dev")
    parts = sorted(SOURCE.glob("*.[ch]"))
    content = b"".join(part.read_bytes() for part in parts) + repr(FLAGS).encode()
    folder = CACHE / sha256(content).hexdigest()[:16]
    if not (folder / SONAME).exists():
        folder.mkdir(parents=True, exist_ok=True)
        _compile([part for part in parts if part.suffix == ".c"], folder / SONAME)
    return folder


@cache
def _source() -> str:
    return "".join(part.read_text() for part in SOURCE.glob("*.c"))


def _compile(sources: Sequence[Path], target: Path) -> None:
    unfinished = target.with_suffix(f".{os.getpid()}")
    command = ("gcc", *FLAGS, "-o", str(unfinished), *map(str, sources), "-lm", "-lpthread")
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    unfinished.replace(target)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that reached the backend; `status` is ``good`` for calls that cannot fail, too.

    Attributes
    ----------
    detail
        ``PAGE:LINE`` of a read, ``NAME=VALUE`` of a set; ``hang`` or ``crash`` where it does not return.
    """

    seconds: float
    process: int
    thread: int
    name: str
    detail: str
    status: str


class Faulty:
    """The scanners of one test.

    Parameters
    ----------
    folder
        Private to the test; holds the text file, the log and the locks of the devices.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "faulty"
        self._log = folder / "calls"
        self.behave()

    def behave(self, *lines: str, **settings: object) -> None:
        """Behave so from the next call on, and in no other way: what was said before is forgotten.

        Parameters
        ----------
        lines
            As they stand in the file, such as ``fault=start:3 jammed``.
        settings
            Keys and values; ``page_size=1`` is the key ``page-size``.
        """
        pairs = (f"{key.replace('_', '-')}={value}" for key, value in settings.items())
        told = (f"log={self._log}", *lines, *pairs)
        for line in told:
            key = line.partition("=")[0].rpartition(":")[2]
            assert f'"{key}"' in _source(), f"the backend has no key {key}"
        self.write("\n".join((*told, "")).encode())

    def write(self, content: bytes) -> None:
        """The file as it is; a driver reads either the old or the new one."""
        new = self.path.with_suffix(".new")
        new.write_bytes(content)
        new.replace(self.path)

    def calls(self, *names: str) -> list[Call]:
        """What was called until now, in order; all or these names only."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return [call for call in map(_call, text.splitlines()) if not names or call.name in names]

    def settings(self) -> list[str]:
        """Each ``NAME=VALUE`` that was set, in order."""
        return [call.detail for call in self.calls("set")]

    def count(self, name: str, *, where: Callable[[Call], bool] = lambda _: True) -> int:
        """How many calls of that name there were."""
        return sum(1 for call in self.calls(name) if where(call))

    def forget(self) -> None:
        """Begin a new log."""
        self._log.unlink(missing_ok=True)


def _call(line: str) -> Call:
    seconds, process, thread, name, detail, status = line.split("\t")
    return Call(float(seconds), int(process), int(thread), name, detail, status)
