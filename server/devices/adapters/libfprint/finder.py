"""The fingerprint sensors that libfprint drives and gets pictures from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from server.devices import hotplug
from server.devices.adapters.libfprint import wire
from server.devices.adapters.libfprint.driver import Fault
from server.devices.adapters.libfprint.host import Host, candidates
from server.devices.adapters.libfprint.sensor import LibfprintSensor
from server.devices.ports.fingerprint_sensor import FingerprintSensorInfo
from server.errors import DriverMissing, GaopaiError, LocalizedText

log = logging.getLogger(__name__)

FIND_SECONDS = 10.0


class LibfprintFinder(hotplug.HotplugWatched):
    """See `server.devices.ports.fingerprint_sensor.FingerSensorFinder`.

    Parameters
    ----------
    python
        An interpreter that has libfprint's bindings; empty to look for one.
    patience
        Seconds for libfprint to list its devices.
    """

    def __init__(self, python: str = "", patience: float = FIND_SECONDS, root: Path = Path("/")) -> None:
        self._host = Host(candidates(python))
        self._patience = patience
        self._lock = asyncio.Lock()
        self._without_pictures: frozenset[str] = frozenset()
        self._watch = hotplug.watch(root, "usb", "bus/usb/*/*")

    def missing(self) -> GaopaiError | None:
        """See the port; known from the first `find` on."""
        if not self._host.lacking:
            return None
        reason = LocalizedText(
            "缺少 libfprint 或它的 Python 绑定", "libfprint or its bindings for Python are not installed"
        )
        return DriverMissing(kind=LocalizedText("指纹仪", "fingerprint sensors"), reason=reason)

    async def find(self) -> Sequence[LibfprintSensor]:
        if not await self._host.ready():
            return ()
        async with self._lock:
            sensors = self._with_pictures(await self._list())
            if not sensors:
                await self._host.renew()  # a process that nobody needs
        return [LibfprintSensor(sensor, info, self._host) for sensor, info in _named(sensors)]

    async def close(self) -> None:
        self._watch.close()
        await self._host.close()

    async def _list(self) -> Sequence[wire.SensorMessage]:
        """Ask a new process: libfprint notices new devices only where udev runs."""
        await self._host.renew()
        try:
            return await (await self._host.driver()).list(self._patience)
        except (Fault, GaopaiError, OSError) as exc:
            log.warning("libfprint does not list its sensors: %s", type(exc).__name__)
            return ()

    def _with_pictures(self, sensors: Sequence[wire.SensorMessage]) -> list[wire.SensorMessage]:
        """Return the sensors that give pictures; each that compares fingers by itself is logged once."""
        without = {sensor.id: sensor.name for sensor in sensors if not sensor.captures}
        for key in without.keys() - self._without_pictures:
            log.info("%s is left out: it gives no pictures of fingers", without[key])
        self._without_pictures = frozenset(without)
        return [sensor for sensor in sensors if sensor.captures]


def _named(sensors: Sequence[wire.SensorMessage]) -> list[tuple[wire.SensorMessage, FingerprintSensorInfo]]:
    """With names that tell them apart."""
    seen: dict[str, int] = {}
    found = []
    for sensor in sensors:
        count = seen[sensor.name] = seen.get(sensor.name, 0) + 1
        name = sensor.name if count == 1 else f"{sensor.name} ({count})"
        found.append((sensor, FingerprintSensorInfo(f"libfprint:{sensor.id}", name, max(1, sensor.presses))))
    return found
