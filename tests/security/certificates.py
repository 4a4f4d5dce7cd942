"""An authority, and the home of somebody whose browsers are to trust it."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from server.tls.authority import Credential, new_authority
from server.tls.store import CertificateStore

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
