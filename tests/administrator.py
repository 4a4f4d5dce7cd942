"""An administrator of a running service: types ``gaopai admin``, and asks as the settings view does."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE
from tests.service import REPOSITORY, Service

Answer = dict[str, Any]


def type_admin(service: Service, *words: str) -> subprocess.CompletedProcess[str]:
    """Type the command beside a running service."""
    command = [sys.executable, "-m", "server", "admin", "--port", str(service.port), *words]
    return subprocess.run(
        [*command, "--config", str(service.folder / "config.toml")],
        env={**os.environ, "XDG_STATE_HOME": str(service.folder / "state")},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def address_of(service: Service) -> str:
    """The address that the command prints."""
    typed = type_admin(service)
    assert typed.returncode == 0, typed.stderr
    return typed.stdout.strip()


def token_of(service: Service) -> str:
    """The token in that address."""
    return address_of(service).partition("#token=")[2]


def ticket_of(service: Service) -> Path:
    """The file that the command leaves for the service."""
    return service.folder / "state" / "gaopai-access" / "admin.json"


def post(
    service: Service, path: str, headers: Mapping[str, str], body: bytes = b"{}"
) -> tuple[int, bytes, Mapping[str, str]]:
    """Send a request as it is; status, body and headers of the answer."""
    line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    try:
        line.request("POST", path, body, dict(headers))
        answer = line.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        line.close()


class Administrator:
    """A page with a session.

    Parameters
    ----------
    secret
        Secret of the session; None to open one.
    """

    def __init__(self, service: Service, secret: str | None = None) -> None:
        self.service = service
        self.secret = secret or ""
        if secret is None:
            self.secret = self.exchange(token_of(service))[1]["session"]

    def exchange(self, token: str) -> tuple[int, Answer]:
        """Present a token."""
        return self._ask("open", token, {})

    def ask(self, function: str, **body: object) -> tuple[int, Answer]:
        """Ask for a function; status and answer."""
        return self._ask(function, self.secret, body)

    def must(self, function: str, **body: object) -> Answer:
        """Ask for a function that must not be refused."""
        status, answer = self.ask(function, **body)
        assert status == 200, answer
        return answer

    def headers(self, secret: str | None = None) -> dict[str, str]:
        """Headers that the page's requests have."""
        bearer = f"Bearer {self.secret if secret is None else secret}"
        return {
            "Origin": self.service.http,
            "Content-Type": "application/json",
            "Authorization": bearer,
            "Sec-Fetch-Site": "same-origin",
        }

    def _ask(self, function: str, secret: str, body: object) -> tuple[int, Answer]:
        text = json.dumps(body).encode()
        status, answered, _ = post(self.service, f"/admin/api/{function}", self.headers(secret), text)
        return status, json.loads(answered)
