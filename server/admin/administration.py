"""Administration: the settings view with its page and functions, as the application includes it."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.resources import files

import msgspec
from aiohttp import web

from models.locate import choose, examine
from models.manifest import load_manifest
from server import __version__
from server.access.activity import ActivityRecorder
from server.access.control import AccessControl
from server.access.grants import GrantFile
from server.access.listeners import is_loopback
from server.access.origins import OwnOrigins
from server.admin.api import FOREIGN, PATH, AdminApi, AdminFunction, Nothing
from server.admin.config_file import ConfigFile
from server.admin.devices import DeviceOverview
from server.admin.origins import DecisionRequest, OriginService
from server.admin.sessions import AdminSessions, TicketFile
from server.admin.settings import DraftRequest, SaveRequest, SettingsService
from server.composition import Service
from server.config import Config, access_folder
from server.config.dialects import DIALECTS, DialectConfig, ShareConfig, ports_of
from server.connection.own_pages import TEXT_TYPES
from server.runtime import background
from server.runtime.reload import Reloader
from server.storage.private_file import PrivateFileUnreadable
from server.storage.reader import StorageReader
from server.telemetry.logs import RecentLines

LIBRARIES = (
    *("aiohttp", "uvloop", "msgspec", "numpy", "opencv-contrib-python", "onnxruntime", "pillow", "av"),
    *("simplejpeg", "pikepdf", "pypdfium2", "img2pdf", "zxing-cpp", "pyzbar", "pyudev", "cryptography"),
    *("python-sane", "pyscard", "pyserial", "pyusb"),
)
_BEGUN = time.monotonic()


class Failure(msgspec.Struct, frozen=True):
    """Background work that has failed since the start."""

    name: str
    count: int
    error: str
    at: str


class DialectState(msgspec.Struct, frozen=True):
    """Dialect of another maker's service, or eSCL; origins are None where those of ``[access]`` hold."""

    name: str
    enabled: bool
    ports: tuple[int, ...]
    origins: tuple[str, ...] | None


class ModelText(msgspec.Struct, frozen=True):
    """Texts about a model in one language."""

    purpose: str
    remedy: str


class ModelState(msgspec.Struct, frozen=True, rename="camel"):
    """Model and its file."""

    role: str
    name: str
    purpose: str
    licence: str
    size: int
    ok: bool
    in_use: bool
    found: bool
    remedy: str
    zh: ModelText


class About(msgspec.Struct, frozen=True):
    """Versions, dialects and failures of the running service."""

    version: str
    uptime: float
    system: Mapping[str, str]
    libraries: Mapping[str, str]
    dialects: tuple[DialectState, ...]
    failures: tuple[Failure, ...]


def about(running: Config) -> About:
    """Return what the service is; reads files of installed libraries.

    Parameters
    ----------
    running
        Configuration in force.
    """
    return About(
        __version__,
        time.monotonic() - _BEGUN,
        {"Python": platform.python_version(), "Linux": platform.release(), "CPU": platform.machine()},
        dict(_versions()),
        (*(_dialect(name, getattr(running.dialects, name)) for name in DIALECTS), _sharing(running.share)),
        tuple(
            Failure(each.name, each.count, each.error, each.at.isoformat(timespec="seconds"))
            for each in background.failures()
        ),
    )


def models() -> Sequence[ModelState]:
    """Return all models; reads their files."""
    return [_model(name) for name in load_manifest()]


def _versions() -> Iterator[tuple[str, str]]:
    for name in LIBRARIES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue


def _dialect(name: str, section: DialectConfig) -> DialectState:
    return DialectState(name, section.enabled, ports_of(section), section.origins)


def _sharing(section: ShareConfig) -> DialectState:
    host = f"[{section.host}]" if ":" in section.host else section.host
    scheme = "http" if is_loopback(section.host) else "https"
    name = f"eSCL {scheme}://{host}:{section.port}/eSCL"
    return DialectState(name, section.enabled, (section.port,), section.allow)


def _model(name: str) -> ModelState:
    model = load_manifest()[name]
    state = examine(model)
    return ModelState(
        role=model.role,
        name=model.name,
        purpose=model.purpose,
        licence=model.licence,
        size=model.size,
        ok=state.ok,
        in_use=state.ok and choose(model.role).name == model.name,
        found=state.path is not None,
        remedy=state.remedy.en,
        zh=ModelText(model.purpose_zh, state.remedy.zh),
    )


log = logging.getLogger(__name__)

PAGE = "index.html"
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class AdminSources:
    """Sources of the settings view that only the command which starts the service has.

    Attributes
    ----------
    lines
        Newest lines of the log.
    """

    file: ConfigFile
    lines: RecentLines


@dataclass(frozen=True, slots=True)
class AdminHost:
    """Parts of the running service that the settings view shows and changes.

    Attributes
    ----------
    own
        Origins of the service's own page.
    reloader
        Reloads the configuration, and knows the one in force.
    """

    service: Service
    access: AccessControl
    activity: ActivityRecorder
    storage: StorageReader
    own: OwnOrigins
    reloader: Reloader


class Administration:
    """Settings view of a service."""

    def __init__(self, sources: AdminSources, host: AdminHost) -> None:
        access = host.access
        activity = host.activity
        reloader = host.reloader
        folder = access_folder(reloader.running.access)
        self._tickets = TicketFile(folder)
        self._lines = sources.lines
        self._storage = host.storage
        self._reloader = reloader
        self._devices = DeviceOverview(host.service, sources.file.path)
        origins = OriginService(access, GrantFile(folder), activity, lambda: reloader.running)
        settings = SettingsService(sources.file, reloader, activity)
        functions = {
            "about": AdminFunction(Nothing, self._about),
            "models": AdminFunction(Nothing, self._models),
            "devices": AdminFunction(Nothing, self._listed),
            "checks": AdminFunction(Nothing, self._checks),
            "storage": AdminFunction(Nothing, self._usage),
            "log": AdminFunction(Nothing, self._log),
            "origins": AdminFunction(Nothing, lambda _: origins.lists()),
            "decide": AdminFunction(DecisionRequest, origins.decide),
            "settings": AdminFunction(Nothing, lambda _: settings.now()),
            "draft": AdminFunction(DraftRequest, settings.draft),
            "save": AdminFunction(SaveRequest, settings.save),
        }
        self._api = AdminApi(access, host.own, activity, AdminSessions(self._tickets), functions)
        folder_of_page = files("server.web").joinpath("admin")
        self._files = {each.name: each.read_bytes() for each in folder_of_page.iterdir() if each.is_file()}

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes."""
        router.add_get("/admin", self._page)
        router.add_get("/admin/{name}", self._page)
        router.add_post(PATH, self._api.answer)

    async def begin(self, _: web.Application) -> None:
        """Discard a ticket of an earlier run, whose time may have begun anew with the computer."""
        try:
            await asyncio.to_thread(self._tickets.discard)
        except PrivateFileUnreadable as exc:
            log.error("the settings view cannot be opened: %s", exc)

    async def _page(self, request: web.Request) -> web.Response:
        if not self._api.is_own_address(request):
            return web.Response(status=403, text=f"{FOREIGN.en}\n{FOREIGN.zh}\n")
        name = request.match_info.get("name", PAGE)
        body = self._files.get(name)
        if body is None:
            return web.Response(status=404, text="There is no such page.\n没有此页面。\n")
        suffix = name[name.rfind(".") :]
        kind = TEXT_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=PAGE_HEADERS)

    async def _about(self, _: Nothing) -> object:
        return await asyncio.to_thread(about, self._reloader.running)

    async def _models(self, _: Nothing) -> object:
        return {"models": await asyncio.to_thread(models)}

    async def _listed(self, _: Nothing) -> object:
        return {"devices": self._devices.devices(), "problems": self._devices.problems()}

    async def _checks(self, _: Nothing) -> object:
        return {"checks": await self._devices.checks()}

    async def _usage(self, _: Nothing) -> object:
        limits = self._reloader.running.limits
        return {"places": await asyncio.to_thread(self._storage.usage), "limits": msgspec.to_builtins(limits)}

    async def _log(self, _: Nothing) -> object:
        return {"lines": self._lines.lines()}
