"""Grants: stored decisions about origins beside the allow-list of the configuration."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import fcntl
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from server.access.origins import DEFAULT_PORTS, BadOrigin, canonical
from server.runtime.background import report
from server.storage.private_file import PrivateFile, PrivateFileUnreadable

log = logging.getLogger(__name__)

FILE = "origins.json"
WATCH_SECONDS = 1.0
"""Interval at which the file is looked at for changes, in seconds."""

By = Literal["command", "prompt", "settings"]


class OriginDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Decision about one origin.

    Attributes
    ----------
    when
        Date and time, UTC.
    by
        Source of the decision: a command, the answer to a prompt, or the settings view.
    """

    allowed: bool
    when: datetime.datetime
    by: By


class _Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    origins: dict[str, OriginDecision] = {}


class GrantFile:
    """File of decisions, private to its owner; commands and the service share it.

    Parameters
    ----------
    folder
        Folder of the file; made with the first decision, private to its owner.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = PrivateFile(folder / FILE, _Content)
        self.path = self._file.path
        self.stamp = self._file.stamp

    def read(self) -> Mapping[str, OriginDecision]:
        """Return all decisions by origin."""
        return self._file.read().origins

    def decide(self, origin: str, allowed: bool, by: By) -> None:
        """Store a decision in place of an earlier one."""
        when = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        with self._locked():
            self._write({**self.read(), origin: OriginDecision(allowed=allowed, when=when, by=by)})

    def revoke(self, origin: str) -> bool:
        """Remove a decision; return False if there was none."""
        with self._locked():
            decisions = dict(self.read())
            if decisions.pop(origin, None) is None:
                return False
            self._write(decisions)
        return True

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the folder's lock, without which two writers would overwrite each other's decision."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as exc:
            raise PrivateFileUnreadable(f"{self._folder}: cannot be used ({exc.strerror})") from exc
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, origins: Mapping[str, OriginDecision]) -> None:
        self._file.write(_Content(origins=dict(sorted(origins.items()))))


class Grants:
    """Decisions in the running service, at most a second old.

    Parameters
    ----------
    file
        File of decisions, which is read at once.
    """

    def __init__(self, file: GrantFile) -> None:
        self._file = file
        self._stamp: tuple[int, ...] = ()
        self._decisions: Mapping[str, OriginDecision] = {}
        self._listeners: list[Callable[[], object]] = []
        self._loading = asyncio.Lock()
        self._load()

    def allows(self, origin: str) -> bool:
        """Return whether a decision allows the origin."""
        decision = self._decisions.get(origin)
        return decision is not None and decision.allowed

    def denies(self, origin: str) -> bool:
        """Return whether a decision denies the origin."""
        decision = self._decisions.get(origin)
        return decision is not None and not decision.allowed

    def listen(self, listener: Callable[[], object]) -> None:
        """Call `listener` after each change."""
        self._listeners.append(listener)

    async def decide(self, origin: str, allowed: bool) -> None:
        """Store the answer to a prompt; if it cannot be stored, it holds until the service ends."""
        try:
            await asyncio.to_thread(self._file.decide, origin, allowed, "prompt")
        except PrivateFileUnreadable as exc:
            log.error("the decision about an origin is not kept: %s", exc)
            now = datetime.datetime.now(datetime.UTC)
            self._decisions = {
                **self._decisions,
                origin: OriginDecision(allowed=allowed, when=now, by="prompt"),
            }
            return
        await self.refresh()

    async def refresh(self) -> None:
        """Read the file again if it has changed."""
        async with self._loading:
            changed = await asyncio.to_thread(self._load)
        if changed:
            for listener in self._listeners:
                listener()

    async def watch(self) -> None:
        """Refresh at intervals, until cancelled."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            await self.refresh()

    def _load(self) -> bool:
        stamp = self._file.stamp()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self._decisions = self._file.read()
        except PrivateFileUnreadable as exc:
            # An unreadable file allows no origin.
            log.error("no origin is allowed but those of the configuration: %s", exc)
            self._decisions = {}
        except Exception as error:  # noqa: BLE001 - likewise, and those who listen are told
            report("decisions about origins", error)
            self._decisions = {}
        return True


MOST = 50
"""Limit of the number of origins with a decision; the one that asked least recently gives way."""
LONGEST = 200
"""Limit of an origin in characters."""


@dataclass(frozen=True, slots=True)
class AskedOrigin:
    """Origin that asked.

    Attributes
    ----------
    count
        Number of refused requests.
    seconds_ago
        Age of the last.
    """

    origin: str
    count: int
    seconds_ago: float


class AskedOrigins:
    """The newest origins that were refused."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def note(self, origin: str) -> None:
        """Note a refused origin; one that no page of the web has is passed over."""
        if not _is_a_pages(origin):
            return
        count, _ = self._found.get(origin, (0, 0.0))
        self._found[origin] = (count + 1, self._clock())
        self._found.move_to_end(origin)
        if len(self._found) > MOST:
            self._found.popitem(last=False)

    def all(self) -> Sequence[AskedOrigin]:
        """Return the noted origins, the newest first."""
        now = self._clock()
        return [AskedOrigin(origin, count, now - at) for origin, (count, at) in reversed(self._found.items())]


def _is_a_pages(origin: str) -> bool:
    try:
        return (
            len(origin) <= LONGEST
            and origin.partition("://")[0] in DEFAULT_PORTS
            and canonical(origin) == origin
        )
    except BadOrigin:
        return False
