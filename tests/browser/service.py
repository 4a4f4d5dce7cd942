"""The real service in a process of its own, and sites of other origins beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import IO
from urllib.error import URLError

from tests.fakes.canaries import personal

REPOSITORY = Path(__file__).resolve().parents[2]
WEB = REPOSITORY / "server" / "web"
START_SECONDS = 30.0


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def demo_service(
    root: Path, port: int, *arguments: str, desktop: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run ``gaopai serve --demo`` below `root`, on a `desktop` if given; gives the address of its page."""
    command = [sys.executable, "-m", "server", "serve", "--demo", "--port", str(port), "--root", str(root)]
    with (
        (root / "service.log").open("ab") as log,
        _process([*command, *arguments], log, {**surroundings(root), **(desktop or {})}) as process,
    ):
        address = f"http://127.0.0.1:{port}/"
        _wait_until_healthy(f"{address}health", process)
        yield address
    assert personal((root / "service.log").read_text(encoding="utf-8")) == []


def surroundings(state: Path) -> dict[str, str]:
    """An environment without this machine's desktop, whose decisions are kept below `state`."""
    kept = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return {**kept, "XDG_STATE_HOME": str(state / "state")}


@contextmanager
def _process(
    command: Sequence[str], log: IO[bytes], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode} before it was healthy")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError(f"the service was not healthy within {START_SECONDS} seconds")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing: a test's output is for failures."""


@contextmanager
def site() -> Iterator[str]:
    """The web folder served by somebody else: same files, another origin, no rules of ours."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(WEB))) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(10)
