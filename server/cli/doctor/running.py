"""Checks of a service that runs already, by its own ``/health``."""

from __future__ import annotations

import datetime
import http.client
import ssl
from collections.abc import Iterator, Sequence

import msgspec

from server import config as configuration
from server.access.listeners import addresses, is_loopback
from server.cli.doctor.check import Check
from server.config import Config, ConfigError
from server.errors import LocalizedText
from server.telemetry.printable import printable

SECONDS = 2.0
"""Time limit for the service to take a connection and to answer on it, in seconds."""
ANSWER_BYTES = 65_536
"""Limit of what is read of an answer, in bytes."""
LOG = "journalctl --user -u gaopai.service"
RESTART = "systemctl --user restart gaopai.service"
LOOK_AND_RESTART = LocalizedText(
    f"请执行 {LOG} 查看日志（或查看 gaopai serve 的终端），然后 {RESTART}",
    f"run: {LOG}, or look where gaopai serve runs; then: {RESTART}",
)
UNKNOWN = LocalizedText(
    "该端口上的程序没有像本账户的服务那样作答",
    "what listens at the port does not answer as this account's service",
)
NOT_RUNNING = LocalizedText("没有运行", "it does not run")
START = LocalizedText("gaopai serve", "gaopai serve")
IF_OURS = LocalizedText(f"如果它是 gaopai，请执行 {RESTART}", f"if it is gaopai, run: {RESTART}")


class Worker(msgspec.Struct, frozen=True):
    """Background work of one name that has failed."""

    name: str
    failures: int
    error: str
    at: datetime.datetime


class LoopKept(msgspec.Struct, frozen=True, rename="camel"):
    """Stretches for which the event loop was kept, and the longest one."""

    count: int
    longest_ms: int
    function: str


class WrongPages(msgspec.Struct, frozen=True):
    """Mistakes in the requests of pages of one origin."""

    origin: str
    mistakes: tuple[str, ...]


class Health(msgspec.Struct, frozen=True, rename="camel"):
    """Answer of ``/health``."""

    status: str
    workers: tuple[Worker, ...] = ()
    audit_lines_lost: int = 0
    loop_kept: LoopKept | None = None
    page_mistakes: tuple[WrongPages, ...] = ()


class NoService(Exception):
    """Raised when a port is in use, but not by a service of this account."""


def examine(config: Config) -> Iterator[Check]:
    """Check a service of this account that runs at the configured port for failures since its start."""
    try:
        health = _ask(config)
    except NoService:
        yield Check("background work", False, UNKNOWN, IF_OURS, optional=True)
        return
    if health is None:
        yield Check("service", False, NOT_RUNNING, START, optional=True)
        return
    yield background_work(health.workers)
    if health.loop_kept is not None:
        yield event_loop(health.loop_kept)
    if config.audit.enabled or health.audit_lines_lost:
        yield _audit_trail(config, health.audit_lines_lost)
    yield from map(_pages, health.page_mistakes)


def _pages(page: WrongPages) -> Check:
    sent = printable("; ".join(page.mistakes))
    reason = LocalizedText(f"{page.origin} 的网页发送了：{sent}", f"pages of {page.origin} send {sent}")
    remedy = LocalizedText(
        "请告知网页的开发者：docs/protocol/reference.zh.md",
        "tell their author: docs/protocol/reference.en.md",
    )
    return Check("web pages", False, reason, remedy, optional=True)


def background_work(workers: Sequence[Worker]) -> Check:
    """Check that no background work has failed, such as hot-plug, previews and uploads."""
    if not workers:
        return Check("background work", True, LocalizedText("没有失败", "nothing has failed"))
    zh = "；".join(f"{one.name} 失败 {one.failures} 次，最近 {_time(one)}（{one.error}）" for one in workers)
    en = "; ".join(f"{one.name} failed {_times(one)}, last at {_time(one)} ({one.error})" for one in workers)
    return Check("background work", False, LocalizedText(zh, en), LOOK_AND_RESTART)


def event_loop(kept: LoopKept) -> Check:
    """Tell of the work that has kept all pages waiting for so long that one could notice."""
    reason = LocalizedText(
        f"被占用 {kept.count} 次，最长 {kept.longest_ms} 毫秒（{kept.function}）：所有网页都在等待",
        f"kept {kept.count} times, for {kept.longest_ms} ms at most ({kept.function}): all pages waited",
    )
    remedy = LocalizedText(
        f"请执行 {LOG} 查看其原因；若处理器没有满载，请报告此情况",
        f"run: {LOG} to see when; report it, unless the processor was busy with other programs",
    )
    return Check("event loop", False, reason, remedy, optional=True)


def _times(worker: Worker) -> str:
    return "once" if worker.failures == 1 else f"{worker.failures} times"


def _time(worker: Worker) -> str:
    return worker.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _audit_trail(config: Config, lost: int) -> Check:
    if not lost:
        return Check("audit trail", True, LocalizedText("没有丢失", "no line is lost"))
    folder = configuration.audit_folder(config.audit)
    reason = LocalizedText(f"{lost} 行未能写入", f"{lost} lines could not be written")
    remedy = LocalizedText(
        f"请执行 df -h {folder} 并查看日志：{LOG}", f"run: df -h {folder}, and look at the log: {LOG}"
    )
    return Check("audit trail", False, reason, remedy)


def _ask(config: Config) -> Health | None:
    """Return the answer of the first address in use; None if none is."""
    try:
        local = [each for each in addresses(config) if is_loopback(each.host)]
    except ConfigError:  # which another check tells
        return None
    for address in local:
        try:
            return msgspec.json.decode(fetch(address.host, address.port, address.tls, "/health"), type=Health)
        except ConnectionRefusedError:
            continue
        except (OSError, http.client.HTTPException, msgspec.MsgspecError, UnicodeDecodeError) as exc:
            raise NoService from exc
    return None


def fetch(host: str, port: int, encrypted: bool, path: str) -> bytes:
    """Return what a service of this computer answers to a GET; raises errors as `http.client`."""
    connection = address_connection(host, port, encrypted)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{port}"})
        response = connection.getresponse()
        if response.status != http.client.OK:
            raise http.client.HTTPException(response.status)
        return response.read(ANSWER_BYTES)
    finally:
        connection.close()


def address_connection(host: str, port: int, encrypted: bool) -> http.client.HTTPConnection:
    """Return a connection to a service of this computer."""
    if not encrypted:
        return http.client.HTTPConnection(host, port, timeout=SECONDS)
    # Nothing secret is said, and the answer comes from this computer, whoever made the certificate.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)
