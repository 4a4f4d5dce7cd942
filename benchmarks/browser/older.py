"""The client of an earlier revision in front of today's service."""

from __future__ import annotations

import base64
import subprocess
from typing import Any
from urllib.parse import urlsplit

from benchmarks.browser.tab import Tab
from benchmarks.reliability.service import REPOSITORY

WEB = "server/web"
TYPES = {"js": "text/javascript", "css": "text/css"}
"""Of what is replaced. The page itself comes from the service: another could not reach a local network."""


class NoRevision(Exception):
    """Raised where git or the revision is missing."""


def files_of(revision: str) -> dict[str, bytes]:
    """Return scripts and styles of the served page as they were, by their paths.

    Raises
    ------
    NoRevision
    """
    names = _git("ls-tree", "-r", "--name-only", revision, f"{WEB}/").decode().split()
    found = {
        name.removeprefix(f"{WEB}/"): _git("show", f"{revision}:{name}")
        for name in names
        if name.rpartition(".")[2] in TYPES
    }
    return {"station.js": found["demo.js"], **found} if "demo.js" in found else found


def serve(tab: Tab, address: str, files: dict[str, bytes]) -> None:
    """Have a tab get these files in place of those that the service has."""

    def fulfil(request: dict[str, Any]) -> None:
        path = urlsplit(request["request"]["url"]).path.lstrip("/")
        # Early revisions have all of them in one folder.
        name = path if path in files else path.rpartition("/")[2]
        if name not in files:
            tab.post("Fetch.continueRequest", requestId=request["requestId"])
            return
        kind = f"{TYPES[name.rpartition('.')[2]]}; charset=utf-8"
        tab.post(
            "Fetch.fulfillRequest",
            requestId=request["requestId"],
            responseCode=200,
            responseHeaders=[{"name": "Content-Type", "value": kind}],
            body=base64.b64encode(files[name]).decode(),
        )

    tab.on("Fetch.requestPaused", fulfil)
    tab.send("Fetch.enable", patterns=[{"urlPattern": f"{address}*"}])


def _git(*words: str) -> bytes:
    try:
        done = subprocess.run(["git", *words], cwd=REPOSITORY, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.CalledProcessError) as exc:
        raise NoRevision(f"git {' '.join(words)}: {exc}") from exc
    return done.stdout
