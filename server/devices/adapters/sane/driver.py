"""The process that a driver runs in, as the service sees it: started, asked, and ended whatever it does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import mmap

from server.children.async_child import AsyncChild, ChildEnded, start_child
from server.children.child import ChildSpec
from server.devices.adapters.sane import wire
from server.errors import DeviceTimeout, DriverCrashed

log = logging.getLogger(__name__)

SPEC = ChildSpec(
    "server.devices.adapters.sane.worker",
    variables=("SANE_*", "HOME", "TMPDIR", "XDG_RUNTIME_DIR", "DBUS_*"),
)
Received = tuple[wire.FromDriver, mmap.mmap | None]
"""A message, and the content of the file that came along."""


class DriverFault(Exception):
    """The driver answered that it did not work; `fault` and `detail` as in `wire.Failed`."""

    def __init__(self, failed: wire.Failed) -> None:
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
        if isinstance(message, wire.Failed):
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


async def start_driver() -> SaneProcess:
    """Start a process; it is asked at once and answers when it has loaded.

    Raises
    ------
    OSError
        No process can be started.
    """
    return await start_child(SaneProcess, SPEC)
