"""Retention: what the service made goes when its days are over, unless it is held."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import stat
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server.config import StorageConfig
from server.errors import GaopaiError
from server.storage.atomic import PLACING
from server.storage.clock import SeenClock
from server.storage.listing import ListedFile, RetentionForecast, owned_files
from server.storage.ownership import READING, maker_of, sweep
from server.storage.paths import file_of_record, parts_below
from server.storage.place import FOLDER, Opener, Place, held

log = logging.getLogger(__name__)

DAY = 86_400
"""Seconds in a day."""
EARLIEST = 1_735_689_600.0
"""Beginning of the year 2025, in seconds since 1970: an older file was made by a clock that was wrong, and
stays."""
FIRST_SECONDS = 600.0
"""Pause after the start, in seconds, in which the computer's clock may be set."""
PAUSE_SECONDS = 3600.0
"""Pause between two removals, in seconds."""
JUMP_SECONDS = 43_200.0
"""Time in seconds by which a clock is set ahead at once, after which nothing goes for a pause."""
SPANS = (0, 1, 7, 30)
"""Days from now by which a forecast counts; each has the files of those before it, too."""

Spot = tuple[int, tuple[str, ...]]
"""Number of a place, and components of a file or folder in it; none for the place itself."""


@dataclass(frozen=True, slots=True)
class _Rules:
    days: int = 0
    folders: Mapping[Spot, int] = field(default_factory=dict)
    profiles: Mapping[str, int] = field(default_factory=dict)
    held: frozenset[Spot] = frozenset()

    @property
    def remove(self) -> bool:
        return any((self.days, *self.folders.values(), *self.profiles.values()))


class Retention:
    """Removes files of the service whose days are over: those that a record says it made, and no other.

    A profile's days come before those of a folder, the deepest folder's before those of all files.

    Parameters
    ----------
    places
        The root and the folders beside it.
    opener
        Function that resolves paths below a folder.
    """

    def __init__(self, places: Sequence[Place], opener: Opener) -> None:
        self._places = places
        self._opener = opener
        self._rules = _Rules()
        self._clock = _apart()

    def renew(self, section: StorageConfig) -> None:
        """Take over the rules of a configuration.

        Raises
        ------
        server.errors.BadName, PathOutside
            A folder is none below the root or one of `places`; nothing has changed.
        """
        self._rules = _Rules(
            section.keep_days,
            {self._spot(name): days for name, days in section.folder_days.items()},
            section.profile_days,
            frozenset(
                spot for name in section.hold for spot in (self._spot(name), _of_file(self._spot(name)))
            ),
        )

    def holds(self, place: Place, parts: Sequence[str]) -> bool:
        """Return whether a file must not be removed or replaced by anybody."""
        spots = self._rules.held
        return bool(spots) and not spots.isdisjoint(_above(self._places.index(place), parts))

    def forecast(self, place: Place, now: float) -> tuple[RetentionForecast, ...]:
        """Return what goes when, at `now` in seconds since 1970; looks at every file of the place."""
        if not self._rules.remove:
            return ()
        files = dict.fromkeys((*SPANS, None), 0)
        sizes = dict.fromkeys((*SPANS, None), 0)
        for file in owned_files(place, self._opener, None, ""):
            end = self._end(place, file)
            spans = [span for span in SPANS if end is not None and end <= now + span * DAY]
            for days in spans or (None,):
                files[days] += 1
                sizes[days] += file.size
        return tuple(RetentionForecast(days, count, sizes[days]) for days, count in files.items())

    def remove_due(
        self, now: float, tell: Callable[[str, int, int], None], spared: Collection[Path] = ()
    ) -> None:
        """Remove the files whose days are over at `now`.

        Parameters
        ----------
        tell
            Told of the number and bytes of those that are ``due`` before, and of those ``removed`` after.
        spared
            Files that something else waits for.
        """
        for place in self._places:
            try:
                due = [file for file in self._due(place, now) if file.path not in spared]
                # Records last, so that after a crash no file is there without its own.
                due.sort(
                    key=lambda file: (file.path.parent, file_of_record(file.path.name) != file.path.name)
                )
                if due:
                    tell("due", len(due), sum(file.size for file in due))
                    tell("removed", *self._remove(place, due, now))
            except OSError as exc:
                log.warning("retention: a folder cannot be looked through (%s)", exc.strerror)

    async def run(
        self,
        tell: Callable[[str, int, int], None],
        waiting: Callable[[], Awaitable[Collection[Path]]],
        clock: SeenClock,
    ) -> None:
        """Remove what is due every hour, for ever.

        Parameters
        ----------
        tell
            As for `remove_due`.
        waiting
            Returns the files to be spared.
        clock
            Says whether the time can be the present one.
        """
        if self._rules.remove:
            await self._believed(clock)
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            before = self._clock
            self._clock = _apart()
            if self._clock - before > JUMP_SECONDS:
                log.warning("retention: the clock was set ahead; nothing is removed for an hour")
            elif self._rules.remove and await self._believed(clock):
                await asyncio.to_thread(self.remove_due, time.time(), tell, await waiting())
            await asyncio.sleep(PAUSE_SECONDS)

    async def _believed(self, clock: SeenClock) -> bool:
        """Return whether the time can be believed, which is kept from the start on."""
        try:
            return await asyncio.to_thread(clock.is_plausible, time.time())
        except (OSError, GaopaiError) as exc:
            log.warning("retention: the time cannot be kept (%s); nothing is removed", type(exc).__name__)
            return False

    def _spot(self, name: str) -> Spot:
        for number, place in enumerate(self._places):
            if Path(name) in place.spellings:
                return number, ()
        return parts_below(name, [place.spellings for place in self._places])

    def _end(self, place: Place, file: ListedFile) -> float | None:
        """Return the time at which a file goes; None for never."""
        rules = self._rules
        parts = file.path.relative_to(place.path).parts
        if file.time < EARLIEST or self.holds(place, parts):
            return None
        days = rules.profiles.get(file.profile)
        if days is None:
            above = _above(self._places.index(place), parts)
            days = next((rules.folders[spot] for spot in above if spot in rules.folders), rules.days)
        return file.time + days * DAY if days else None

    def _due(self, place: Place, now: float) -> Iterator[ListedFile]:
        for file in owned_files(place, self._opener, None, ""):
            end = self._end(place, file)
            if end is not None and end <= now:
                yield file

    def _remove(self, place: Place, due: Iterable[ListedFile], now: float) -> tuple[int, int]:
        """Remove files, which come a folder at a time; return their number and bytes."""
        removed = 0
        size = 0
        fault = ""
        with place.opened() as top:
            for parent, files in itertools.groupby(due, key=lambda file: file.path.parent):
                folders = parent.relative_to(place.path).parts
                try:
                    with held(self._opener(top, folders, FOLDER)) as folder:
                        for file in files:
                            if self._is_removed(place, top, folder, file, now):
                                removed = removed + 1
                                size = size + file.size
                        os.fsync(folder)
                except OSError as exc:
                    fault = exc.strerror or type(exc).__name__
            sweep(self._opener, top)
        if fault:
            log.warning("retention: files stay whose days are over (%s)", fault)
        return removed, size

    def _is_removed(self, place: Place, top: int, folder: int, file: ListedFile, now: float) -> bool:
        """Remove a file unless it is another one by now, or not due any more."""
        parts = file.path.relative_to(place.path).parts
        # No request gives the name to another file meanwhile.
        with PLACING:
            try:
                descriptor = os.open(file.path.name, READING | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            except FileNotFoundError:
                return False
            with held(descriptor):
                status = os.fstat(descriptor)
                maker = maker_of(self._opener, top, descriptor, parts)
                if maker is None or not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                    return False
                end = self._end(place, ListedFile(file.path, status.st_size, status.st_mtime, maker.profile))
                if end is None or end > now:
                    return False
                os.unlink(file.path.name, dir_fd=folder)
        return True


def _above(number: int, parts: Sequence[str]) -> Iterator[Spot]:
    """Yield a file, that which it is the record of, and the folders around it, the deepest first."""
    yield _of_file((number, tuple(parts)))
    yield from ((number, tuple(parts[:depth])) for depth in range(len(parts), -1, -1))


def _of_file(spot: Spot) -> Spot:
    """Return the file that a spot is the record of, else the spot."""
    number, parts = spot
    return (number, (*parts[:-1], file_of_record(parts[-1]))) if parts else spot


def _apart() -> float:
    """Return how far the wall clock is from one that nobody sets."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
