"""What `gaopai doctor` says of the token, the certificate and other users."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from server.cli.doctor import access
from server.config import AccessConfig, Config, ServerConfig
from server.tls.store import CertificateStore


def found(config: Config) -> dict[str, tuple[bool, str, str]]:
    """What each check says in English."""
    return {each.name: (each.ok, each.reason.en, each.remedy.en) for each in access.examine(config)}


def test_only_what_is_asked_for_is_looked_at() -> None:
    assert found(Config()).keys() == {"users"}
    assert found(Config(access=AccessConfig(other_users=True)))["users"][0]


def test_a_machine_that_does_not_tell_users_apart_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "can_tell", lambda: False)
    assert not found(Config())["users"][0]


def test_a_token_is_read_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "token"
    config = Config(access=AccessConfig(token_file=str(path)))
    assert "gaopai token new" in found(config)["token"][2]
    path.write_text("a" * 30)
    path.chmod(0o600)
    assert found(config)["token"] == (True, str(path), "")


def test_a_certificate_that_lacks_is_told_how_to_make(tmp_path: Path) -> None:
    config = Config(server=ServerConfig(tls=True), access=AccessConfig(folder=str(tmp_path)))
    assert "gaopai tls install" in found(config)["certificate"][2]
    CertificateStore(tmp_path).install(datetime.datetime.now(datetime.UTC))
    ok, reason, _ = found(config)["certificate"]
    assert ok
    assert reason.startswith("396 days")


def test_a_certificate_of_the_administrators_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.pem")
    config = Config(server=ServerConfig(tls=True, certificate=missing, key=missing))
    ok, reason, _ = found(config)["certificate"]
    assert not ok
    assert "none.pem" in reason
