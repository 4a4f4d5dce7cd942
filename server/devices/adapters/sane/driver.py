"""A driver's process as the service sees it: started, spoken to, and ended whatever it does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque

from server.devices.adapters.sane import wire
from server.errors import DeviceTimeout, DriverCrashed

log = logging.getLogger(__name__)

WORKER = "server.devices.adapters.sane.worker"
REAP_SECONDS = 5.0
"""A killed process is gone by then, unless the kernel itself waits for the device."""

Packet = tuple[wire.FromDriver, int | None]
"""A message, and the descriptor that came along."""


class DriverEnded(Exception):
    """The process is not there any more."""


class DriverFault(Exception):
    """The driver answered that it did not work; `fault` and `detail` as in `wire.Failed`."""

    def __init__(self, failed: wire.Failed) -> None:
        self.fault = failed.fault
        self.detail = failed.detail
        super().__init__(failed.fault)


class Driver:
    """One process with the driver loaded.

    Parameters
    ----------
    process, line
        Started by `start_driver`.
    """

    def __init__(self, process: subprocess.Popen[bytes], line: socket.socket) -> None:
        self._process = process
        self._line = line
        self._packets: deque[Packet] = deque()
        self._arrived = asyncio.Event()
        self._waiting: asyncio.Timeout | None = None
        self._rest = asyncio.Event()
        self._rest.set()
        self.ended = False
        """Whether the process has closed its end or was ended."""
        asyncio.get_running_loop().add_reader(line, self._receive)

    def send(self, message: wire.ToDriver) -> None:
        """Say something; what a process does not take any more is lost with it."""
        if not self.ended:
            with contextlib.suppress(OSError):
                self._line.send(wire.encode(message))

    async def receive(self, seconds: float) -> Packet:
        """The next packet.

        Raises
        ------
        TimeoutError
            Nothing came.
        DriverEnded
        """
        try:
            async with asyncio.timeout(seconds) as self._waiting:
                while not self._packets:
                    if self.ended:
                        raise DriverEnded()
                    self._arrived.clear()
                    await self._arrived.wait()
        finally:
            self._waiting = None
        return self._packets.popleft()

    def hurry(self, seconds: float) -> None:
        """Let who waits now for a packet wait so long and no longer."""
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time() + seconds)

    async def ask(self, message: wire.ToDriver, seconds: float, device: str) -> wire.FromDriver:
        """Say something and wait for the answer; see `hear`."""
        self._rest.clear()
        self.send(message)
        answer, _ = await self.hear(seconds, device)
        return answer

    async def hear(self, seconds: float, device: str) -> Packet:
        """The next packet, or why none will come.

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
            packet = await self.receive(seconds)
        except TimeoutError:
            await self.end()
            raise DeviceTimeout(device=device, seconds=f"{seconds:g}") from None
        except DriverEnded:
            code = await self.end()
            log.warning("the driver of %s ended by itself: %s", device, _how(code))
            raise DriverCrashed(device=device) from None
        if isinstance(packet[0], wire.Failed):
            raise DriverFault(packet[0])
        return packet

    async def rest(self, seconds: float) -> bool:
        """Wait until its device is closed; whether it can be asked again."""
        try:
            async with asyncio.timeout(seconds):
                await self._rest.wait()
        except TimeoutError:
            return False
        return not self.ended

    async def end(self) -> int | None:
        """Kill the process, which holds nothing that would be lost; how it ended."""
        self._hang_up()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        try:
            return await asyncio.shield(asyncio.to_thread(self._process.wait, REAP_SECONDS))
        except subprocess.TimeoutExpired:
            log.error("process %d does not end: the kernel waits for the device", self._process.pid)
            return None

    def _receive(self) -> None:
        try:
            packet, descriptors, _, _ = socket.recv_fds(self._line, wire.PACKET_BYTES, 1)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            packet, descriptors = b"", []
        message = wire.decode_from_driver(packet) if packet else None
        if message is None:
            self._hang_up()
        elif isinstance(message, wire.AtRest):
            self._rest.set()
        else:
            self._packets.append((message, next(iter(descriptors), None)))
            self._arrived.set()

    def _hang_up(self) -> None:
        if self.ended:
            return
        self.ended = True
        asyncio.get_running_loop().remove_reader(self._line)
        self._line.close()
        self._arrived.set()
        self._rest.set()

    def drop_packets(self) -> None:
        """Forget what was not taken, with the memory that came along."""
        while self._packets:
            _, memory = self._packets.popleft()
            if memory is not None:
                os.close(memory)


async def start_driver() -> Driver:
    """A new process; it is asked at once and answers when it has loaded.

    Raises
    ------
    OSError
        No process can be started.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        ours.setblocking(False)
        try:
            process = await asyncio.to_thread(_spawn, theirs.fileno())
        except BaseException:
            ours.close()
            raise
    return Driver(process, ours)


def _spawn(line: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", WORKER, str(line)],
        pass_fds=(line,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A Ctrl-C in the terminal is the service's to handle.
        start_new_session=True,
    )


def _how(code: int | None) -> str:
    if code is None:
        return "unknown"
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
