"""An authority, and the home of somebody whose browsers are to trust it."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

import pytest

from server.tls import NAME
from server.tls.authority import Credential, new_authority
from server.tls.store import CertificateStore
from tests.patience import PATIENCE

NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture(scope="module")
def authority() -> Credential:
    return new_authority(NOW)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of somebody with a Firefox profile, of each kind that there is."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    return home


def cabinet_of(home: Path) -> CertificateStore:
    return CertificateStore(home / ".local" / "state" / "gaopai-access")


def nss_itself(database: Path, *words: str, given: bytes = b"") -> str:
    """The answer of NSS when a browser opens this folder, with all that lies in it."""
    command = ["certutil", *words, "-d", f"sql:{database}"]
    done = subprocess.run(command, input=given, capture_output=True, timeout=PATIENCE, check=True)
    return done.stdout.decode()


def new_database(database: Path) -> Path:
    database.mkdir(parents=True, exist_ok=True)
    nss_itself(database, "-N", "--empty-password")
    return database


def trusted_in(database: Path) -> list[str]:
    """The names of our authorities in a database that are trusted for servers."""
    rows = [
        line.rsplit(maxsplit=1) for line in nss_itself(database, "-L").splitlines() if line.startswith(NAME)
    ]
    return [name for name, trust in rows if trust == "C,,"]
