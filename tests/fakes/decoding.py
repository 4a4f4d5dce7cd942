"""Decoding in this process, for tests of what comes of it: a process takes a third of a second to start."""

from __future__ import annotations

import asyncio
import mmap
import os
import threading
from collections.abc import Iterable

from server.children import memory
from server.decoding import faults, wire
from server.decoding.decoders import Decoders
from server.decoding.pool import Reply
from server.decoding.tasks import TaskRunner


class InProcess:
    """Does tasks in threads, all that a process does but be one."""

    def __init__(self, limit_pixels: int) -> None:
        self._tasks = TaskRunner(limit_pixels)
        self._lock = threading.Lock()

    async def run(self, task: wire.Task, file: int, quick: bool = False) -> Reply:
        own = os.dup(file)
        return await asyncio.shield(asyncio.to_thread(self._done, task, own))

    def _done(self, task: wire.Task, file: int) -> Reply:
        try:
            with self._lock:
                result = self._tasks.run(task, file)
            return result.answer, None if result.pieces is None else mapped(result.pieces)  # type: ignore[return-value]
        except Exception as exc:  # noqa: BLE001 - as in the process
            return faults.as_answer(exc), None  # type: ignore[return-value]
        finally:
            os.close(file)


def mapped(pieces: Iterable[memory.Piece]) -> mmap.mmap:
    """The content of a file of these pieces, as it comes from a process."""
    file = memory.MemoryFile(memory.filled(pieces))
    return memory.mapped(file.descriptor)


def decoders(limit_pixels: int) -> Decoders:
    """Decoders without a process."""
    return Decoders(InProcess(limit_pixels))
