"""The worker's process as the service sees it: started, asked, and ended whatever it does."""

from __future__ import annotations

import asyncio
import itertools
import logging
import mmap
import os
from collections.abc import Mapping
from pathlib import Path

from server.children.async_child import CRASH_SECONDS, AsyncChild, ChildEnded, start_child
from server.children.child import ChildSpec
from server.children.confinement import Profile
from server.devices.adapters.libfprint import wire
from server.errors import DeviceTimeout, DriverCrashed
from server.runtime.background import supervise

log = logging.getLogger(__name__)

Reply = tuple[wire.WorkerAnswer, mmap.mmap | None]
"""An answer, and the pixels that came along."""


class Fault(Exception):
    """The worker answered that it did not work; `fault` and `detail` as in `wire.Answer`."""

    def __init__(self, answer: wire.WorkerAnswer) -> None:
        self.fault = answer.fault
        self.detail = answer.detail
        super().__init__(answer.fault)


class FprintProcess:
    """One process with libfprint loaded; made by `start_driver`."""

    def __init__(self, child: AsyncChild) -> None:
        self._child = child
        self._numbers = itertools.count(1)
        self._open: dict[int, asyncio.Future[Reply]] = {}
        supervise("fingerprint driver", self._receive)

    @property
    def alive(self) -> bool:
        """True while it can be asked."""
        return self._child.alive

    @property
    def idle(self) -> bool:
        """True while no question is open."""
        return not self._open

    async def list(self, seconds: float) -> tuple[wire.SensorMessage, ...]:
        """Return the sensors that libfprint finds; see `_ask` for errors."""
        answer, _ = await self._ask("list", seconds, "libfprint")
        return answer.sensors

    async def press(self, sensor: str, patience: float, seconds: float, device: str) -> Reply:
        """Wait for a finger.

        Parameters
        ----------
        patience
            Seconds that the finger may take to come.
        seconds
            After so many in all the driver is taken to hang.
        device
            The sensor's name in errors.
        """
        return await self._ask("press", seconds, device, sensor, patience)

    async def _ask(
        self, do: wire.Do, seconds: float, device: str, sensor: str = "", patience: float = 0.0
    ) -> Reply:
        """Ask and wait for the answer.

        Raises
        ------
        Fault
            libfprint says what went wrong; the process can go on.
        server.errors.DeviceTimeout, DriverCrashed
            It hangs or has crashed; the process is ended.
        """
        number = next(self._numbers)
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._open[number] = reply
        if not self.alive:
            reply.set_exception(ChildEnded(await self._child.finish(CRASH_SECONDS)))
        try:
            self._send(wire.Question(number, do, sensor, patience))
            async with asyncio.timeout(seconds):
                answer, pixels = await reply
        except TimeoutError:
            await self.end()
            raise DeviceTimeout(device=device, seconds=f"{seconds:g}") from None
        except ChildEnded as ended:
            log.warning("the driver of %s ended by itself: %s", device, ended)
            raise DriverCrashed(device=device) from None
        except asyncio.CancelledError:
            self._send(wire.Question(number, "drop"))
            raise
        finally:
            del self._open[number]
        if answer.fault:
            raise Fault(answer)
        return answer, pixels

    async def end(self) -> None:
        """Kill the process, which holds nothing that would be lost."""
        await self._child.finish()

    def _send(self, question: wire.Question) -> None:
        self._child.send(wire.encode(question))

    async def _receive(self) -> None:
        """Hand answers to those who wait for them, until the process ends."""
        try:
            while True:
                answer, pixels = await self._child.listen(wire.decode)
                reply = self._open.get(answer.number)
                if answer.waiting:
                    log.debug("a sensor waits for a finger")
                elif reply is not None and not reply.done():
                    reply.set_result((answer, pixels))
        except ChildEnded as ended:
            for reply in self._open.values():
                if not reply.done():
                    reply.set_exception(ended)


async def start_driver(python: Path) -> FprintProcess:
    """Start a process; it is asked at once and answers when it has loaded.

    Parameters
    ----------
    python
        See `server.devices.adapters.libfprint.host`.

    Raises
    ------
    OSError
        No process can be started.
    """
    return FprintProcess(await start_child(AsyncChild, spec_of(python)))


def spec_of(python: Path) -> ChildSpec:
    """Return the terms on which the worker runs under an interpreter."""
    worker = "server.devices.adapters.libfprint.worker"
    return ChildSpec(worker, variables=("FP_*", "GI_TYPELIB_PATH"), profile=sensor_profile(), python=python)


DEVICES = ("/dev/bus/usb", "/dev/spidev*", "/dev/hidraw*")
"""Device files of sensors at USB, and of those of notebooks, which are read by SPI."""
READ = ("/sys", "/run/udev")
"""Folders in which libfprint looks for devices."""
VIRTUAL = "FP_VIRTUAL_"
"""Beginning of the variables that name the sockets of libfprint's virtual sensors."""


def sensor_profile(environment: Mapping[str, str] = os.environ) -> Profile:
    """Return the rights of the process; without virtual sensors it needs no UNIX socket."""
    paths = (value for name, value in environment.items() if name.startswith(VIRTUAL))
    virtual = tuple(str(Path(path).parent) for path in paths)
    bindings = filter(None, environment.get("GI_TYPELIB_PATH", "").split(":"))
    return Profile(
        reads=(*READ, *bindings),
        writes=(*DEVICES, *virtual),
        families=("AF_NETLINK", *(("AF_UNIX",) if virtual else ())),
        sockets=virtual,
    )
