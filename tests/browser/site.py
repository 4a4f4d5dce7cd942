"""Sites of other origins beside the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.patience import PATIENCE
from tests.service import REPOSITORY

WEB = REPOSITORY / "server" / "web"
CLIENT = WEB / "client"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing: a test's output is for failures."""


@contextmanager
def site(folder: Path = CLIENT) -> Iterator[str]:
    """A folder served by somebody else, as the client: same files, another origin, no rules of ours."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(PATIENCE)
