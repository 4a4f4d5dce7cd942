"""NSS databases of additional trusted authorities, of Chrome, Chromium, Edge and Firefox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from server.tls import NAME
from server.tls.certutil import Certutil, StoreFailed

CHROME = (".pki/nssdb", ".local/share/pki/nssdb")
"""Databases of Chrome and its relatives; newer versions make the second if the first is missing."""
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


def databases(home: Path) -> Iterator[Path]:
    """Yield the folders of all databases below a home folder."""
    for name in (*CHROME, *SHARED):
        if (home / name / DATABASE).is_file():
            yield home / name
    for name in FIREFOX:
        yield from sorted(found.parent for found in (home / name).glob(f"*/{DATABASE}"))


def make_first(certutil: Certutil, home: Path) -> None:
    """Make the default database of Chrome if it has none yet.

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
    certutil.run(database, "-N", "--empty-password")


def trust(certutil: Certutil, database: Path, name: str, certificate: bytes) -> None:
    """Add an authority to a database, trusted for servers, in place of other local authorities.

    Parameters
    ----------
    certificate
        Certificate in PEM.

    Raises
    ------
    StoreFailed
    """
    found = trusted(certutil, database)
    if any(each != name for each in found):
        distrust(certutil, database)
    if found != [name]:
        certutil.run(database, "-A", "-n", name, "-t", "C,,", "-a", given=certificate.decode("ascii"))


def distrust(certutil: Certutil, database: Path) -> int:
    """Remove all local authorities from a database; return their number.

    Raises
    ------
    StoreFailed
    """
    names = trusted(certutil, database)
    for name in names:
        certutil.run(database, "-D", "-n", name)
    return len(names)


def trusted(certutil: Certutil, database: Path) -> list[str]:
    """Return the names of the local authorities in a database.

    Raises
    ------
    StoreFailed
    """
    rows = (_ROW.match(line) for line in certutil.run(database, "-L").splitlines())
    return [row[1] for row in rows if row and row[1].startswith(NAME)]
