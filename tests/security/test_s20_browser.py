"""S20, in Chromium: wss is trusted after `gaopai tls install`, not before, and not after it was removed."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server.access.listeners import has_v6
from tests.browser.chromium import ARGUMENTS, NoBrowser
from tests.patience import PATIENCE
from tests.security.test_s01_loopback import listening_at
from tests.service import REPOSITORY, free_port, running

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.browser

DIAL = """(address) => new Promise((resolve) => {
    const socket = new WebSocket(address);
    socket.onopen = () => { socket.close(); resolve('open'); };
    socket.onerror = () => resolve('refused');
})"""


@contextmanager
def browser_of(home: Path, profile: str) -> Iterator[BrowserContext]:
    """Chromium as somebody with that home starts it."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as exc:
        raise NoBrowser("playwright is not installed") from exc
    executable = shutil.which("chromium")
    if executable is None:
        raise NoBrowser("chromium is not installed")
    environment = {**os.environ, "HOME": str(home)}
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(home / profile), executable_path=executable, args=ARGUMENTS, env=environment
        )
        try:
            yield context
        finally:
            context.close()


def gaopai(home: Path, *words: str) -> None:
    """A command, as somebody with that home types it."""
    environment = {**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
    command = [sys.executable, "-m", "server", *words]
    subprocess.run(
        command, cwd=REPOSITORY, env=environment, check=True, timeout=PATIENCE, capture_output=True
    )


def outcomes(home: Path, profile: str, port: int, tls_port: int) -> dict[str, str]:
    """What the service's own page comes to when it dials either port."""
    with browser_of(home, profile) as context:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/gaopai.d.ts")
        plain = page.evaluate(DIAL, f"ws://127.0.0.1:{port}")
        try:
            page.goto(f"https://localhost:{tls_port}/gaopai.d.ts")
        except Exception as refused:  # noqa: BLE001 (Playwright's own, which may not be installed)
            return {"ws": plain, "wss": "ERR_CERT" if "ERR_CERT_AUTHORITY_INVALID" in str(refused) else "?"}
        return {"ws": plain, "wss": page.evaluate(DIAL, f"wss://localhost:{tls_port}")}


def test_chromium_trusts_wss_while_it_is_installed(tmp_path: Path) -> None:
    if shutil.which("certutil") is None:
        pytest.skip("certutil (libnss3-tools) is not installed")
    home = tmp_path / "home"
    tls_port = free_port()
    home.mkdir()
    access = f"[access]\nfolder = '{home}/state/gaopai-access'\n"
    settings = f"[server]\ntls = true\ntls_port = {tls_port}\n{access}"
    seen = []
    try:
        gaopai(home, "tls", "install")
        with running(tmp_path, settings) as service:
            port = service.port
            loopback = {"0100007F"} | ({"0" * 24 + "01000000"} if has_v6() else set())
            assert listening_at(port) == listening_at(tls_port) == loopback
            assert handshake(tls_port, home / "state/gaopai-access/tls/authority.pem") in (
                "TLSv1.3",
                "TLSv1.2",
            )
            seen.append(outcomes(home, "first", port, tls_port))
            gaopai(home, "tls", "remove")
            seen.append(outcomes(home, "second", port, tls_port))
    except NoBrowser as exc:
        pytest.skip(str(exc))
    assert seen == [{"ws": "open", "wss": "open"}, {"ws": "open", "wss": "ERR_CERT"}]


def handshake(port: int, authority: Path) -> str | None:
    """The version agreed on with a client that trusts the authority and checks the name."""
    context = ssl.create_default_context(cafile=str(authority))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line,
        context.wrap_socket(line, server_hostname="127.0.0.1") as wrapped,
    ):
        return wrapped.version()
