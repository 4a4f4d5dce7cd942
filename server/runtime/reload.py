"""Reload of the configuration while the service runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator

import msgspec

from server.config import Config, ConfigError, Section

log = logging.getLogger(__name__)

RETENTION = ("keep_days", "folder_days", "profile_days", "hold")
AT_ONCE = frozenset(
    {"access", "limits", "upload.allow", "log.level", *(f"storage.{key}" for key in RETENTION)}
)
"""Tables and keys that a reload applies at once; all others need a restart."""
NOT_AT_ONCE = frozenset({"limits.picture_megapixels", "access.ask", "access.ask_seconds", "access.folder"})


class Reloader:
    """Reloads the configuration, and keeps the one in force.

    Parameters
    ----------
    config
        Configuration at the start of the service.
    read
        Reads the configuration, blocking; raises `ConfigError`.
    apply
        Applies the keys that need no restart, all or none; raises `ConfigError`.
    """

    def __init__(
        self, config: Config, read: Callable[[], Config], apply: Callable[[Config], Awaitable[None]]
    ) -> None:
        self._running = config
        self._read = read
        self._apply = apply
        self._turn = asyncio.Lock()

    @property
    def running(self) -> Config:
        """Configuration in force."""
        return self._running

    async def reload(self) -> bool:
        """Read and apply the configuration; return False where it is invalid, and keep the old one."""
        async with self._turn:
            try:
                new = await asyncio.to_thread(self._read)
                await self._apply(new)
            except ConfigError as error:
                log.error("the configuration stays as it was: %s", error)
                return False
            changed = changes(self._running, new)
            self._running = _merged(self._running, new)
        _report([key for key in changed if at_once(key)], [key for key in changed if not at_once(key)])
        return True


def at_once(key: str) -> bool:
    """Return whether a reload applies a key, given as ``table.key``, at once."""
    return bool({key, key.partition(".")[0]} & AT_ONCE) and key not in NOT_AT_ONCE


def _report(now: list[str], later: list[str]) -> None:
    log.info("the configuration was read again; changed: %s", ", ".join(now) or "nothing")
    if later:
        log.warning("these keys hold after a restart only: %s", ", ".join(later))


def changes(old: Config, new: Config) -> list[str]:
    """Return the keys that differ, each as ``table.key``, in order."""
    return sorted(_changes(old, new))


def _changes(old: Config, new: Config) -> Iterator[str]:
    for table in msgspec.structs.fields(Config):
        before = getattr(old, table.name)
        after = getattr(new, table.name)
        if before != after:
            yield from _changed_keys(table.name, before, after)


def _changed_keys(table: str, before: object, after: object) -> Iterator[str]:
    if not isinstance(before, Section):
        yield table
        return
    for field in msgspec.structs.fields(before):
        if getattr(before, field.name) != getattr(after, field.name):
            yield f"{table}.{field.name}"


def _merged(running: Config, new: Config) -> Config:
    """Return `running` with the keys of `new` that need no restart."""
    tables: dict[str, object] = {}
    for table in msgspec.structs.fields(Config):
        before = getattr(running, table.name)
        after = getattr(new, table.name)
        if isinstance(before, Section):
            keys = [field.name for field in msgspec.structs.fields(before)]
            applied = {key: getattr(after, key) for key in keys if at_once(f"{table.name}.{key}")}
            tables[table.name] = msgspec.structs.replace(before, **applied)
    return msgspec.structs.replace(running, **tables)
