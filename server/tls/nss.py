"""NSS databases of trusted authorities, of Chrome, Edge and Firefox, changed by its ``certutil``."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.children.program import Program
from server.tls import NAME

PROGRAM = "certutil"
SECONDS = 30.0
"""Time limit of one run of ``certutil``, in seconds."""
MODULES = """library=
name=NSS Internal PKCS #11 Module
parameters=configdir='' certPrefix='' keyPrefix='' secmod='' flags= updatedir='' updateCertPrefix='' \
updateKeyPrefix='' updateid='' updateTokenDescription=''
NSS=Flags=internal,critical trustOrder=75 cipherOrder=100 slotParams=(1={askpw=any timeout=30})

"""
"""Content of ``pkcs11.txt``: the module that is a part of NSS, and no other."""
FILES = ("cert9.db", "key4.db")
"""Files of a database; the second also authenticates the trust in the first."""


class StoreFailed(Exception):
    """A database cannot be read or changed; the text names it and the reason."""

    exit_code = 1


def is_there() -> bool:
    """Return whether certutil is installed."""
    return shutil.which(PROGRAM) is not None


@dataclass(frozen=True, slots=True)
class Certutil:
    """Runs ``certutil`` on databases, made by `certutil`.

    NSS loads the libraries that ``pkcs11.txt`` names, and a ``libnssckbi.so`` that lies beside it. It
    therefore gets a folder of ours, in which links lead to the database's files by a descriptor.

    Attributes
    ----------
    folder
        The folder, writable for its maker alone.
    slot
        Number of the descriptor through which its links lead.
    """

    folder: Path
    slot: int

    def run(self, database: Path, action: str, *words: str, given: str = "") -> str:
        """Run one action on the database in a folder of this account; return the output."""
        self._lead_to(database)
        command = (PROGRAM, action, "-d", f"sql:{self.folder}", *words)
        try:
            ended = Program(command, descriptors=(self.slot,)).run(SECONDS, given.encode())
        except FileNotFoundError as exc:
            raise StoreFailed("certutil is not installed: sudo apt install libnss3-tools") from exc
        except TimeoutError as exc:
            raise StoreFailed(
                f"{database}: certutil does not end; is the browser's database locked?"
            ) from exc
        if ended.code != 0:
            lines = ended.errors.decode(errors="replace").strip().splitlines() or ["certutil failed"]
            raise StoreFailed(f"{database}: {lines[-1]}")
        return ended.output.decode(errors="replace")

    def _lead_to(self, database: Path) -> None:
        try:
            opened = os.open(database, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as exc:
            raise StoreFailed(f"{database}: cannot be opened ({exc.strerror})") from exc
        try:
            if os.fstat(opened).st_uid != os.geteuid():
                raise StoreFailed(f"{database}: belongs to another account")
            os.dup2(opened, self.slot, inheritable=False)
        finally:
            os.close(opened)


@contextlib.contextmanager
def certutil() -> Iterator[Certutil]:
    """Make the folder for as long as it is used; root's may be used by copies with an account's rights."""
    try:
        # Root's temporary folder may be closed to accounts, and theirs are no place for what root relies on.
        folder = Path(tempfile.mkdtemp(prefix="gaopai-nss-", dir="/run" if os.geteuid() == 0 else None))
    except OSError as exc:
        raise StoreFailed(f"no temporary folder can be made ({exc.strerror})") from exc
    slot = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        _fill(folder, slot)
        yield Certutil(folder, slot)
    finally:
        os.close(slot)
        shutil.rmtree(folder)


def _fill(folder: Path, slot: int) -> None:
    (folder / "pkcs11.txt").write_text(MODULES, encoding="ascii")
    (folder / "pkcs11.txt").chmod(0o444)
    for name in FILES:
        (folder / name).symlink_to(f"/proc/self/fd/{slot}/{name}")
    folder.chmod(0o755)


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
    """Make the default database of Chrome if it has none yet."""
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
    """
    found = trusted(certutil, database)
    if any(each != name for each in found):
        distrust(certutil, database)
    if found != [name]:
        certutil.run(database, "-A", "-n", name, "-t", "C,,", "-a", given=certificate.decode("ascii"))


def distrust(certutil: Certutil, database: Path) -> int:
    """Remove all local authorities from a database; return their number."""
    names = trusted(certutil, database)
    for name in names:
        certutil.run(database, "-D", "-n", name)
    return len(names)


def trusted(certutil: Certutil, database: Path) -> list[str]:
    """Return the names of the local authorities in a database."""
    rows = (_ROW.match(line) for line in certutil.run(database, "-L").splitlines())
    return [row[1] for row in rows if row and row[1].startswith(NAME)]
