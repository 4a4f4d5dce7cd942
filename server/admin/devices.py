"""Devices of the service with their uses, and the checks of ``gaopai doctor``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from server.admin.api import NO_ANSWER, AdminRefusal
from server.children.program import Program, Stopped, environment
from server.composition import Service
from server.errors import GaopaiError
from server.services.leases import DeviceLeases

SECONDS = 60.0
"""Time limit of the checks, which ask drivers and buses."""
VARIABLES = ("HOME", "XDG_*", "DISPLAY", "WAYLAND_DISPLAY", "GAOPAI_*", "STATE_DIRECTORY", "LOGS_DIRECTORY")
OF_PORTS = ("port", "localhost", "sharing")
"""Checks of whether the service could start, which it has."""


class DeviceUse(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Device and who uses it.

    Attributes
    ----------
    kind
        ``camera``, ``scanner``, ``card``, ``finger`` or ``button``.
    page
        Origin of the page that uses it; empty for a program, or if it is free.
    """

    kind: str
    name: str
    in_use: bool = False
    page: str = ""


class DriverProblem(msgspec.Struct, frozen=True):
    """Reason for which devices of a kind cannot be found."""

    kind: str
    zh: str
    en: str


class CheckText(msgspec.Struct, frozen=True):
    """Texts of a check in one language."""

    name: str
    reason: str
    remedy: str


class CheckResult(msgspec.Struct, frozen=True):
    """Result of one check of ``gaopai doctor``; `command` is what a shell takes, where that is the remedy."""

    name: str
    ok: bool
    optional: bool
    reason: str
    remedy: str
    zh: CheckText
    command: str = ""


class _Checks(msgspec.Struct, frozen=True):
    checks: tuple[CheckResult, ...]


class DeviceOverview:
    """Lists devices, and runs the checks.

    Parameters
    ----------
    config
        Configuration file of the service, None without one.
    """

    def __init__(self, service: Service, config: Path | None) -> None:
        self._service = service
        self._config = config
        self._turn = asyncio.Lock()

    def devices(self) -> Sequence[DeviceUse]:
        """Return the devices that are found now."""
        service = self._service
        cameras = (self._camera(camera) for camera in service.cameras.registry.devices)
        buttons = (DeviceUse("button", button.info.name) for button in service.buttons.registry.devices)
        others = (_lent(kind, leases) for kind, leases in self._lenders().items())
        return [*cameras, *(device for devices in others for device in devices), *buttons]

    def problems(self) -> Sequence[DriverProblem]:
        """Return the drivers that are missing."""
        return [
            DriverProblem(kind, error.message("zh"), error.message("en"))
            for kind, leases in self._lenders().items()
            for error in _missing(leases)
        ]

    async def checks(self) -> Sequence[CheckResult]:
        """Return what ``gaopai doctor`` finds, in a process of its own, which loads what drivers load."""
        words = [sys.executable, "-I", "-m", "server", "doctor", "--json"]
        words += ["--config", str(self._config.absolute())] if self._config else []
        async with self._turn:
            try:
                ended = await Program(words, environment(*VARIABLES)).run_async(SECONDS)
                checks = msgspec.json.decode(ended.output, type=_Checks).checks
            except (OSError, Stopped, msgspec.MsgspecError) as exc:
                raise AdminRefusal(500, NO_ANSWER) from exc
        return [each for each in checks if each.name not in OF_PORTS and not each.name.startswith("dialect ")]

    def _camera(self, camera: Any) -> DeviceUse:
        leases = self._service.cameras.leases
        holder = leases.holder(camera)
        return DeviceUse("camera", camera.info.name, leases.is_open(camera), (holder and holder.origin) or "")

    def _lenders(self) -> dict[str, DeviceLeases[Any]]:
        service = self._service
        cards = service.cards.readers
        fingers = service.fingerprints.sensors
        return {"scanner": service.scanners.leases, "card": cards, "finger": fingers}


def _lent(kind: str, leases: DeviceLeases[Any]) -> Iterator[DeviceUse]:
    for device in leases.registry.devices:
        yield DeviceUse(kind, device.info.name, leases.is_lent(device))


def _missing(leases: DeviceLeases[Any]) -> Iterator[GaopaiError]:
    for finder in leases.registry.finders:
        if (error := finder.missing()) is not None:
            yield error
