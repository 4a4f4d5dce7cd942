"""One decoding process, as the service sees it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable

from server.decoding import child, faults, wire
from server.errors import DecoderUnavailable, LocalizedText

log = logging.getLogger(__name__)

START_SECONDS = 30.0
"""Reading its modules takes a third of a second, on a disk that sleeps much more."""
HANG_UP_SECONDS = 0.2
"""One without a job ends by itself within some milliseconds."""
REAP_SECONDS = 5.0
_KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
"""Of the environment: the rest is none of its business, and may hold secrets."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

Heard = tuple[wire.AnyAnswer, int | None]
"""An answer, and the descriptor of the file that came along, which is the hearer's to close."""


class Gone(Exception):
    """The process is not there any more."""


class Process:
    """Asked one thing at a time; see `start_process`."""

    def __init__(self, process: asyncio.subprocess.Process, channel: socket.socket) -> None:
        self._process = process
        self._channel = channel

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.returncode is None and self._channel.fileno() >= 0

    async def ask(self, job: wire.AnyJob, file: int, seconds: float) -> Heard:
        """Hand over a job and wait for what comes of it.

        Raises
        ------
        server.documents.faults.DocumentFault
            The process ended over it, or was ended because it took too long.
        Gone
            It had ended before it heard of the job, which is not to blame.
        """
        try:
            wire.send(self._channel, job, file)
        except ConnectionError:
            log.warning("a decoding process ended while it had nothing to do: %s", how(await self.end()))
            raise Gone from None
        try:
            return await self.hear(seconds)
        except TimeoutError:
            raise faults.too_slow(seconds) from None
        except (EOFError, ConnectionError):
            code = await self.end()
            if code == -signal.SIGXCPU:
                raise faults.too_slow(seconds) from None
            log.warning("a decoding process ended over a file: %s", how(code))
            raise faults.ended(how(code)) from None

    async def hear(self, seconds: float) -> Heard:
        """The next answer. Without one the process is of no use any more, and is ended.

        Raises
        ------
        TimeoutError, EOFError, ConnectionError
        """
        try:
            async with asyncio.timeout(seconds):
                await self._readable()
                return wire.receive_answer(self._channel)
        except (EOFError, ConnectionError):
            raise
        except BaseException:
            await asyncio.shield(self.end())
            raise

    def retire(self) -> None:
        """Hang up: it ends by itself."""
        self._channel.close()

    async def end(self) -> int | None:
        """See it gone, by itself if it hung up, else killed; how it ended, negative for a signal."""
        self._channel.close()
        try:
            async with asyncio.timeout(HANG_UP_SECONDS):
                return await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        try:
            async with asyncio.timeout(REAP_SECONDS):
                return await self._process.wait()
        except TimeoutError:
            log.error("decoding process %d does not end", self.pid)
            return None

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self._channel.fileno(), _once(ready))
        try:
            await ready
        finally:
            loop.remove_reader(self._channel.fileno())


def _once(ready: asyncio.Future[None]) -> Callable[[], None]:
    def noticed() -> None:
        if not ready.done():
            ready.set_result(None)

    return noticed


def how(code: int | None) -> str:
    """In words for programmers, how a process ended."""
    return signal.Signals(-code).name if code is not None and code < 0 else f"exit {code}"


async def start_process(limit_pixels: int) -> Process:
    """Start one and see it ready.

    Raises
    ------
    server.errors.DecoderUnavailable
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    arguments = (str(theirs.fileno()), str(os.getpid()), str(limit_pixels))
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                child.__name__,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                # Libraries complain of files in words that may be of the file.
                stderr=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                env={**environment, **_ONE_THREAD},
            )
    except OSError as exc:
        ours.close()
        raise _unavailable(exc.strerror or type(exc).__name__) from exc
    except BaseException:
        ours.close()
        raise
    ours.setblocking(False)
    return await _greeted(Process(process, ours))


async def _greeted(started: Process) -> Process:
    try:
        await started.hear(START_SECONDS)
    except TimeoutError:
        raise _unavailable(
            LocalizedText(f"{START_SECONDS:g} 秒内没有就绪", f"not ready in {START_SECONDS:g} seconds")
        ) from None
    except (EOFError, ConnectionError):
        raise _unavailable(how(await started.end())) from None
    return started


def _unavailable(reason: str | LocalizedText) -> DecoderUnavailable:
    log.error("no decoding process can be started: %s", reason)
    return DecoderUnavailable(reason=reason)
