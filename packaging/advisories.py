"""Let pip-audit ask an offline copy of OSV's advisories: advisories.py DATABASE COMMAND...

DATABASE is ``all.zip`` of the ecosystem PyPI as OSV publishes it, or a folder of its JSON files. They are
served on loopback for as long as COMMAND runs, which gets ``--osv-url`` with that address at its end; without
a command, the day of the newest advisory is written. The exit code is the command's, or 2 for a database that
says nothing about PyPI.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ECOSYSTEM = "PyPI"
LARGEST = 1 << 16
"""Bytes of a question."""

Advisory = Mapping[str, Any]


class Unusable(Exception):
    """The database is none; the text says why."""


class Advisories:
    """The advisories of a database, by the library that they are about.

    Raises
    ------
    Unusable
    """

    def __init__(self, database: Path) -> None:
        self._by_name: dict[str, list[tuple[Advisory, Advisory]]] = defaultdict(list)
        self.newest = ""
        try:
            for text in _documents(database):
                self._add(json.loads(text))
        except (OSError, ValueError, AttributeError, KeyError, TypeError, zipfile.BadZipFile) as exc:
            raise Unusable(f"{database} is no copy of OSV's advisories ({type(exc).__name__})") from exc
        if not self._by_name:
            # Else all would be well of everything.
            raise Unusable(f"{database} says nothing about {ECOSYSTEM}")

    def about(self, name: str, version: str) -> list[Advisory]:
        """Return the advisories that hold for a version of a library."""
        found = {
            advisory["id"]: advisory
            for advisory, affected in self._by_name.get(canonicalize_name(name), [])
            if is_affected(affected, version)
        }
        return list(found.values())

    def _add(self, advisory: Advisory) -> None:
        self.newest = max(self.newest, str(advisory.get("modified", "")))
        for affected in advisory.get("affected") or []:
            package = affected.get("package") or {}
            if package.get("ecosystem") == ECOSYSTEM:
                self._by_name[canonicalize_name(package["name"])].append((advisory, affected))


def _documents(database: Path) -> Iterator[bytes]:
    if database.is_dir():
        yield from (path.read_bytes() for path in sorted(database.rglob("*.json")))
        return
    with zipfile.ZipFile(database) as archive:
        yield from (archive.read(name) for name in archive.namelist() if name.endswith(".json"))


def is_affected(affected: Advisory, version: str) -> bool:
    """Return whether an advisory's part about a library holds for a version, as OSV's schema defines it.

    What cannot be compared counts as affected: somebody has to look.
    """
    if version in (affected.get("versions") or []):
        return True
    ranges = [one["events"] for one in affected.get("ranges") or [] if one["type"] == "ECOSYSTEM"]
    try:
        return any(_is_within(events, Version(version)) for events in ranges)
    except InvalidVersion:
        return True


def _is_within(events: Sequence[Mapping[str, str]], version: Version) -> bool:
    steps = sorted(
        (_place(at), kind, at) for event in events for kind, at in event.items() if kind != "limit"
    )
    within = False
    for place, kind, _ in steps:
        if kind == "introduced" and version >= place:
            within = True
        elif (kind == "fixed" and version >= place) or (kind == "last_affected" and version > place):
            within = False
    limits = [event["limit"] for event in events if "limit" in event]
    return within and (not limits or any(limit == "*" or version < _place(limit) for limit in limits))


def _place(version: str) -> Version:
    # "0" is before all others, also before the first version's development releases.
    return Version("0.dev0") if version == "0" else Version(version)


def served(advisories: Advisories) -> ThreadingHTTPServer:
    """Return a server on loopback that answers ``/v1/query`` as OSV does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(min(LARGEST, int(self.headers["Content-Length"]))))
            found = advisories.about(asked["package"]["name"], asked["version"])
            answer = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def main(database: str, *command: str) -> int:
    """Run the command with an address of the database's own; return its exit code."""
    try:
        advisories = Advisories(Path(database))
    except Unusable as exc:
        sys.stderr.write(f"gaopai: {exc}\n")
        return 2
    if not command:
        newest = advisories.newest[:10] or "no known day"
        sys.stdout.write(f"{Path(database).name}: its newest advisory is of {newest}\n")
        return 0
    server = served(advisories)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1/query"
    # A proxy would not reach this computer's loopback.
    direct = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    try:
        return subprocess.run([*command, "--osv-url", url], env=direct, check=False).returncode
    finally:
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
