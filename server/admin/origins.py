"""Origins that may connect, that may not, and that asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from server.access.activity import ActivityRecorder
from server.access.control import AccessControl
from server.access.grants import GrantFile
from server.access.origins import BadOrigin, canonical
from server.admin.api import NOTHING_DECIDED, AdminRefusal, in_words, invalid
from server.config import Config
from server.storage.private_file import PrivateFileUnreadable

log = logging.getLogger(__name__)

Decision = Literal["allow", "deny", "revoke"]


class DecidedOrigin(msgspec.Struct, frozen=True):
    """Decision about an origin; ``when`` is in UTC."""

    origin: str
    allowed: bool
    when: str
    by: str


class WaitingOrigin(msgspec.Struct, frozen=True, rename="camel"):
    """Origin that was refused, as nothing was decided about it."""

    origin: str
    count: int
    seconds_ago: float


class OriginLists(msgspec.Struct, frozen=True):
    """Origins by how they stand.

    Attributes
    ----------
    configured
        Origins that the configuration in force allows.
    """

    configured: tuple[str, ...]
    decided: tuple[DecidedOrigin, ...]
    asked: tuple[WaitingOrigin, ...]


class DecisionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Decision to store, or to take back."""

    origin: str
    decision: Decision


@dataclass(eq=False, repr=False)
class OriginService:
    """Lists origins, and stores decisions as ``gaopai allow`` does.

    Parameters
    ----------
    running
        Returns the configuration in force.
    """

    _access: AccessControl
    _grants: GrantFile
    _activity: ActivityRecorder
    _running: Callable[[], Config]

    async def lists(self) -> OriginLists:
        """Return all origins."""
        decided = await asyncio.to_thread(self._decided)
        asked = (each for each in self._access.asked.all() if not self._access.admits_origin(each.origin))
        undecided = (each for each in asked if each.origin not in {one.origin for one in decided})
        return OriginLists(
            self._running().access.origins,
            tuple(decided),
            tuple(WaitingOrigin(each.origin, each.count, each.seconds_ago) for each in undecided),
        )

    async def decide(self, request: DecisionRequest) -> OriginLists:
        """Store a decision, which holds at once; open connections of a refused origin end."""
        try:
            origin = canonical(request.origin)
        except BadOrigin as exc:
            raise invalid(str(exc)) from exc
        try:
            await asyncio.to_thread(self._store, origin, request.decision)
        except PrivateFileUnreadable as exc:
            raise _unusable(exc) from exc
        self._activity.administered(request.decision, origin)
        log.info("the settings view: %s %s", request.decision, origin)
        await self._access.refresh()
        return await self.lists()

    def _store(self, origin: str, decision: Decision) -> None:
        if decision != "revoke":
            self._grants.decide(origin, decision == "allow", "settings")
        elif not self._grants.revoke(origin):
            raise AdminRefusal(404, NOTHING_DECIDED)

    def _decided(self) -> Sequence[DecidedOrigin]:
        try:
            found = self._grants.read()
        except PrivateFileUnreadable as exc:
            raise _unusable(exc) from exc
        return [
            DecidedOrigin(origin, each.allowed, each.when.isoformat(timespec="seconds"), each.by)
            for origin, each in sorted(found.items())
        ]


def _unusable(exc: PrivateFileUnreadable) -> AdminRefusal:
    return AdminRefusal(500, in_words(str(exc)))
