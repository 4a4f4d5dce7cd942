"""Checks of access control: the token, the certificate, other users of the machine."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from server import config as configuration
from server.access.peer import can_tell
from server.access.token import read_token
from server.cli.doctor.check import Check, same, type_this
from server.config import Config, ConfigError
from server.errors import LocalizedText
from server.tls.store import CertificateStore, CertificateUnusable, server_context


def examine(config: Config) -> Iterator[Check]:
    """Check what the configuration requires."""
    yield _users(config)
    if config.access.token_file:
        yield _token(Path(config.access.token_file).expanduser())
    if config.server.tls:
        yield _certificate(config)


def _users(config: Config) -> Check:
    if not config.access.other_users and not can_tell():
        reason = LocalizedText(
            "本机无法区分连接属于哪个用户，因此全部拒绝",
            "this machine does not tell whose a connection is, so that all are refused",
        )
        return Check("users", False, reason, type_this("sudo modprobe tcp_diag"))
    if not config.access.other_users:
        state = LocalizedText("拒绝其他用户的程序", "programs of other users are refused")
    elif config.access.token_file:
        state = LocalizedText("允许本机所有用户", "all users of this computer are let in")
    else:
        state = LocalizedText(
            "允许本机所有用户的网页；没有令牌，其他用户的程序被拒绝",
            "pages of all users are let in, and without a token no programs of other users",
        )
    return Check("users", True, state)


def _token(path: Path) -> Check:
    try:
        read_token(path)
    except ConfigError as exc:
        return Check("token", False, LocalizedText(exc.zh, str(exc)), type_this("gaopai token new"))
    return Check("token", True, same(str(path)))


def _certificate(config: Config) -> Check:
    server = config.server
    try:
        if server.certificate or server.key:
            server_context(Path(server.certificate).expanduser(), Path(server.key).expanduser())
            return Check("certificate", True, same(server.certificate))
        store = CertificateStore(configuration.access_folder(config.access))
        _, leaf = store.read()
    except CertificateUnusable as exc:
        remedy = LocalizedText("见前一句", "see the sentence before")
        return Check("certificate", False, LocalizedText(exc.zh, str(exc)), remedy)
    if leaf is None:
        reason = LocalizedText(
            "[server] tls 已打开，但没有证书", "[server] tls is on, and there is no certificate"
        )
        return Check("certificate", False, reason, type_this("gaopai tls install"))
    days = leaf.days_left(datetime.datetime.now(datetime.UTC))
    left = LocalizedText(f"还有 {days} 天，自动更新", f"{days} days left, renewed by itself")
    return Check("certificate", True, left)
