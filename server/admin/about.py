"""Versions, models and dialects of the service."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata

import msgspec

from models.locate import choose, examine
from models.manifest import load_manifest
from server import __version__
from server.access.listeners import is_loopback
from server.config import Config
from server.config.dialects import DIALECTS, DialectConfig, ShareConfig, ports_of
from server.runtime import background

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
