"""A whole order, set on a device; and everything a device offers."""

from __future__ import annotations

from server.devices.adapters.sane import faults, wire
from server.devices.adapters.sane.area import bed, resolutions, set_area, set_resolution
from server.devices.adapters.sane.options import Options, Refused
from server.devices.adapters.sane.sources import SourceSetting, choose, sources


def describe(options: Options, sheetfed: bool) -> wire.Described:
    """Everything the driver offers; the device is left with other settings than before."""
    found = []
    settings = sources(options, sheetfed)
    for source in settings:
        choose(options, source)
        found.append(wire.Source(source.name, source.feeder, *bed(options)))
    choose(options, settings[0])
    modes = options.words("mode") if options.has("mode") else None
    return wire.Described(
        sources=tuple(found),
        choice_of_source=bool(settings[0].name),
        modes=tuple(map(str, modes)) if modes else None,
        resolutions=resolutions(options),
    )


def apply(options: Options, order: wire.Scan) -> SourceSetting:
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
