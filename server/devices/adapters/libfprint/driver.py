"""The worker's process as the service sees it: started, spoken to, and ended whatever it does."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import signal
import socket
import subprocess
from pathlib import Path

import msgspec

import server
from server.devices.adapters.libfprint import wire
from server.devices.adapters.libfprint.framing import HEAD, LONGEST, framed
from server.errors import DeviceTimeout, DriverCrashed

log = logging.getLogger(__name__)

REAP_SECONDS = 5.0
"""A killed process is gone by then, unless the kernel itself waits for the device."""
_MAIN = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from server.devices.adapters.libfprint.worker import main; main()"
)
"""Our code comes last in the worker's path: beside it may lie what was built for our own Python."""

Heard = tuple[wire.Answer, bytes]


class Fault(Exception):
    """The worker answered that it did not work; `fault` and `detail` as in `wire.Answer`."""

    def __init__(self, answer: wire.Answer) -> None:
        self.fault = answer.fault
        self.detail = answer.detail
        super().__init__(answer.fault)


class Driver:
    """One process with libfprint loaded; made by `start_driver`."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._open: dict[int, asyncio.Future[Heard]] = {}
        self._task = asyncio.create_task(self._receive(), name="libfprint")
        self.ended = False
        """Whether the process has closed its end or was ended."""

    @property
    def idle(self) -> bool:
        """Whether no question is open."""
        return not self._open

    async def list(self, seconds: float) -> tuple[wire.Sensor, ...]:
        """The sensors that libfprint finds; see `_ask` for errors."""
        answer, _ = await self._ask("list", seconds, "libfprint")
        return answer.sensors

    async def press(self, sensor: str, patience: float, seconds: float, device: str) -> Heard:
        """Wait for a finger.

        Parameters
        ----------
        patience
            Seconds that the finger may take to come.
        seconds
            After so many in all the driver is taken to hang.
        device
            The sensor's name in errors.

        Raises
        ------
        Fault
        server.errors.DeviceTimeout, DriverCrashed
        """
        return await self._ask("press", seconds, device, sensor, patience)

    async def _ask(
        self, do: wire.Do, seconds: float, device: str, sensor: str = "", patience: float = 0.0
    ) -> Heard:
        """Ask and wait for the answer.

        Raises
        ------
        Fault
            libfprint says what went wrong; the process can go on.
        server.errors.DeviceTimeout, DriverCrashed
            It hangs or has crashed; the process is ended.
        """
        number = next(self._numbers)
        heard: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._open[number] = heard
        if self.ended:
            heard.set_exception(EOFError())
        try:
            self._send(wire.Question(number, do, sensor, patience))
            async with asyncio.timeout(seconds):
                answer, payload = await heard
        except TimeoutError:
            await self.end()
            raise DeviceTimeout(device=device, seconds=f"{seconds:g}") from None
        except EOFError:
            log.warning("the driver of %s ended by itself: %s", device, _how(await self.end()))
            raise DriverCrashed(device=device) from None
        except asyncio.CancelledError:
            self._send(wire.Question(number, "drop"))
            raise
        finally:
            del self._open[number]
        if answer.fault:
            raise Fault(answer)
        return answer, payload

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

    def _send(self, question: wire.Question) -> None:
        """Say something; what a process does not take any more is lost with it."""
        if not self.ended:
            self._writer.write(framed(wire.encode(question)))

    async def _receive(self) -> None:
        """Hand answers to those who wait for them, until the process ends."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, msgspec.DecodeError):
            while True:
                text, payload = HEAD.unpack(await self._reader.readexactly(HEAD.size))
                if text + payload > LONGEST:
                    break
                answer = wire.decode(await self._reader.readexactly(text))
                data = await self._reader.readexactly(payload)
                heard = self._open.get(answer.number)
                if answer.waiting:
                    log.debug("a sensor waits for a finger")
                elif heard is not None and not heard.done():
                    heard.set_result((answer, data))
        self._hang_up()

    def _hang_up(self) -> None:
        if self.ended:
            return
        self.ended = True
        self._writer.close()
        for heard in self._open.values():
            if not heard.done():
                heard.set_exception(EOFError())


async def start_driver(python: Path) -> Driver:
    """A new process; it is asked at once and answers when it has loaded.

    Parameters
    ----------
    python
        See `server.devices.adapters.libfprint.interpreter`.

    Raises
    ------
    OSError
        No process can be started.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with theirs:
        try:
            process = await asyncio.to_thread(_spawn, python, theirs.fileno())
        except BaseException:
            ours.close()
            raise
    ours.setblocking(False)
    return Driver(process, *await asyncio.open_unix_connection(sock=ours))


def _spawn(python: Path, line: int) -> subprocess.Popen[bytes]:
    root = Path(server.__file__).parent.parent
    return subprocess.Popen(
        [str(python), "-I", "-B", "-c", _MAIN, str(root), str(line)],
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
