"""Originals: pictures as devices and pages gave them, kept for minutes to be worked on again.

What is kept is what is there already, such as a camera's own JPEG: keeping copies and encodes nothing.
How pictures were made of them is remembered longer, for the records of files.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from imgcore.desk_scale import DeskScale
from imgcore.settings import Settings
from imgcore.types import Image
from server.archive.record import CaptureRecord, beside, document_record
from server.config import LimitsConfig
from server.devices.ports.camera import Frame
from server.errors import GaopaiError, OriginalGone
from server.runtime.background import supervise
from server.runtime.process import MEMORY_BYTES
from server.services.pictures.messages import picture_fields
from server.services.pictures.output import EncodedPicture
from server.services.pools import ThreadPools
from server.storage.atomic import Content, NamelessFile
from server.streaming.pixels import BrokenFrame, encode, pixels

log = logging.getLogger(__name__)

MIB = 1024 * 1024
"""Bytes in a mebibyte."""
LARGE_BYTES = 4 * MIB
"""Size in bytes from which a picture waits on the disk, such as a camera's frame that is no JPEG."""
LEAST_BYTES = 64 * 1024
"""Size in bytes that a smaller picture counts for, so that nobody has them by the ten thousand."""
MOST_OF_MEMORY = MEMORY_BYTES // 16
"""Limit of the originals of all origins together, in bytes, however much a configuration allows."""
HANDLE_BYTES = 18
"""Random bytes of a handle, which nobody can guess."""
REMEMBERED = 1000
"""Number of pictures whose making is remembered, those of all origins together."""
UNCHANGED = Settings()
PAGE_QUALITY = 92
"""JPEG quality of scanned pages, which come as pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """Picture as it came.

    Attributes
    ----------
    decode
        Decodes it in this process, as for a camera's frame; None for a file, which decoding processes read.
    dots
        Resolution in dots per inch; 0 if unknown.
    scale
        Scale of the desk that it shows, if that was measured.
    taken
        Capture by a device of the service; None for a picture of a page or a file.
    """

    data: bytes = field(repr=False)
    decode: Callable[[bytes], Image] | None = None
    dots: float = 0.0
    scale: DeskScale | None = None
    taken: CaptureRecord | None = None


def original_frame(
    frame: Frame, scale: DeskScale | None = None, taken: CaptureRecord | None = None
) -> Original:
    """Return a camera's frame as an original; no byte of it is copied."""
    header = replace(frame, data=b"")
    return Original(frame.data, lambda data: pixels(replace(header, data=data)), scale=scale, taken=taken)


def original_page(image: Image, dots: float) -> Original | None:
    """Encode a scanned page, which comes as pixels; None if no JPEG can hold it."""
    try:
        return Original(encode(image, PAGE_QUALITY), dots=dots)
    except BrokenFrame:
        return None


class Provenance:
    """Remembers how the newest pictures were taken, each by its bytes, for the pages of its origin alone."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str | None, str], CaptureRecord] = {}
        self._lock = threading.Lock()

    def keep(
        self, origin: str | None, pictures: Iterable[EncodedPicture], taken: CaptureRecord, settings: Settings
    ) -> None:
        """Remember what a device took and these settings made of it; blocks while the bytes are hashed."""
        for one in pictures:
            told = msgspec.to_builtins(picture_fields(one))
            made = {name: told[name] for name in ("crop", "verdict")}
            made |= {"frames": one.frames, "stages": one.stages, "settings": _changes(settings)}
            made |= {"dpi": round(float(one.dots), 1), "dpi_source": one.dots_source}
            digest = hashlib.sha256(one.data).hexdigest()
            with self._lock:
                self._taken[origin, digest] = msgspec.structs.replace(taken, **made)
                if len(self._taken) > REMEMBERED:
                    del self._taken[next(iter(self._taken))]

    def of(self, origin: str | None, digest: str) -> CaptureRecord | None:
        """Return how the picture of a SHA-256 was taken; None if that is not known."""
        return self._taken.get((origin, digest))

    def beside(
        self, origin: str | None, profile: str, said: Mapping[str, Any], name: str, content: Content
    ) -> Mapping[str, Content]:
        """Return the record beside a picture's file; blocks."""
        record = document_record("", 1, origin=origin or "", profile=profile, said=said)
        return beside(record, name, content, partial(self.of, origin))


def _changes(settings: Settings) -> Mapping[str, Any]:
    """Return the plain settings that leave no picture alone, by their names."""
    given = {one.name: getattr(settings, one.name) for one in fields(Settings)}
    changed = {name: one for name, one in given.items() if one != getattr(UNCHANGED, name)}
    plain = {name: one for name, one in changed.items() if isinstance(one, Enum | int)}
    return {name: one.name.lower() if isinstance(one, Enum) else one for name, one in plain.items()}


@dataclass(slots=True, eq=False)
class _Entry:
    origin: str | None
    original: Original
    size: int
    until: float
    file: NamelessFile | None = None

    def read(self) -> Original:
        return self.original if self.file is None else replace(self.original, data=self.file.read())

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


class Originals:
    """Keeps originals, each for its origin alone, within limits of time and bytes.

    The oldest of an origin make room for its new ones; where all are too many, those of the origin that has
    most do. Everything but `read` is used by the loop alone.

    Parameters
    ----------
    limits
        Returns the limits of the configuration, which a reload may change.
    folder
        Returns the private folder of files without a name, for large ones; blocks.
    """

    def __init__(
        self,
        limits: Callable[[], LimitsConfig],
        pools: ThreadPools,
        folder: Callable[[], Path],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._pools = pools
        self._folder = folder
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        self._held: Counter[str | None] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def enabled(self) -> bool:
        """True unless the configuration keeps none."""
        return self._limits().kept_minutes > 0

    def keep(self, origin: str | None, original: Original) -> str | None:
        """Keep an original; return its handle, or None if it is too large or nothing is to be kept."""
        limits = self._limits()
        size = max(len(original.data), LEAST_BYTES)
        of_origin = limits.origin_kept_mib * MIB
        of_all = min(limits.all_kept_mib * MIB, MOST_OF_MEMORY)
        if limits.kept_minutes == 0 or size > min(of_origin, of_all):
            return None
        self._expire()
        while self._held[origin] + size > of_origin:
            self._drop_oldest(origin)
        while self._held.total() + size > of_all:
            self._drop_oldest(self._held.most_common(1)[0][0])
        handle = secrets.token_urlsafe(HANDLE_BYTES)
        self._entries[handle] = _Entry(origin, original, size, self._clock() + limits.kept_minutes * 60)
        self._held[origin] += size
        self._wake_later()
        if len(original.data) >= LARGE_BYTES:
            supervise("keeping of originals", lambda: self._move_to_disk(handle), restart=False)
        return handle

    async def read(self, origin: str | None, handle: str) -> Original:
        """Return an original, which is kept for the whole time again.

        Raises
        ------
        server.errors.OriginalGone
            There is none of that handle, or it is another origin's: which of the two is not told.
        """
        self._expire()
        entry = self._entries.get(handle)
        minutes = self._limits().kept_minutes
        if entry is None or entry.origin != origin:
            raise OriginalGone(minutes=minutes)
        entry.until = self._clock() + minutes * 60
        # The end of the line, as the oldest go first.
        self._entries[handle] = self._entries.pop(handle)
        if entry.file is None:
            return entry.original
        try:
            return await self._pools.run(entry.read)
        except OSError as exc:
            raise OriginalGone(minutes=minutes) from exc

    def close(self) -> None:
        """Keep nothing any more."""
        for handle in list(self._entries):
            self._drop(handle)
        if self._timer is not None:
            self._timer.cancel()

    def _drop_oldest(self, origin: str | None) -> None:
        self._drop(next(handle for handle, entry in self._entries.items() if entry.origin == origin))

    def _drop(self, handle: str) -> None:
        entry = self._entries.pop(handle)
        self._held[entry.origin] -= entry.size
        if self._held[entry.origin] == 0:
            del self._held[entry.origin]
        entry.close()

    def _expire(self) -> None:
        now = self._clock()
        for handle in [handle for handle, entry in self._entries.items() if entry.until <= now]:
            self._drop(handle)

    def _wake_later(self) -> None:
        """See to it that the last original goes in time, though nobody asks any more."""
        if self._timer is None:
            soonest = min(entry.until for entry in self._entries.values())
            self._timer = asyncio.get_running_loop().call_later(soonest - self._clock() + 1, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._expire()
        if self._entries:
            self._wake_later()

    async def _move_to_disk(self, handle: str) -> None:
        entry = self._entries.get(handle)
        if entry is None:
            return
        try:
            file = await self._pools.run(lambda: NamelessFile(self._folder(), entry.original.data))
        except (OSError, GaopaiError) as exc:
            log.info("a large original stays in memory: %s", type(exc).__name__)
            return
        if self._entries.get(handle) is not entry:
            file.close()
            return
        entry.original = replace(entry.original, data=b"")
        entry.file = file
