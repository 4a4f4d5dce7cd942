"""Settings of one scan for a SANE device: its source, mode, resolution and driver options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.devices.adapters.sane import faults, meanings, wire
from server.devices.adapters.sane.area import Options, Refused, bed, resolutions, set_area, set_resolution
from server.devices.adapters.sane.sensors import can_detect, detect

_BOTH_SIDES = " (Duplex)"
"""Addition to a source's name where an option of its own sets both sides, and `Duplex` is taken."""


@dataclass(frozen=True, slots=True)
class SourceSetting:
    """A source as offered, and what chooses it.

    Attributes
    ----------
    name
        The standard's word where there is one, else the driver's own.
    own
        The driver's word; empty where it has no such option.
    """

    name: str
    own: str
    feeder: bool
    both: bool


def sources(options: Options, sheetfed: bool) -> tuple[SourceSetting, ...]:
    """The sources to choose from; one with an empty name where there is nothing to choose.

    Both sides are a source, whether the driver has one for them or another option.
    """
    words = options.words("source") if options.has("source") else None
    if not words:
        return _sides_alone(options, sheetfed)
    named = meanings.named_sources(tuple(map(str, words)))
    found = []
    for name, own in named.items():
        feeder = meanings.is_fed(own) or sheetfed
        found.append(SourceSetting(name, own, feeder, feeder and meanings.is_both(own)))
        if feeder and meanings.DUPLEX not in named and not meanings.is_back(own) and _turns(options, own):
            taken = any(one.name == meanings.DUPLEX for one in found)
            both = own + _BOTH_SIDES if taken or name != meanings.SIMPLEX else meanings.DUPLEX
            found.append(SourceSetting(both, own, feeder, True))
    return tuple(found)


def _sides_alone(options: Options, sheetfed: bool) -> tuple[SourceSetting, ...]:
    if meanings.sides_option(options) is None:
        return (SourceSetting("", "", sheetfed, False),)
    return (
        SourceSetting(meanings.SIMPLEX, "", True, False),
        SourceSetting(meanings.DUPLEX, "", True, True),
    )


def _turns(options: Options, source: str) -> bool:
    """Return whether an option of its own sets both sides of a source."""
    options.set("source", source)
    return meanings.sides_option(options) is not None


def choose(options: Options, source: SourceSetting) -> None:
    """Set the options of a source, and that for the sides where there is one."""
    if source.own:
        options.set("source", source.own)
        options.must_be("source", source.own)
    if (sides := meanings.sides_option(options)) is not None and source.name:
        options.set(sides.name, sides.value(source.both))
        options.must_be(sides.name, sides.value(source.both))


def modes(options: Options) -> dict[str, str]:
    """The driver's modes by the names they are offered by; empty where it has no such option."""
    words = options.words("mode") if options.has("mode") else None
    return meanings.named_modes(tuple(map(str, words))) if words else {}


def describe(options: Options, sheetfed: bool) -> wire.Described:
    """Everything the driver offers; the device is left with other settings than before."""
    found = []
    own: dict[str, str] = {}
    settings = sources(options, sheetfed)
    detects = False
    for source in settings:
        choose(options, source)
        found.append(wire.SourceMessage(source.name, source.feeder, *bed(options)))
        own[source.name] = _as_set(options, source)
        detects = detects or (source.feeder and can_detect(options))
    choose(options, settings[0])
    named = modes(options)
    own |= named
    return wire.Described(
        sources=tuple(found),
        choice_of_source=bool(settings[0].name),
        modes=tuple(named) or None,
        resolutions=resolutions(options),
        own={name: words for name, words in own.items() if words not in ("", name)},
        dropout=_dropout_colours(options, named),
        detects=detects,
    )


DROPOUT = ("dropoutcolor", "dropout_front", "dropout_back", "dropout_color", "drop_out_color", "dropout")
"""Options that let one colour of ink vanish, in grey and black and white."""
SHEET_SIZE = ("ald", "page_auto_size", "auto_size", "auto_page_size")
"""Options by which a scanner finds where each sheet ends; those that crop to it are not among them."""


def _dropout_colours(options: Options, named: Mapping[str, str]) -> tuple[str, ...]:
    """Return the colours that can vanish; options for them may be there in grey alone."""
    if (grey := named.get("Gray")) is not None:
        options.set("mode", grey)
    found = (options.words(name) or () for name in DROPOUT if options.has(name))
    words = {str(word).casefold() for word in next(found, ())}
    return tuple(colour for colour in ("red", "green", "blue") if colour in words)


def _set_dropout(options: Options, colour: str) -> None:
    for name in DROPOUT:
        if options.has(name):
            words = [str(word) for word in options.words(name) or ()]
            wanted = [word for word in words if word.casefold() == (colour or "default")]
            plain = [] if colour else [word for word in words if word.casefold() in ("none", "off")]
            for word in (wanted or plain)[:1]:
                options.set(name, word)


def _as_set(options: Options, source: SourceSetting) -> str:
    """Return what was set for a source, as the driver says it."""
    sides = meanings.sides_option(options)
    if sides is None or not (source.both or not source.own):
        return source.own
    return f"{source.own} {sides.name}={sides.value(source.both)}".strip()


def apply(options: Options, order: wire.ScanCommand) -> SourceSetting:
    """Set all that is ordered; the source that was chosen.

    A source and a mode go by the name they are offered by, or by the driver's own.
    """
    offered = sources(options, order.sheetfed)
    asked = (one for one in offered if order.source in (one.name, one.own))
    source = next((one for one in offered if one.name == order.source), next(asked, None))
    if source is None:
        raise Refused(faults.NO_OPTION, "source")
    choose(options, source)
    if order.mode is not None:
        _set_mode(options, order.mode)
    _set_depth(options)
    if order.resolution is not None:
        set_resolution(options, order.resolution)
    if source.feeder:
        detect(options, order.detect)
    _set_dropout(options, order.dropout)
    for name in SHEET_SIZE:
        if options.has(name) and options.is_switch(name):
            options.set(name, order.sheet_size)
    # Before the area, which is what must hold in the end.
    for name, value in order.options.items():
        options.set(name.replace("-", "_"), value)
    set_area(options, order.area)
    return source


def _set_mode(options: Options, name: str) -> None:
    own = modes(options).get(name, name)
    options.set("mode", own)
    options.must_be("mode", own)
    # Halftone of Fujitsu is a pattern, unless it is told otherwise.
    if (
        name == meanings.ERROR_DIFFUSION
        and options.has("ht_type")
        and "Diffusion" in (options.words("ht_type") or ())
    ):
        options.set("ht_type", "Diffusion")


def _set_depth(options: Options) -> None:
    """Eight bits where there would be more; line art keeps its one."""
    if options.has("depth") and 8 in (options.words("depth") or ()) and options.get("depth") > 8:
        options.set("depth", 8)
