"""Announcement of shared devices by DNS-SD: by ``avahi`` where it runs, else by the library ``zeroconf``.

Only where other computers can reach them, so over TLS: as ``_uscans._tcp``.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

from server.children.program import Program, Stopped, environment
from server.config.dialects import ShareConfig
from server.runtime.background import ended, supervise, supervise_thread
from server.share.devices import SharedDevice, SharedDevices, uuid_of
from server.share.escl import FORMATS, VERSION, DeviceCapabilities, InputSource
from server.telemetry.printable import printable

log = logging.getLogger(__name__)

TYPE = "_uscans._tcp"
PROGRAM = "avahi-publish-service"
AVAHI = Path("/run/avahi-daemon/socket")
CHECK_SECONDS = 5.0
"""Interval at which the devices are compared with those that are announced."""
DAY_SECONDS = 86_400.0
"""Time for which avahi's program announces a device before it is started anew, in seconds."""
LABEL_BYTES = 63
"""Limit of a name in DNS, in bytes."""


def records(known: DeviceCapabilities, root: str, host: str, port: int) -> Mapping[str, str]:
    """Return the records that clients find a device by."""
    sources = {each.source for each in known.inputs}
    feeders = sources - {InputSource.PLATEN}
    return {
        "txtvers": "1",
        "vers": VERSION,
        "ty": f"gaopai {known.name}",
        "note": socket.gethostname(),
        # Without a slash before it: clients put one there.
        "rs": root.strip("/"),
        "uuid": known.uuid,
        "pdl": ",".join(each.value for each in FORMATS),
        "cs": "color,grayscale,binary",
        "is": ",".join(["platen"] * (InputSource.PLATEN in sources) + ["adf"] * bool(feeders)),
        "duplex": "T" if InputSource.DUPLEX in sources else "F",
        # Some programs do not list a device without one.
        "adminurl": f"https://{host}:{port}/",
        "mopria-certified-scan": "1.3",
    }


def service_name(known: DeviceCapabilities) -> str:
    """Return the name that people see."""
    name = f"{known.name} ({socket.gethostname()})".encode()[:LABEL_BYTES]
    return name.decode(errors="ignore")


class _ByAvahi:
    """One announcement, by a program that lives as long as it."""

    def __init__(self, name: str, port: int, texts: Mapping[str, str]) -> None:
        given = [f"{key}={value}" for key, value in texts.items()]
        # A name that begins with a dash is no option behind two.
        self._command = (shutil.which(PROGRAM) or PROGRAM, "--", printable(name), TYPE, str(port), *given)
        self._program: Program | None = None
        supervise_thread("announcement of a shared device", self._publish)

    def _publish(self) -> None:
        self._program = Program(self._command, environment("DBUS_SYSTEM_BUS_ADDRESS"))
        with contextlib.suppress(Stopped):
            ended = self._program.run(DAY_SECONDS)
            raise OSError(ended.code, "avahi does not announce")

    async def close(self) -> None:
        if self._program is not None:
            self._program.stop()


class _ByZeroconf:
    """One announcement, by the library."""

    def __init__(self, name: str, port: int, texts: Mapping[str, str]) -> None:
        self._given = name, port, texts
        self._task = supervise("announcement of a shared device", self._publish)

    async def _publish(self) -> None:
        from zeroconf import IPVersion, ServiceInfo  # noqa: PLC0415
        from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415

        name, port, texts = self._given
        kind = f"{TYPE}.local."
        host = f"{socket.gethostname().partition('.')[0]}.local."
        found = await asyncio.to_thread(_own_addresses)
        info = ServiceInfo(
            kind, f"{name}.{kind}", parsed_addresses=found, port=port, properties=dict(texts), server=host
        )
        line = AsyncZeroconf(ip_version=IPVersion.V4Only)
        try:
            await line.async_register_service(info, allow_name_change=True)
            await asyncio.Event().wait()
        finally:
            await line.async_close()

    async def close(self) -> None:
        await ended(self._task)


def _own_addresses() -> list[str]:
    """Return the address that this computer has in its network; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("224.0.0.251", 5353))
        return [probe.getsockname()[0]]


def way() -> str:
    """Return the way that devices are announced: ``avahi``, ``zeroconf``, or empty if there is none."""
    if AVAHI.exists() and shutil.which(PROGRAM):
        return "avahi"
    return "zeroconf" if importlib.util.find_spec("zeroconf") else ""


class Announcements:
    """Announces the shared devices that are there, until it is closed."""

    def __init__(self, devices: SharedDevices, section: ShareConfig) -> None:
        self._devices = devices
        self._section = section
        self._made: dict[str, _ByAvahi | _ByZeroconf] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to announce."""
        if not way():
            log.warning("shared devices are not announced: install avahi-daemon and avahi-utils, or zeroconf")
            return
        self._task = supervise("announcement of shared devices", self._follow)

    async def close(self) -> None:
        """End all announcements."""
        await ended(self._task)
        await asyncio.gather(*(each.close() for each in self._made.values()))

    async def _follow(self) -> None:
        while True:
            present = {device.id: device for device in await self._devices.present()}
            for key in self._made.keys() - present.keys():
                await self._made.pop(key).close()
            for key in present.keys() - self._made.keys():
                self._made[key] = await self._announced(present[key])
            await asyncio.sleep(CHECK_SECONDS)

    async def _announced(self, device: SharedDevice) -> _ByAvahi | _ByZeroconf:
        known = await device.capabilities()
        host = f"{socket.gethostname().partition('.')[0]}.local"
        port = self._section.port
        texts = records(known, f"devices/{uuid_of(device)[:8]}/eSCL", host, port)
        by = way()
        log.info("%s is announced in the network by %s", device.name, by)
        kind = _ByAvahi if by == "avahi" else _ByZeroconf
        return kind(service_name(known), port, texts)
