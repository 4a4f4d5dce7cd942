"""Audit trail to a collector: RFC 5424 over TLS (RFC 5425), read from the trail's own files.

The files are the queue: what the collector has not taken yet lies in them, whatever happens to the service
or the network, for as long as the trail keeps its files. A line is passed on when the collector's system has
acknowledged all of it; after a broken connection some may come twice, which their hashes tell.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import json
import logging
import os
import platform
import socket
import ssl
import struct
import termios
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import monotonic, sleep
from typing import BinaryIO, Final

from server.runtime.background import supervise_thread
from server.telemetry.trail_files import RotatingFiles, trail_files

log = logging.getLogger(__name__)

FILE: Final = "audit.sent"
Position = tuple[bytes, int]
"""Digest of the first line of a file, and its bytes that were sent; which compression leaves alone."""
RECORD: Final = struct.Struct("32sQ")
PORT = 6514
"""Port of a collector whose address names none, as RFC 5425 assigns it."""
BATCH = 512
"""Limit of the lines that wait for one acknowledgement."""
SECONDS = 10.0
"""Time limit of a connection, of a message, and of its acknowledgement, in seconds."""
PAUSES = (1.0, 5.0, 30.0)
"""Pauses before further attempts, in seconds, the last one again and again."""
IDLE_SECONDS = 10.0
"""Longest wait for a next line, in seconds, after which the connection is looked at."""
ACKNOWLEDGED_SECONDS = 0.02
"""Interval at which it is looked whether a message is acknowledged, in seconds."""
_NOTICE = 13 * 8 + 5
"""Priority of a line of normal importance (RFC 5424, 6.2.1): facility 13, log audit, with severity 5."""
_WARNING = 13 * 8 + 4
"""Priority of a line of a refusal or a damage (RFC 5424, 6.2.1): facility 13, log audit, with severity 4."""
_ESTABLISHED = 1
"""State of a TCP connection that is open on both sides, as the kernel numbers it."""


@dataclass(frozen=True, slots=True)
class Collector:
    """Collector of syslog messages.

    Attributes
    ----------
    authorities
        File of the certificates that its own is judged by; empty for the system's.
    certificate
        File with a certificate and its key to show to it; empty for none.
    """

    host: str
    port: int = PORT
    authorities: str = ""
    certificate: str = ""

    def context(self) -> ssl.SSLContext:
        """Return the terms of connections; raises OSError where a file cannot be used."""
        made = ssl.create_default_context(cafile=self.authorities or None)
        if self.certificate:
            made.load_cert_chain(self.certificate)
        return made


class SyslogForwarder:
    """Sends the lines of a trail in a thread of its own.

    Parameters
    ----------
    files
        Files of the trail, shared with what writes it.
    written
        Set by the trail after each line.

    Raises
    ------
    OSError
        A file of the collector's terms, or the record of what was sent, cannot be used.
    """

    def __init__(self, files: RotatingFiles, collector: Collector, written: threading.Event) -> None:
        self._files = files
        self._collector = collector
        self._terms = collector.context()
        self._written = written
        self._ended = threading.Event()
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._record = os.open(files.folder / FILE, flags, 0o600)
        self._position = _read(self._record)
        self._doubtful: Position | None = None
        self._failing = False
        self._batch = 1
        self._thread = supervise_thread("syslog", self._run)

    def close(self) -> None:
        """End within a bounded time; what was not sent is sent by the next life."""
        self._ended.set()
        self._written.set()
        self._thread.join(SECONDS)

    # In the thread ---------------------------------------------------------------------

    def _run(self) -> None:
        attempts = 0
        while not self._ended.is_set():
            try:
                with self._connected() as line:
                    attempts = 0
                    self._tell_success()
                    self._forward(line)
            except OSError as error:
                self._position = self._doubtful or self._position
                self._fail(error)
            self._ended.wait(PAUSES[min(attempts, len(PAUSES) - 1)])
            attempts += 1
        os.close(self._record)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[ssl.SSLSocket]:
        host = self._collector.host
        with (
            socket.create_connection((host, self._collector.port), SECONDS) as plain,
            self._terms.wrap_socket(plain, server_hostname=host) as line,
        ):
            yield line

    def _forward(self, line: ssl.SSLSocket) -> None:
        # Few at first, so that a connection that breaks again and again takes some each time.
        self._batch = 1
        self._doubtful = None
        while True:
            self._written.clear()
            waiting = self._waiting()
            if waiting:
                line.sendall(b"".join(_framed(text) for text, _ in waiting))
            elif self._ended.is_set():
                return
            else:
                self._written.wait(IDLE_SECONDS)
            _acknowledged(line)
            if waiting:
                # A collector that goes may not have read what its system acknowledged last. The first batch
                # of a connection counts, so that each connection leads on.
                self._doubtful = self._position if self._batch > 1 else None
                self._position = waiting[-1][1]
                os.pwrite(self._record, RECORD.pack(*self._position), 0)
                os.fsync(self._record)
                self._batch = min(2 * self._batch, BATCH)

    def _waiting(self) -> list[tuple[bytes, Position]]:
        """Return the next lines that were not sent, each with the position after it."""
        with self._files.renaming:
            return list(islice(self._lines(), self._batch))

    def _lines(self) -> Iterator[tuple[bytes, Position]]:
        files = trail_files(self._files.folder)
        at = next((at for at in reversed(range(len(files))) if _digest(files[at]) == self._position[0]), None)
        if at is None and self._position[1]:
            log.error("files of the audit trail went that the collector did not take: [audit] files is small")
        for path in files[at or 0 :]:
            with _opened(path) as lines:
                digest = _digest_of(lines.readline())
                end = self._position[1] if digest == self._position[0] else 0
                lines.seek(end)
                while (text := lines.readline()).endswith(b"\n"):
                    end += len(text)
                    yield text, (digest, end)

    def _fail(self, error: OSError) -> None:
        if not self._failing:
            reason = error.strerror or type(error).__name__
            log.warning("the collector of the audit trail cannot be reached (%s); its lines wait", reason)
        self._failing = True

    def _tell_success(self) -> None:
        if self._failing:
            log.info("the collector of the audit trail is reached again")
        self._failing = False


def _read(record: int) -> Position:
    content = os.pread(record, RECORD.size, 0)
    # One that a power failure tore is none: all is sent again.
    return RECORD.unpack(content) if len(content) == RECORD.size else (bytes(32), 0)


def _opened(path: Path) -> BinaryIO | gzip.GzipFile:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _digest(path: Path) -> bytes:
    with _opened(path) as lines:
        return _digest_of(lines.readline())


def _digest_of(first: bytes) -> bytes:
    return hashlib.sha256(first).digest()


def _framed(text: bytes) -> bytes:
    """Return a line of the trail as a message of RFC 5424, with its length before it."""
    try:
        fields = json.loads(text)
        time = str(fields["time"])
        event = str(fields["event"])
    except (ValueError, KeyError, TypeError):
        # Half a line that a power failure left.
        time = "-"
        event = "damaged"
    level = _WARNING if event in ("refuse", "lost", "damaged") else _NOTICE
    host = platform.node().encode("ascii", "replace").decode() or "-"
    head = f"<{level}>1 {time} {host[:255]} gaopai - {event[:32]} - "
    message = head.encode() + b"\xef\xbb\xbf" + text.rstrip(b"\n")
    return b"%d " % len(message) + message


def _acknowledged(line: ssl.SSLSocket) -> None:
    """Wait until the other system has all that was sent; raises OSError where the connection is broken."""
    until = monotonic() + SECONDS
    while True:
        state = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        if state != _ESTABLISHED:
            raise ConnectionResetError("closed by the collector")
        (left,) = struct.unpack("i", fcntl.ioctl(line, termios.TIOCOUTQ, b"\0\0\0\0"))
        if not left:
            return
        if monotonic() > until:
            raise TimeoutError("not acknowledged")
        sleep(ACKNOWLEDGED_SECONDS)
