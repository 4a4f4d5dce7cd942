"""Settings of one scan for a SANE device: its source, mode, resolution and driver options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.devices.adapters.sane import faults, wire
from server.devices.adapters.sane.area import Options, Refused, bed, resolutions, set_area, set_resolution

_FEEDER = re.compile(r"adf|feed|duplex|sheet|simplex", re.IGNORECASE)
"""Pattern in the name of a source that is a feeder."""
_DUPLEX = re.compile(r"duplex|both", re.IGNORECASE)
"""Pattern in the name of a source or a value that stands for both sides."""
_BOTH_SIDES = " (Duplex)"
"""Addition to a source's name where the driver sets both sides by an option of its own."""


@dataclass(frozen=True, slots=True)
class SourceSetting:
    """A source as offered, and the options that choose it."""

    name: str
    feeder: bool
    values: Mapping[str, Any]


def sources(options: Options, sheetfed: bool) -> tuple[SourceSetting, ...]:
    """The sources to choose from; one with an empty name where the driver has no such option."""
    names = options.words("source") if options.has("source") else None
    if not names:
        return (SourceSetting("", sheetfed, {}),)
    found = []
    for name in names:
        feeder = bool(_FEEDER.search(name)) or sheetfed
        found.append(SourceSetting(name, feeder, {"source": name}))
        both = _both_sides(options, name) if feeder and not _DUPLEX.search(name) else None
        if both is not None:
            found.append(SourceSetting(name + _BOTH_SIDES, feeder, {"source": name, **both}))
    return tuple(found)


def _both_sides(options: Options, source: str) -> dict[str, Any] | None:
    """Return the setting for both sides of a driver that has an option of its own for it."""
    options.set("source", source)
    for name in ("adf_mode", "duplex"):
        if not options.has(name):
            continue
        words = options.words(name)
        if words is None:
            return {name: True}
        duplex = next((word for word in words if isinstance(word, str) and _DUPLEX.search(word)), None)
        return {name: duplex} if duplex is not None else None
    return None


def choose(options: Options, source: SourceSetting) -> None:
    """Set the options of a source; one side where both would be a choice of its own."""
    for name, value in source.values.items():
        options.set(name, value)
        options.must_be(name, value)
    for name in ("adf_mode", "duplex"):
        if name not in source.values and source.values and options.has(name):
            words = options.words(name)
            simplex = next((word for word in words or () if not _DUPLEX.search(str(word))), None)
            if words is None or simplex is not None:
                options.set(name, False if words is None else simplex)


def describe(options: Options, sheetfed: bool) -> wire.Described:
    """Everything the driver offers; the device is left with other settings than before."""
    found = []
    settings = sources(options, sheetfed)
    for source in settings:
        choose(options, source)
        found.append(wire.SourceMessage(source.name, source.feeder, *bed(options)))
    choose(options, settings[0])
    modes = options.words("mode") if options.has("mode") else None
    return wire.Described(
        sources=tuple(found),
        choice_of_source=bool(settings[0].name),
        modes=tuple(map(str, modes)) if modes else None,
        resolutions=resolutions(options),
    )


def apply(options: Options, order: wire.ScanCommand) -> SourceSetting:
    """Set all that is ordered; the source that was chosen.

    Raises
    ------
    Refused
    """
    offered = sources(options, order.sheetfed)
    source = next((one for one in offered if one.name == order.source), None)
    if source is None:
        raise Refused(faults.NO_OPTION, "source")
    choose(options, source)
    if order.mode is not None:
        options.set("mode", order.mode)
        options.must_be("mode", order.mode)
    _set_depth(options)
    if order.resolution is not None:
        set_resolution(options, order.resolution)
    # Before the area, which is what must hold in the end.
    for name, value in order.options.items():
        options.set(name.replace("-", "_"), value)
    set_area(options, order.area)
    return source


def _set_depth(options: Options) -> None:
    """Eight bits where there would be more; line art keeps its one."""
    if options.has("depth") and 8 in (options.words("depth") or ()) and options.get("depth") > 8:
        options.set("depth", 8)
