"""The client of an earlier revision in front of today's service."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.reliability.service import REPOSITORY

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Route

WEB = "server/web"
TYPES = {"js": "text/javascript", "css": "text/css", "html": "text/html", "svg": "image/svg+xml"}


class NoRevision(Exception):
    """Raised where git or the revision is missing."""


def files_of(revision: str) -> dict[str, bytes]:
    """Return the files of the served page as they were, by name.

    Raises
    ------
    NoRevision
    """
    names = _git("ls-tree", "--name-only", revision, f"{WEB}/").decode().split()
    return {name.rpartition("/")[2]: _git("show", f"{revision}:{name}") for name in names}


def serve(context: BrowserContext, address: str, files: dict[str, bytes]) -> None:
    """Have the pages of a context get these files in place of those that the service has."""

    def fulfil(route: Route) -> None:
        name = urlsplit(route.request.url).path.lstrip("/") or "index.html"
        if name not in files:
            route.continue_()
            return
        kind = TYPES.get(name.rpartition(".")[2], "text/plain")
        route.fulfill(body=files[name], headers={"Content-Type": f"{kind}; charset=utf-8"})

    # A page that did not come from the network counts as a public one.
    context.grant_permissions(["local-network-access"])
    context.route(f"{address}**", fulfil)


def _git(*words: str) -> bytes:
    try:
        done = subprocess.run(["git", *words], cwd=REPOSITORY, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.CalledProcessError) as exc:
        raise NoRevision(f"git {' '.join(words)}: {exc}") from exc
    return done.stdout
