"""S19: the audit trail reaches a collector over TLS, whatever happens on the way; no line is lost."""

from __future__ import annotations

import contextlib
import datetime
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from server.app import syslog_of
from server.config import AuditConfig, Config, ConfigError
from server.telemetry import syslog
from server.telemetry.audit import AuditTrail
from server.telemetry.syslog import FILE, Collector, SyslogForwarder
from server.telemetry.trail_files import RotatingFiles
from server.tls.store import CertificateStore, server_context
from tests.patience import PATIENCE
from tests.service import free_port

MESSAGE = re.compile(rb"<(\d+)>1 (\S+) (\S+) gaopai - (\S+) - \xef\xbb\xbf(.*)", re.DOTALL)


class Receiver:
    """A collector of a test, at one port through several lives."""

    def __init__(self, folder: Path) -> None:
        self._store = CertificateStore(folder)
        self._store.install(datetime.datetime.now(datetime.UTC))
        self.collector = Collector("127.0.0.1", free_port(), str(self._store.anchor))
        self.messages: list[bytes] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def alive(self, messages: int | None = None) -> Iterator[None]:
        """Listen; with a number, the connection breaks after so many messages."""
        self._stop.clear()
        listener = socket.create_server(("127.0.0.1", self.collector.port))
        thread = threading.Thread(target=self._listen, args=(listener, messages), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(PATIENCE)
            listener.close()

    def _listen(self, listener: socket.socket, most: int | None) -> None:
        terms = server_context(self._store.certificate, self._store.key)
        listener.settimeout(0.05)
        while not self._stop.is_set():
            with contextlib.suppress(OSError):
                plain, _ = listener.accept()
                plain.settimeout(PATIENCE)
                with terms.wrap_socket(plain, server_side=True) as line:
                    self._take(line, most)

    def _take(self, line: ssl.SSLSocket, most: int | None) -> None:
        line.settimeout(0.05)
        data = b""
        taken = 0
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                piece = line.recv(1 << 16)
                if not piece:
                    return
                data += piece
            while (found := re.match(rb"(\d+) ", data)) and len(data) >= found.end() + int(found[1]):
                end = found.end() + int(found[1])
                self.messages.append(data[found.end() : end])
                data = data[end:]
                taken = taken + 1
                if taken == most:
                    return

    def numbers(self) -> list[int]:
        """The numbers of the test's events, as they came."""
        bodies = [json.loads(MESSAGE.fullmatch(one)[5]) for one in self.messages]  # type: ignore[index]
        return [body["number"] for body in bodies if "number" in body]


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    monkeypatch.setattr(syslog, "PAUSES", (0.05,))
    return Receiver(tmp_path / "authority")


def _until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


class Trail:
    """A trail of a test, and what sends it."""

    def __init__(self, folder: Path, collector: Collector, size: int = 1 << 20, chained: bool = True) -> None:
        files = RotatingFiles(folder, size, 50)
        self.audit = AuditTrail(files, chained, 1e6)
        self.forwarder = SyslogForwarder(files, collector, self.audit.written)

    def write(self, *numbers: int) -> None:
        for number in numbers:
            self.audit.write({"event": "test", "number": number})

    def close(self) -> None:
        self.audit.close()
        self.forwarder.close()


def test_each_line_is_a_message_of_rfc_5424(tmp_path: Path, receiver: Receiver) -> None:
    with receiver.alive():
        trail = Trail(tmp_path / "trail", receiver.collector)
        trail.write(1)
        trail.audit.write({"event": "refuse", "origin": "https://\u884c.example", "number": 2})
        _until(lambda: len(receiver.messages) == 2)
        trail.close()
    first, second = (MESSAGE.fullmatch(one) for one in receiver.messages)
    assert first and second
    assert (first[1], second[1], second[4]) == (b"109", b"108", b"refuse")
    assert first[2].decode() == json.loads(first[5])["time"]
    assert (tmp_path / "trail" / "audit.jsonl").read_bytes() == first[5] + b"\n" + second[5] + b"\n"


@pytest.mark.parametrize("chained", [True, False])
def test_lines_wait_on_the_disk_through_rotation_restarts_and_outages(
    tmp_path: Path, receiver: Receiver, chained: bool
) -> None:
    """Written while the collector is away, in files of a few lines, by three lives of the service."""
    for life in range(3):
        trail = Trail(tmp_path / "trail", receiver.collector, 900, chained)
        trail.write(*range(life * 20, life * 20 + 20))
        trail.close()
    assert receiver.messages == []
    with receiver.alive():
        trail = Trail(tmp_path / "trail", receiver.collector, 900, chained)
        trail.write(*range(60, 100))
        _until(lambda: len(receiver.numbers()) >= 100)
        trail.close()
    assert receiver.numbers() == list(range(100))
    with receiver.alive():
        trail = Trail(tmp_path / "trail", receiver.collector, 900, chained)
        trail.write(100)
        _until(lambda: len(receiver.numbers()) >= 101)
        trail.close()
    assert receiver.numbers() == list(range(101)), "what was sent before comes again"


def test_a_connection_that_breaks_loses_nothing(tmp_path: Path, receiver: Receiver) -> None:
    trail = Trail(tmp_path / "trail", receiver.collector)
    for life in range(4):
        with receiver.alive(messages=7):
            trail.write(*range(life * 10, life * 10 + 10))
            _until(lambda: set(receiver.numbers()) >= set(range(life * 10 + 10)))  # noqa: B023
    trail.close()
    assert set(receiver.numbers()) == set(range(40))


def test_a_collector_of_another_authority_gets_nothing(
    tmp_path: Path, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = CertificateStore(tmp_path / "other")
    stranger.install(datetime.datetime.now(datetime.UTC))
    collector = Collector("127.0.0.1", receiver.collector.port, str(stranger.anchor))
    with receiver.alive():
        trail = Trail(tmp_path / "trail", collector)
        trail.write(1)
        _until(lambda: "cannot be reached" in caplog.text)
        trail.close()
    assert receiver.messages == []


@pytest.mark.parametrize("torn", [b"", b"half", b"\xff" * 40], ids=["none", "torn", "wrong"])
def test_a_record_that_is_torn_sends_all_again(tmp_path: Path, receiver: Receiver, torn: bytes) -> None:
    (tmp_path / "trail").mkdir()
    (tmp_path / "trail" / FILE).write_bytes(torn)
    with receiver.alive():
        trail = Trail(tmp_path / "trail", receiver.collector)
        trail.write(*range(5))
        _until(lambda: len(receiver.numbers()) == 5)
        trail.close()
    assert receiver.numbers() == list(range(5))


def test_half_a_line_of_a_power_failure_is_told_and_holds_up_nothing(
    tmp_path: Path, receiver: Receiver
) -> None:
    (tmp_path / "trail").mkdir()
    (tmp_path / "trail" / "audit.jsonl").write_bytes(b'{"time": "2026')
    with receiver.alive():
        trail = Trail(tmp_path / "trail", receiver.collector)
        trail.write(1)
        _until(lambda: len(receiver.messages) == 2)
        trail.close()
    assert b" damaged - " in receiver.messages[0]


def test_what_cannot_be_used_ends_the_start_with_its_key(tmp_path: Path) -> None:
    for changes in ({"syslog_authorities": str(tmp_path / "none")}, {"syslog": "host:99999"}):
        section = msgspec.convert(
            {"enabled": True, "folder": str(tmp_path), "syslog": "host", **changes}, AuditConfig
        )
        audit = AuditTrail(RotatingFiles(tmp_path, 1 << 20, 3))
        with pytest.raises(ConfigError, match=r"\[audit\] syslog"):
            syslog_of(Config(audit=section), audit)
        audit.close()
