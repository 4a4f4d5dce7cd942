"""Sources and modes that pages are offered of this machine's scanners, beside their drivers' names."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from server.cli.doctor.check import Check, same
from server.config import Config
from server.devices.ports.scanner import Scanner, ScannerCapabilities, ScannerFinder
from server.equipment import scanner_finders
from server.errors import GaopaiError, LocalizedText

PREFIX = "scanner "
"""Beginning of the names of these checks."""
SECONDS = 20.0
"""Limit of the time that a driver may take to describe its scanner, in seconds."""
TOO_SLOW = LocalizedText(
    "驱动没有在 {seconds:g} 秒内应答", "the driver did not answer within {seconds:g} seconds"
)
ONE_SIDE = LocalizedText("进纸器只扫单面", "the feeder scans one side")


def examine(config: Config) -> Iterator[Check]:
    """Check each scanner that is plugged in now; a device in use is no fault."""
    finders = [finder for finder in scanner_finders(config, False) if finder.missing() is None]
    if finders:
        yield from asyncio.run(described(finders, config.scan.find_seconds))


async def described(finders: Sequence[ScannerFinder], seconds: float) -> list[Check]:
    """Return a check of each scanner that is found within some seconds."""
    checks: list[Check] = []
    try:
        async with asyncio.timeout(seconds):
            found = [scanner for finder in finders for scanner in await finder.find()]
        checks = [await _check(scanner) for scanner in found]
    except TimeoutError:
        checks = [Check("scanners", False, TOO_SLOW.filled(seconds=seconds), optional=True)]
    finally:
        for finder in finders:
            await finder.close()
    return checks


async def _check(scanner: Scanner) -> Check:
    name = PREFIX + scanner.info.name
    try:
        async with asyncio.timeout(SECONDS):
            return Check(name, True, words_of(await scanner.describe()))
    except TimeoutError:
        return Check(name, False, TOO_SLOW.filled(seconds=SECONDS), optional=True)
    except GaopaiError as exc:
        return Check(name, False, LocalizedText(exc.message("zh"), exc.message("en")), optional=True)


def words_of(offered: ScannerCapabilities) -> LocalizedText:
    """Return what is offered, each with the driver's own word behind it where that is another."""
    sources = [source.name for source in offered.sources if source.name]
    listed = (_with_own(names, offered) for names in (sources, offered.modes or ()))
    text = same("; ".join(filter(None, listed)) or "-")
    fed = any(source.feeder for source in offered.sources)
    if not fed or any(source.duplex for source in offered.sources):
        return text
    return LocalizedText(f"{text.zh}；{ONE_SIDE.zh}", f"{text.en}; {ONE_SIDE.en}")


def _with_own(names: Sequence[str], offered: ScannerCapabilities) -> str:
    own = offered.own
    return ", ".join(f"{name} ({own[name]})" if name in own else name for name in names)
