"""What `gaopai doctor` says of a service that runs."""

from __future__ import annotations

import datetime
import http.server
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from server.access.listeners import ListenAddress
from server.cli.doctor import running
from server.config import AuditConfig, Config, ServerConfig
from server.tls.store import CertificateStore, server_context

AT = datetime.datetime(2026, 11, 27, 17, 43, 5, tzinfo=datetime.UTC)
SHOWN = AT.astimezone().strftime("%Y-%m-%d %H:%M:%S")
OK = {"service": "gaopai", "protocols": ["gaopai.v1"], "status": "ok"}
WORKERS = [
    {"name": "hot-plug of cameras", "failures": 3, "error": "ValueError", "at": AT.isoformat()},
    {"name": "audit trail", "failures": 1, "error": "OSError", "at": AT.isoformat()},
]
DEGRADED = {**OK, "status": "degraded", "workers": WORKERS, "auditLinesLost": 0}


class FakeService(http.server.ThreadingHTTPServer):
    """Answers every request with one body."""

    daemon_threads = True

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.body = body
        self.status = status
        self.asked: list[tuple[str, str | None]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: FakeService

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        pass


Serve = Callable[..., FakeService]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Makes services that end with the test."""
    made: list[FakeService] = []

    def make(
        answer: Mapping[str, object] | bytes, status: int = 200, context: ssl.SSLContext | None = None
    ) -> FakeService:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        made.append(FakeService(body, status))
        if context is not None:
            made[-1].socket = context.wrap_socket(made[-1].socket, server_side=True)
        threading.Thread(target=made[-1].serve_forever, daemon=True).start()
        return made[-1]

    yield make
    for service in made:
        service.shutdown()
        service.server_close()


def config_of(port: int, audit: AuditConfig | None = None) -> Config:
    return Config(server=ServerConfig(port=port), audit=audit or AuditConfig())


def found(config: Config) -> dict[str, tuple[bool, str, str]]:
    """What each check says in English."""
    return {each.name: (each.ok, each.reason.en, each.remedy.en) for each in running.examine(config)}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_service_of_which_nothing_failed(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    service = serve(OK)
    port = service.server_port
    assert found(config_of(port)) == {"background work": (True, "nothing has failed", "")}
    assert service.asked == [("/health", f"127.0.0.1:{port}")]
    assert found(config_of(port, AuditConfig(enabled=True)))["audit trail"] == (True, "no line is lost", "")


def test_what_failed_is_named_with_how_often_and_when(serve: Serve) -> None:
    (check,) = running.examine(config_of(serve(DEGRADED).server_port))
    assert (check.name, check.ok, check.optional) == ("background work", False, False)
    assert check.reason.en == (
        f"hot-plug of cameras failed 3 times, last at {SHOWN} (ValueError); "
        f"audit trail failed once, last at {SHOWN} (OSError)"
    )
    assert check.reason.zh == (
        f"hot-plug of cameras 失败 3 次，最近 {SHOWN}（ValueError）；"
        f"audit trail 失败 1 次，最近 {SHOWN}（OSError）"
    )
    for remedy in (check.remedy.en, check.remedy.zh):
        assert "journalctl --user -u gaopai.service" in remedy
        assert "systemctl --user restart gaopai.service" in remedy


@pytest.mark.parametrize("enabled", [True, False])
def test_a_trail_that_lost_lines_names_its_folder(serve: Serve, tmp_path: Path, enabled: bool) -> None:
    port = serve({**DEGRADED, "workers": [], "auditLinesLost": 7}).server_port
    checks = found(config_of(port, AuditConfig(enabled=enabled, folder=str(tmp_path))))
    assert checks["background work"][0]
    ok, reason, remedy = checks["audit trail"]
    assert (ok, reason) == (False, "7 lines could not be written")
    assert f"df -h {tmp_path}" in remedy


def test_an_author_is_told_what_pages_send_wrong(serve: Serve) -> None:
    mistakes = [{"origin": "https://oa.example.cn", "mistakes": ["keys that are not known: croptype"]}]
    checks = found(config_of(serve({**OK, "pageMistakes": mistakes}).server_port))
    ok, reason, remedy = checks["web pages"]
    assert (ok, reason) == (False, "pages of https://oa.example.cn send keys that are not known: croptype")
    assert "reference" in remedy


def test_where_no_service_runs_there_is_nothing_to_tell() -> None:
    assert found(config_of(free_port())) == {"service": (False, "it does not run", "gaopai serve")}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (json.dumps(OK).encode(), 403),
        (b"<html>", 200),
        (b"\xff", 200),
        (b"[1]", 200),
        (b'{"status":"degraded","workers":[{"name":1}]}', 200),
        (b'{"status":"ok","filler":"' + b"x" * (1 << 20) + b'"}', 200),
    ],
    ids=["another account", "no JSON", "no UTF-8", "no object", "other members", "too long"],
)
def test_what_does_not_answer_as_the_service_is_said_to(serve: Serve, answer: bytes, status: int) -> None:
    (check,) = running.examine(config_of(serve(answer, status).server_port))
    assert (check.ok, check.optional) == (False, True)
    assert "does not answer as this account's service" in check.reason.en
    assert check.remedy.zh


def test_what_does_not_answer_at_all_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (check,) = running.examine(config_of(silent.getsockname()[1]))
    assert (check.ok, check.optional) == (False, True)


def test_what_hangs_up_is_no_service() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            listener.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        (check,) = running.examine(config_of(listener.getsockname()[1]))
        thread.join()
    assert not check.ok


def test_where_only_tls_listens_it_is_asked_that_way(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CertificateStore(tmp_path)
    store.install(datetime.datetime.now(datetime.UTC))
    service = serve(DEGRADED, context=server_context(store.certificate, store.key))
    where = [
        ListenAddress("127.0.0.1", free_port()),
        ListenAddress("127.0.0.1", service.server_port, tls=True),
    ]
    monkeypatch.setattr(running, "addresses", lambda _: where)
    ok, reason, _ = found(Config())["background work"]
    assert not ok
    assert reason.startswith("hot-plug of cameras failed 3 times")


def test_other_machines_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    where = [ListenAddress("192.0.2.1", 8082)]
    monkeypatch.setattr(running, "addresses", lambda _: where)
    assert found(Config())["service"] == (False, "it does not run", "gaopai serve")


def test_an_address_that_is_refused_is_told_elsewhere() -> None:
    config = Config(server=ServerConfig(host="0.0.0.0"))
    assert found(config)["service"][1] == "it does not run"
