"""Driver process of a SANE device, and the pool that keeps one warm."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import mmap
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from server.children.async_child import AsyncChild, ChildEnded, start_child
from server.children.child import ChildSpec
from server.children.confinement import Profile
from server.devices.adapters.sane import wire
from server.errors import DeviceTimeout, DriverCrashed, GaopaiError
from server.runtime.background import supervise

log = logging.getLogger(__name__)

Received = tuple[wire.FromDriver, mmap.mmap | None]
"""A message, and the content of the file that came along."""


class DriverFault(Exception):
    """The driver answered that it did not work; `fault` and `detail` as in `wire.Failed`."""

    def __init__(self, failed: wire.FailedMessage) -> None:
        self.fault = failed.fault
        self.detail = failed.detail
        super().__init__(failed.fault)


class SaneProcess(AsyncChild):
    """One process with the driver loaded; made by `start_driver`."""

    def tell(self, message: wire.ToDriver) -> None:
        """Send a message; whatever a process does not take any more is lost with it."""
        self.send(wire.encode(message))

    async def ask(self, message: wire.ToDriver, seconds: float, device: str) -> wire.FromDriver:
        """Send a message and wait for the answer; see `hear`."""
        self.tell(message)
        answer, _ = await self.hear(seconds, device)
        return answer

    async def hear(self, seconds: float, device: str) -> Received:
        """Wait for the next message.

        Parameters
        ----------
        device
            The scanner's name in errors.

        Raises
        ------
        DriverFault
            The driver says what went wrong; the process can go on.
        server.errors.DeviceTimeout, DriverCrashed
            It hangs or has crashed; the process is ended.
        """
        try:
            message, content = await self.listen(wire.decode_from_driver, seconds)
        except TimeoutError:
            raise DeviceTimeout(device=device, seconds=f"{seconds:g}") from None
        except ChildEnded as ended:
            log.warning("the driver of %s ended by itself: %s", device, ended)
            raise DriverCrashed(device=device) from None
        if isinstance(message, wire.FailedMessage):
            raise DriverFault(message)
        return message, content

    async def rest(self, seconds: float) -> bool:
        """Wait until its device is closed after an answer; False where it cannot be asked again."""
        with contextlib.suppress(TimeoutError, ChildEnded):
            async with asyncio.timeout(seconds):
                while True:
                    message, _ = await self.listen(wire.decode_from_driver)
                    if isinstance(message, wire.DeviceClosed):
                        return True
        return False


async def start_driver(device: str = "", folders: Sequence[str] = ()) -> SaneProcess:
    """Start a process; it is asked at once and answers when it has loaded.

    Parameters
    ----------
    device
        The scanner that it is for, by SANE's name; empty to list them.
    folders
        Further ones that the driver may read and change.

    Raises
    ------
    OSError
        No process can be started.
    """
    return await start_child(SaneProcess, spec_of(device, folders))


def spec_of(device: str = "", folders: Sequence[str] = ()) -> ChildSpec:
    """Return the terms on which a driver runs; see `start_driver`."""
    return ChildSpec(
        "server.devices.adapters.sane.worker",
        variables=("SANE_*", "HOME", "TMPDIR", "XDG_RUNTIME_DIR", "DBUS_*"),
        profile=driver_profile(device, folders),
    )


IDLE_SECONDS = 60.0
"""Seconds after which a process that nobody used is ended; a new one takes a fifth of a second."""
CLOSE_SECONDS = 15.0
"""Seconds that a driver has to close its device: a motor is parked by then, and sane-airscan is known to wait
for ever, now and then."""


class DriverPool:
    """Processes by device.

    Parameters
    ----------
    patience
        Seconds a driver may take to close its device.
    folders
        See `start_driver`.
    """

    def __init__(self, patience: float = CLOSE_SECONDS, folders: Sequence[str] = ()) -> None:
        self._patience = patience
        self._folders = folders
        self._idle: dict[str, SaneProcess] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._closing: dict[asyncio.Task[object], tuple[str, SaneProcess]] = {}

    @asynccontextmanager
    async def lent(self, device: str) -> AsyncIterator[SaneProcess]:
        """Lend a driver, also beyond the block; an error for pages gives it back, any other ends it."""
        driver = await self.acquire(device)
        try:
            yield driver
        except GaopaiError:
            self.release(device, driver)
            raise
        except BaseException:
            await driver.finish()
            raise

    async def acquire(self, device: str) -> SaneProcess:
        """Return the process of a device, once it has closed it, or a new one."""
        closing = [task for task, (name, _) in self._closing.items() if name == device]
        if closing:
            await asyncio.wait(closing)
        driver = self._forget(device)
        if driver is not None and driver.alive:
            return driver
        if driver is not None:
            await driver.finish()
        return await start_driver(device, self._folders)

    def release(self, device: str, driver: SaneProcess) -> None:
        """Keep a process when it is at rest; nobody has to wait for that."""
        self._begin(device, driver, partial(self._settle, device, driver))

    async def renew(self) -> None:
        """End all that are idle: their lists of the buses are old."""
        idle = [self._forget(device) for device in list(self._idle)]
        await asyncio.gather(*(driver.finish() for driver in idle if driver is not None))

    async def close(self) -> None:
        """End all."""
        await asyncio.gather(*(driver.finish() for _, driver in self._closing.values()))
        await asyncio.gather(*self._closing)
        await self.renew()

    async def _settle(self, device: str, driver: SaneProcess) -> None:
        if not await driver.rest(self._patience) or device in self._idle:
            await driver.finish()
            return
        self._idle[device] = driver
        self._timers[device] = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._expire, device)

    def _expire(self, device: str) -> None:
        driver = self._forget(device)
        if driver is not None:
            self._begin(device, driver, driver.finish)

    def _forget(self, device: str) -> SaneProcess | None:
        timer = self._timers.pop(device, None)
        if timer is not None:
            timer.cancel()
        return self._idle.pop(device, None)

    def _begin(
        self, device: str, driver: SaneProcess, work: Callable[[], Coroutine[Any, Any, object]]
    ) -> None:
        task = supervise("rest of a scanner driver", work, restart=False)
        self._closing[task] = device, driver
        task.add_done_callback(self._closing.pop)


DEVICES = (
    "bus/usb",
    "usb",
    "sg*",
    "scanner*",
    "usbscanner*",
    "lp*",
    "parport*",
    "ttyS*",
    "ttyUSB*",
    "ttyACM*",
)
"""Patterns of the device files of scanners, below ``/dev``."""
READ = (
    # All settings but ours, which may hold a token.
    *("/etc/[!g]*", "/etc/g[!a]*", "/etc/gai.conf", "/opt"),
    *("/sys", "/proc/bus", "/proc/scsi", "/proc/sys", "/proc/cpuinfo", "/proc/meminfo", "/run/udev"),
    *("/run/NetworkManager", "/run/resolvconf", "/run/systemd/resolve"),
    *("/var/lib/hp", "/var/lib/sane", "/var/lib/snmp", "/var/lib/dbus"),
)
"""Files and folders that drivers read: settings, makers' programs, devices and the network as the kernel
describes them, and names of hosts."""
SOCKETS = ("/run/dbus", "/run/avahi-daemon", "/run/nscd", "/run/systemd/resolve")
"""Folders of the sockets by which scanners of the network are found: through Avahi, on the bus of the system.
That of the session, which starts programs, is not among them."""
USB = ":libusb:"
"""Part of the names of scanners that SANE itself reaches by USB."""
IN_HOME = (".sane", ".hplip")
"""Folders of the user in which drivers keep calibration, and HP's their settings."""


def driver_profile(
    device: str = "", folders: Sequence[str] = (), environment: Mapping[str, str] = os.environ
) -> Profile:
    """Return the rights of a driver.

    Drivers start programs of their makers', open USB devices and search the network.

    Parameters
    ----------
    device
        SANE's name for the scanner that it is for; one at USB needs no network.
    folders
        Further ones that it may read and change.
    """
    network = () if USB in device else ("AF_UNIX", "AF_INET", "AF_INET6")
    devices = (f"/dev/{name}" for name in DEVICES)
    return Profile(
        reads=(*READ, *filter(None, environment.get("SANE_CONFIG_DIR", "").split(":"))),
        writes=(*devices, *_own(environment), *folders),
        families=(*network, "AF_NETLINK"),
        sockets=SOCKETS,
        programs=True,
    )


def _own(environment: Mapping[str, str]) -> Iterator[str]:
    yield environment.get("TMPDIR", "/tmp")  # noqa: S108 - makers' libraries write there without asking
    home = environment.get("HOME", "")
    if home:
        yield from (str(Path(home, name)) for name in IN_HOME)
