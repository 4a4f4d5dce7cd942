"""The databases in which Chrome, Chromium, Edge and Firefox keep whom they trust beside their own list."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from server.children.program import Program
from server.tls import NAME

TOOL_SECONDS = 30.0
CHROME = (".pki/nssdb", ".local/share/pki/nssdb")
"""Of Chrome and its kin; newer versions make the second where the first is missing."""
SHARED = (
    "snap/chromium/current/.pki/nssdb",
    "snap/chromium/current/.local/share/pki/nssdb",
    ".var/app/org.chromium.Chromium/.pki/nssdb",
    ".var/app/com.google.Chrome/.pki/nssdb",
    ".var/app/com.microsoft.Edge/.pki/nssdb",
)
FIREFOX = (
    ".mozilla/firefox",
    ".config/mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox",
)
DATABASE = "cert9.db"

_ROW = re.compile(r"^(.*\S)\s+[A-Za-z]*,[A-Za-z]*,[A-Za-z]*\s*$")


class StoreFailed(Exception):
    """A database could not be read or changed; the text says which, and why."""


def is_there() -> bool:
    """Whether the tool that changes databases is installed."""
    return shutil.which("certutil") is not None


def databases(home: Path) -> Iterator[Path]:
    """The folders of all databases below a home folder."""
    for name in (*CHROME, *SHARED):
        if (home / name / DATABASE).is_file():
            yield home / name
    for name in FIREFOX:
        yield from sorted(found.parent for found in (home / name).glob(f"*/{DATABASE}"))


def make_first(home: Path) -> None:
    """Make the database that Chrome would look for, where it has none yet.

    Raises
    ------
    StoreFailed
    """
    if any((home / name / DATABASE).is_file() for name in CHROME):
        return
    database = home / CHROME[0]
    try:
        database.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise StoreFailed(f"{database}: cannot be made ({exc.strerror})") from exc
    _certutil(database, "-N", "--empty-password")


def trust(database: Path, name: str, certificate: bytes) -> None:
    """Let a database's browser trust an authority for servers; others of this kind no longer.

    Parameters
    ----------
    certificate
        In PEM.

    Raises
    ------
    StoreFailed
    """
    found = trusted(database)
    if any(each != name for each in found):
        distrust(database)
    if found != [name]:
        _certutil(database, "-A", "-n", name, "-t", "C,,", "-a", given=certificate.decode("ascii"))


def distrust(database: Path) -> int:
    """Take every authority of this kind out of a database; how many there were.

    Raises
    ------
    StoreFailed
    """
    names = trusted(database)
    for name in names:
        _certutil(database, "-D", "-n", name)
    return len(names)


def trusted(database: Path) -> list[str]:
    """The names of the authorities of this kind in a database.

    Raises
    ------
    StoreFailed
    """
    rows = (_ROW.match(line) for line in _certutil(database, "-L").splitlines())
    return [row[1] for row in rows if row and row[1].startswith(NAME)]


def _certutil(database: Path, action: str, *words: str, given: str = "") -> str:
    # Its current folder is another.
    command = ("certutil", action, "-d", f"sql:{database.absolute()}", *words)
    try:
        ended = Program(command).run(TOOL_SECONDS, given.encode())
    except FileNotFoundError as exc:
        raise StoreFailed("certutil is not installed: sudo apt install libnss3-tools") from exc
    except TimeoutError as exc:
        raise StoreFailed(f"{database}: certutil does not end; is the browser's database locked?") from exc
    if ended.code != 0:
        lines = ended.errors.decode(errors="replace").strip().splitlines() or ["certutil failed"]
        raise StoreFailed(f"{database}: {lines[-1]}")
    return ended.output.decode(errors="replace")
