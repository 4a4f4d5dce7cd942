"""The port that programs scan at: eSCL over the road of the other HTTP dialects.

eSCL knows neither accounts nor tokens: programs of this account scan over loopback, others from the addresses
that the configuration lists. No page of a browser comes in at all.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from aiohttp import web

from server import errors
from server.access.control import PEER, AccessControl
from server.access.handshakes import Acceptor
from server.access.listeners import is_loopback, listen, opened_at
from server.access.sock_diag import SockDiagUnavailable, SocketInfo, find
from server.access.socket_table import keeps, process_of
from server.config import Config, ConfigError
from server.config.dialects import ShareConfig
from server.connection.downloads import pieces_of, send_pieces
from server.dialects.gate import ProgramGate
from server.dialects.http import HttpListener, read_body, runner_of
from server.dialects.page_session import PageSession
from server.dialects.services import CommandLog, DialectServices
from server.errors import GaopaiError
from server.share import escl
from server.share.announcing import Announcements
from server.share.devices import SharedDevice, SharedDevices, uuid_of
from server.share.jobs import ScanProgram, SharedJob, SharedJobs
from server.tls.context import TlsContext

log = logging.getLogger(__name__)

T = TypeVar("T")

METHODS = ("GET", "HEAD", "POST", "DELETE")
PATH = re.compile(r"(?P<root>(?:/devices/(?P<device>[0-9a-f]{8}))?/eSCL)(?:/(?P<rest>.*))?")
JOB = re.compile(r"ScanJobs/(?P<job>[0-9a-f-]{36})(?:/(?P<what>NextDocument))?")
TITLE_CHARACTERS = 60
"""Limit of the name of a program that scans, in characters."""
FEEDER_SECONDS = 10.0
"""Time for which a feeder's fault is told, in seconds: then it may have been put right, which a scan alone
can tell."""
STATUSES: Mapping[type[GaopaiError], int] = {
    errors.DeviceBusy: 503,
    errors.TooMuchWaiting: 503,
    errors.FeederEmpty: 404,
    errors.DeviceGone: 410,
    **dict.fromkeys((errors.PaperJam, errors.CoverOpen, errors.PageCutShort), 409),
    **dict.fromkeys((errors.PaperTooLarge, errors.ModeNotSupported, errors.PictureTooLarge), 409),
}
"""Statuses of errors; 404 is the end of the pages, and 409 what Windows takes for a jam."""
FAULTS: Mapping[type[GaopaiError], str] = {
    errors.PaperJam: "ScannerAdfJam",
    errors.CoverOpen: "ScannerAdfDoorOpen",
    errors.FeederEmpty: "ScannerAdfEmpty",
}
LOADED = "ScannerAdfLoaded"
REMOTE = (
    "[share] host {host!r} lets other computers scan here; that needs, too: [server] tls = true, and the "
    "addresses or networks that may in [share] allow",
    "[share] host {host!r} 使其他电脑可以在此扫描，因此还需要：[server] tls = true，"
    "以及 [share] allow（允许的地址或网段）",
)


def check_share(config: Config) -> Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the networks that may scan.

    Raises
    ------
    ConfigError
        One is none, or other computers could scan without TLS or from everywhere.
    """
    share = config.share
    try:
        networks = [ipaddress.ip_network(each) for each in share.allow]
    except ValueError as exc:
        raise ConfigError(f"[share] allow: {exc}", f"[share] allow 中的地址无效（{exc}）") from exc
    if not is_loopback(share.host) and not (config.server.tls and networks):
        raise ConfigError(*(text.format(host=share.host) for text in REMOTE))
    return networks


@dataclass(frozen=True, slots=True)
class _Place:
    """Device that a request is about, and the path of its root."""

    device: SharedDevice
    root: str
    session: PageSession
    request: web.Request

    @property
    def base(self) -> str:
        """Address of the root, as the client named this computer."""
        return f"{self.request.scheme}://{self.request.host}{self.root}"


class EsclDialect:
    """eSCL of all shared devices."""

    def __init__(self, devices: SharedDevices, command_log: CommandLog) -> None:
        self._devices = devices
        self._command_log = command_log
        self._jobs = SharedJobs()
        self._faults: dict[str, tuple[str, float]] = {}

    def destinations(self, request: web.Request) -> Collection[str]:
        """Return no kind of embedding: pages are refused before."""
        return ()

    async def close(self) -> None:
        """End all jobs."""
        await self._jobs.close()

    async def answer(self, request: web.Request, session: PageSession) -> web.StreamResponse:
        """Answer a request of a program."""
        path = re.sub("/+", "/", request.path).rstrip("/")
        if not path:
            return web.Response(text=await self._listing())
        found = PATH.fullmatch(path)
        device = None if found is None else await self._device(found["device"])
        if found is None or device is None:
            return web.Response(status=404, text="There is no such device or document.\n")
        place = _Place(device, found["root"], session, request)
        try:
            return await self._answer(place, found["rest"] or "")
        except (escl.Malformed, escl.NotSupported) as exc:
            status = 400 if isinstance(exc, escl.Malformed) else 409
            return web.Response(status=status, text=f"ScanSettings: {exc}\n")
        except GaopaiError as error:
            self._note_fault(device, error)
            return _refusal(error)

    async def _listing(self) -> str:
        devices = await self._devices.present()
        lines = (f"/devices/{uuid_of(device)[:8]}/eSCL  {device.name}\n" for device in devices)
        return "gaopai shares these devices; the first is at /eSCL, too:\n" + "".join(lines)

    async def _device(self, key: str | None) -> SharedDevice | None:
        devices = await self._devices.present()
        chosen = (device for device in devices if key is None or uuid_of(device).startswith(key))
        return next(chosen, None)

    async def _answer(self, place: _Place, rest: str) -> web.StreamResponse:
        plain_answers: Mapping[tuple[str, str], Callable[[_Place], Awaitable[web.StreamResponse]]] = {
            ("GET", "ScannerCapabilities"): self._capabilities,
            ("GET", "ScannerStatus"): self._status,
            ("POST", "ScanJobs"): self._begin,
        }
        method = "GET" if place.request.method == "HEAD" else place.request.method
        if (answer := plain_answers.get((method, rest))) is not None:
            return await answer(place)
        found = JOB.fullmatch(rest)
        job = None if found is None else self._jobs.find(found["job"], place.session.client)
        if found is None or job is None:
            return web.Response(status=404, text="There is no such document or job.\n")
        if method == "DELETE" and not found["what"]:
            await self._run(place, "cancel", self._jobs.end(job))
            return web.Response()
        if method == "GET" and found["what"] == "NextDocument":
            return await self._next(place, job)
        return web.Response(status=404)

    async def _capabilities(self, place: _Place) -> web.StreamResponse:
        known = await self._run(place, "ScannerCapabilities", place.device.capabilities())
        return _xml(escl.capabilities_xml(known, f"{place.request.scheme}://{place.request.host}/"))

    async def _status(self, place: _Place) -> web.StreamResponse:
        device = place.device
        jobs = self._jobs.of(place.device, place.session.client)
        idle = not (self._jobs.scanning(device) or device.in_use)
        fault, until = self._faults.get(device.id, (LOADED, float("inf")))
        state = fault if asyncio.get_running_loop().time() < until else LOADED
        own = await asyncio.to_thread(_visible, place.request, jobs)
        return _xml(escl.status_xml(idle, state, [job.info(place.root) for job in own]))

    async def _begin(self, place: _Place) -> web.StreamResponse:
        settings = escl.parse_settings(await read_body(place.request))
        session = place.session
        program = await asyncio.to_thread(_program, place.request)
        session.client.page.title = program.title
        self._faults.pop(place.device.id, None)
        begun = self._jobs.begin(place.device, settings, session.client, session.budget, program)
        job = await self._run(place, "ScanJobs", begun)
        return web.Response(status=201, headers={"Location": f"{place.base}/ScanJobs/{job.uuid}"})

    async def _next(self, place: _Place, job: SharedJob) -> web.StreamResponse:
        async with job.turn:
            try:
                picture = await self._run(place, "NextDocument", job.next())
            except GaopaiError as error:
                self._note_fault(place.device, error)
                # Without a word: sane-escl takes any body for a picture.
                return _refusal(error, silent=True)
            if picture is None:
                return web.Response(status=404)
            headers = {"Content-Type": job.settings.picture_format.value}
            headers["Content-Location"] = f"{place.base}/ScanJobs/{job.uuid}/NextDocument"
            response = web.StreamResponse(headers=headers)
            response.content_length = len(picture.data)
            if await send_pieces(place.request, response, pieces_of(picture.data)):
                job.sent()
            return response

    async def _run(self, place: _Place, command: str, work: Awaitable[T]) -> T:
        return await self._command_log.run(place.session.client, place.session.number, command, work)

    def _note_fault(self, device: SharedDevice, error: GaopaiError) -> None:
        if (fault := FAULTS.get(type(error))) is not None:
            self._faults[device.id] = fault, asyncio.get_running_loop().time() + FEEDER_SECONDS


def _xml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/xml", charset="utf-8")


def _refusal(error: GaopaiError, *, silent: bool = False) -> web.Response:
    status = STATUSES.get(type(error), 500)
    headers = {"Retry-After": "2"} if status == 503 else {}
    text = f"{error.message('en')}\n{error.message('zh')}\n"
    return web.Response(status=status, text=None if silent else text, headers=headers)


def _agent(request: web.Request) -> str:
    return request.headers.get("User-Agent", "")[:TITLE_CHARACTERS]


def _socket(request: web.Request) -> SocketInfo | None:
    """Return a program's end of the connection, None where it is elsewhere or the kernel tells nothing."""
    line = request.transport
    ends = [None if line is None else line.get_extra_info(name) for name in ("peername", "sockname")]
    if request[PEER].machine or not all(ends):
        return None
    try:
        client, service = (end[:2] for end in ends if end is not None)
        return find(client, service)
    except (SockDiagUnavailable, OSError):
        return None


def _program(request: web.Request) -> ScanProgram:
    """Return the program that asks: as the kernel tells, else as it calls itself; blocks."""
    agent = _agent(request)
    found = _socket(request)
    held = None if found is None else process_of(found)
    if held is None:
        return ScanProgram(agent, agent or "a program", 0)
    name, number = held
    return ScanProgram(agent, f"{name} (process {number})", number)


def _visible(request: web.Request, jobs: Sequence[SharedJob]) -> Sequence[SharedJob]:
    """Return the jobs that the program that asks began, or one of its name that has ended; blocks."""
    agent = _agent(request)
    own = [job for job in jobs if job.program.agent == agent]
    found = _socket(request) if own else None
    return [job for job in own if found is None or keeps(job.program.process, found) is not False]


class Share:
    """The port that programs scan at.

    Parameters
    ----------
    tls
        TLS context where other computers may scan; None for loopback alone.
    """

    def __init__(
        self, config: Config, access: AccessControl, services: DialectServices, tls: TlsContext | None
    ) -> None:
        self._section: ShareConfig = config.share
        name = socket.gethostname().lower()
        names = {name, f"{name.partition('.')[0]}.local", *map(str.lower, config.access.hosts)}
        self._gate = ProgramGate(access, check_share(config), names)
        self._tls = tls
        self.devices = SharedDevices(services.house, config.share)
        self._dialect = EsclDialect(self.devices, CommandLog("escl", services.context.activity))
        self._listener = HttpListener(self._dialect, self._gate, services, METHODS, escl.BODY_BYTES)
        self._announcements = Announcements(self.devices, config.share)
        self._runner: web.AppRunner | None = None
        self._acceptors: list[Acceptor] = []

    async def start(self) -> None:
        """Listen, unless another program holds the port, which is logged; and announce the devices."""
        application = self._listener.application()
        if self._tls is not None:
            application.cleanup_ctx.append(self._tls.lifetime)
        self._runner = await runner_of(application)
        server = cast(web.Server, self._runner.server)
        opened = await asyncio.to_thread(self._opened)
        self._acceptors = [self._gate.handshakes.accept(line, server, tls) for line, tls in opened]
        if opened and self._tls is not None and self._section.announce:
            self._announcements.start()

    async def close(self) -> None:
        """End all jobs, and stop listening."""
        await self._announcements.close()
        for acceptor in self._acceptors:
            acceptor.close()
        self._gate.handshakes.close()
        await self._dialect.close()
        await self._listener.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def _opened(self) -> list[tuple[socket.socket, ssl.SSLContext | None]]:
        host = self._section.host
        port = self._section.port
        if self._tls is None:
            return [(line, None) for line in opened_at("sharing", (port,))]
        try:
            opened: list[tuple[socket.socket, ssl.SSLContext | None]] = [
                (listen(host, port), self._tls.context)
            ]
        except ConfigError as exc:
            log.error("sharing: %s", exc)
            return []
        log.info("sharing listens on %s port %d", host, port)
        if not ipaddress.ip_address(host).is_unspecified:
            opened += [(line, None) for line in opened_at("sharing", (port,))]
        return opened
