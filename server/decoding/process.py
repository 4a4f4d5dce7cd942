"""One decoding process, as the service sees it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import mmap
import signal
import time

from server.children.async_child import AsyncChild, ChildEnded, start_child
from server.children.child import ChildSpec, Exit
from server.children.confinement import Profile
from server.children.program import ONE_THREAD
from server.decoding import faults, wire
from server.decoding.limits import LARGEST_FILE, address_bytes
from server.errors import DecoderUnavailable, LocalizedText
from server.runtime.process import MEMORY_BYTES

log = logging.getLogger(__name__)

WORKER = "server.decoding.worker"
PROFILE = Profile()
"""Nothing is left to it: a file that takes it over has a socket to the service, and answers to be judged."""
START_SECONDS = 30.0
"""Reading its modules takes a third of a second, on a disk that sleeps much more."""
LONGEST_START_SECONDS = 240.0
"""Limit where the machine is so busy that the process goes on and is not ready."""
STUCK_SECONDS = 0.05
"""Time of a processor, used within `START_SECONDS`, below which it does not go on."""
HANG_UP_SECONDS = 0.2
"""One without a task ends by itself within some milliseconds."""

Reply = tuple[wire.DecodingAnswer, mmap.mmap | None]
"""An answer, and the content of the file that came along."""


class ProcessGone(Exception):
    """The process is not there any more."""


class DecodingProcess(AsyncChild):
    """Asked one thing at a time; see `start_process`."""

    async def ask(self, task: wire.Task, file: int, seconds: float) -> Reply:
        """Hand over a task and wait for its outcome; cancelled, it ends the process.

        Raises
        ------
        server.documents.faults.DocumentFault
            The process ended over it, or was ended because it took too long.
        ProcessGone
            It had ended before it heard of the task, which is not to blame.
        """
        begun = time.monotonic()
        if not self.send(wire.encode(task), file):
            log.warning("a decoding process ended while it had nothing to do: %s", await self.retire())
            raise ProcessGone
        try:
            return await self.listen(wire.decode_answer, seconds)
        except TimeoutError:
            raise faults.too_slow(min(seconds, round(time.monotonic() - begun, 1))) from None
        except ChildEnded as ended:
            if ended.exit.code == -signal.SIGXCPU:
                raise faults.too_slow(seconds) from None
            log.warning("a decoding process ended over a file: %s", ended)
            raise faults.process_ended(ended.exit.how) from None
        except asyncio.CancelledError:
            await self.retire()
            raise

    async def retire(self) -> Exit:
        """Hang up and see it gone."""
        return await self.finish(HANG_UP_SECONDS)


async def start_process(limit_pixels: int) -> DecodingProcess:
    """Start one and see it ready.

    Raises
    ------
    server.errors.DecoderUnavailable
    """
    limits = {"AS": address_bytes(limit_pixels, MEMORY_BYTES), "FSIZE": LARGEST_FILE}
    spec = ChildSpec(WORKER, added=ONE_THREAD, limits=limits, untrusted=True, profile=PROFILE)
    try:
        process = await start_child(DecodingProcess, spec, limit_pixels)
    except OSError as exc:
        raise _unavailable(exc.strerror or type(exc).__name__) from exc
    await see_ready(process)
    return process


async def see_ready(process: DecodingProcess) -> None:
    """Wait until a process that was started is ready, longer where the machine is busy; cancelled, end it.

    Raises
    ------
    server.errors.DecoderUnavailable
    """
    watch = asyncio.create_task(_give_up_stuck(process), name="start of a decoding process")
    begun = time.monotonic()
    try:
        await process.listen(wire.decode_answer, LONGEST_START_SECONDS)
    except TimeoutError:
        waited = f"{time.monotonic() - begun:.0f}"
        late = LocalizedText(f"{waited} 秒内没有就绪", f"not ready in {waited} seconds")
        raise _unavailable(late) from None
    except ChildEnded as ended:
        log.error("a decoding process ended before it was ready: %s", ended)
        raise _unavailable(ended.exit.how) from None
    except asyncio.CancelledError:
        await process.finish()
        raise
    finally:
        watch.cancel()


async def _give_up_stuck(process: DecodingProcess) -> None:
    """End the wait for a process that neither is ready nor uses a processor, or has used one for long."""
    clock = ~process.pid << 3 | 2  # clock_getcpuclockid(3)
    used, before = 0.0, -1.0
    with contextlib.suppress(OSError):  # it ended, and who listens hears of it
        while before + STUCK_SECONDS <= used < START_SECONDS:
            await asyncio.sleep(START_SECONDS)
            used, before = time.clock_gettime(clock), used
            log.warning("a decoding process is not ready: it got %.1f s of a processor", used)
    process.shorten_wait(0)


def _unavailable(reason: str | LocalizedText) -> DecoderUnavailable:
    log.error("no decoding process can be started: %s", reason)
    return DecoderUnavailable(reason=reason)
