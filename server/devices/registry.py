"""Which cameras there are, best first, found again when devices come or go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from server.devices.ports.camera import Camera, CameraFinder

log = logging.getLogger(__name__)

SETTLE_SECONDS = 0.3
"""One plug makes several events (a camera has several nodes); they are answered together."""
POLL_SECONDS = 2.0
"""How often finders without a descriptor are asked whether something changed."""
FIND_SECONDS = 10.0

Listener = Callable[[], None]
Run = Callable[[Callable[[], Sequence[Camera]]], Awaitable[Sequence[Camera]]]


class Registry:
    """All cameras of all finders.

    Parameters
    ----------
    run
        Runs a blocking call in a thread pool.
    """

    def __init__(self, finders: Sequence[CameraFinder], run: Run) -> None:
        self._finders = finders
        self._run = run
        self._cameras: tuple[Camera, ...] = ()
        self._listeners: list[Listener] = []
        self._lock = asyncio.Lock()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._watched: list[int] = []

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """The cameras found last, the largest picture first."""
        return self._cameras

    def listen(self, listener: Listener) -> None:
        """Call `listener` in the loop whenever the list has changed."""
        self._listeners.append(listener)

    async def refresh(self) -> tuple[Camera, ...]:
        """Ask all finders again."""
        async with self._lock:
            found: list[Camera] = []
            for finder in self._finders:
                found.extend(await self._ask(finder))
            before = [camera.info.id for camera in self._cameras]
            self._cameras = tuple(sorted(found, key=_largest, reverse=True))
        if [camera.info.id for camera in self._cameras] != before:
            for listener in self._listeners:
                listener()
        return self._cameras

    async def start(self) -> None:
        """Find the cameras and watch for changes from now on."""
        await self.refresh()
        loop = asyncio.get_running_loop()
        for finder in self._finders:
            descriptor = finder.change_fd()
            if descriptor is not None:
                loop.add_reader(descriptor, self._acknowledge, finder)
                self._watched.append(descriptor)
        self._task = asyncio.create_task(self._watch(), name="hot-plug")

    async def stop(self) -> None:
        """Watch no longer and release the finders."""
        loop = asyncio.get_running_loop()
        for descriptor in self._watched:
            loop.remove_reader(descriptor)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for finder in self._finders:
            finder.close()

    async def _ask(self, finder: CameraFinder) -> Sequence[Camera]:
        try:
            async with asyncio.timeout(FIND_SECONDS):
                return await self._run(finder.find)
        except TimeoutError:
            log.warning("%s did not list its cameras in %g s", type(finder).__name__, FIND_SECONDS)
            return ()

    def _acknowledge(self, finder: CameraFinder) -> None:
        if finder.acknowledge_change():
            self._changed.set()

    async def _watch(self) -> None:
        silent = [finder for finder in self._finders if finder.change_fd() is None]
        while True:
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                changed = [finder.acknowledge_change() for finder in silent]
                if not any(changed):
                    continue
            await asyncio.sleep(SETTLE_SECONDS)
            self._changed.clear()
            await self.refresh()


def _largest(camera: Camera) -> int:
    return max((size.width * size.height for media in camera.info.media for size in media.sizes), default=0)
