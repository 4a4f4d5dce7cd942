"""A web server that takes uploads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.patience import PATIENCE

CLOSED = "/closed"
"""Where nothing is taken: the answer is 503."""


@dataclass
class Inbox:
    """What arrived: the parts of each form."""

    origin: str = ""
    forms: list[list[Message]] = field(default_factory=list)

    def take(self, kind: str, body: bytes) -> None:
        """Keep one form."""
        whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        self.forms.append(list(whole.iter_parts()))


def name_of(part: Message) -> str:
    """The name of a form's field."""
    return str(part.get_param("name", header="content-disposition"))


def bytes_of(part: Message) -> bytes:
    """The content of a form's field."""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


@contextmanager
def inbox() -> Iterator[Inbox]:
    """A server on loopback that says what came to it."""
    kept = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            closed = self.path == CLOSED
            if not closed:
                kept.take(self.headers["Content-Type"], body)
            answer = b"closed" if closed else f"form {len(kept.forms)}".encode()
            self.send_response(503 if closed else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
            """Say nothing: a test's output is for failures."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.origin = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join(PATIENCE)
