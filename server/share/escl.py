"""XML of eSCL: the settings of a job as clients send them, capabilities and states as they read them.

What clients send is parsed without a tree, entities or a document type, within bounds of bytes, depth and
number. Elements are known by their names alone: clients disagree about the name spaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeVar
from xml.parsers import expat
from xml.sax.saxutils import escape

from server.storage.paths import PictureFormat

BODY_BYTES = 65_536
"""Limit of the settings of a job, in bytes."""
DEPTH = 12
"""Limit of the nesting of elements in the settings of a job."""
ELEMENTS = 300
"""Limit of the number of elements in the settings of a job."""
CHARACTERS = 256
"""Limit of one value in the settings of a job, in characters."""
UNITS = 300
"""Number of units of sizes in an inch; the standard knows no other."""
RESOLUTIONS = (75, 100, 150, 200, 300, 400, 600)
"""Usual resolutions in dots an inch, from which a device's are chosen where its driver tells none."""
LEAST_DOTS = 50
"""Smallest resolution that a job can ask for, in dots an inch."""
MOST_DOTS = 600
"""Largest resolution that a job can ask for, in dots an inch."""
FORMATS = (PictureFormat.JPEG, PictureFormat.PNG, PictureFormat.PDF)
VERSION = "2.6"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACES = 'xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"'


E = TypeVar("E", bound=StrEnum)


class Colours(StrEnum):
    """Colours of a picture; the value is the standard's ``ColorMode``."""

    COLOUR = "RGB24"
    GREY = "Grayscale8"
    BLACK_WHITE = "BlackAndWhite1"


class InputSource(StrEnum):
    """Place that pages come from; a client names the last one by ``Duplex``."""

    PLATEN = "Platen"
    FEEDER = "Feeder"
    DUPLEX = "Duplex"


class Intent(StrEnum):
    """Purpose of a scan."""

    DOCUMENT = "Document"
    MIXED = "TextAndGraphic"
    PHOTO = "Photo"
    PREVIEW = "Preview"
    OBJECT = "Object"
    CARD = "BusinessCard"


class JobState(StrEnum):
    """State of a job."""

    PROCESSING = "Processing"
    COMPLETED = "Completed"
    CANCELED = "Canceled"
    ABORTED = "Aborted"


class Malformed(ValueError):
    """Raised for settings that are no XML within the bounds."""


class NotSupported(ValueError):
    """Raised for settings that no device here has; the text names the element."""


class ScanRegion(NamedTuple):
    """Part of the bed, in `UNITS`."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """Settings of a job, as far as they are understood.

    Attributes
    ----------
    region
        None for the whole bed.
    intent
        None if the client leaves it to the device.
    """

    source: InputSource = InputSource.PLATEN
    colours: Colours = Colours.COLOUR
    picture_format: PictureFormat = PictureFormat.JPEG
    dots: int = 300
    region: ScanRegion | None = None
    intent: Intent | None = None


@dataclass(frozen=True, slots=True)
class InputCapabilities:
    """Capabilities of one source; sizes in `UNITS`."""

    source: InputSource
    width: int
    height: int
    colours: Sequence[Colours]
    resolutions: Sequence[int]


@dataclass(frozen=True, slots=True)
class DeviceCapabilities:
    """Capabilities of a shared device.

    Attributes
    ----------
    nominal
        Sizes and resolutions are not measured, as nobody calibrated the desk.
    """

    name: str
    uuid: str
    inputs: Sequence[InputCapabilities]
    nominal: bool = False


@dataclass(frozen=True, slots=True)
class JobInfo:
    """State of a job, for the status of its device."""

    path: str
    uuid: str
    age: int
    completed: int
    waiting: int
    state: JobState


@dataclass(slots=True)
class _Reader:
    """Collects the values of leaves by their local names; the first of a name counts."""

    values: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    elements: int = 0
    text: str = ""

    def begin(self, name: str, _: object) -> None:
        self.path.append(name.rpartition(":")[2])
        self.elements += 1
        self.text = ""
        if len(self.path) > DEPTH or self.elements > ELEMENTS:
            raise Malformed("too many elements")

    def data(self, text: str) -> None:
        self.text += text
        if len(self.text) > CHARACTERS:
            raise Malformed("a value is too long")

    def end(self, _: str) -> None:
        self.values.setdefault(self.path.pop(), self.text.strip())
        self.text = ""

    def refuse(self, *_: object) -> None:
        raise Malformed("a document type is not allowed")


def parse_settings(body: bytes) -> ScanSettings:
    """Parse the settings of a job."""
    values = _values(body)
    source = _one_of(InputSource, values.get("InputSource", "Platen").replace("Adf", "Feeder"), "InputSource")
    if source is InputSource.FEEDER and values.get("Duplex", "") in ("true", "1"):
        source = InputSource.DUPLEX
    intents = {each.value: each for each in Intent}
    intent = intents.get(values.get("Intent", "")) or (
        Intent.PHOTO if values.get("ContentType") == "Photo" else None
    )
    media = values.get("DocumentFormatExt") or values.get("DocumentFormat") or FORMATS[0].value
    dots = _number(values, "XResolution", 300)
    if not LEAST_DOTS <= dots <= MOST_DOTS:
        raise NotSupported("XResolution")
    if media not in {each.value for each in FORMATS}:
        raise NotSupported("DocumentFormat")
    colours = _one_of(Colours, values.get("ColorMode", Colours.COLOUR), "ColorMode")
    return ScanSettings(source, colours, PictureFormat(media), dots, _region(values), intent)


def _values(body: bytes) -> dict[str, str]:
    if len(body) > BODY_BYTES:
        raise Malformed("it is too large")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    # Without a document type there are no entities but the five of XML.
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(body, True)
    except Malformed:
        raise
    # Of encodings that it does not know, expat raises either of the last two.
    except (expat.ExpatError, ValueError, LookupError) as exc:
        raise Malformed("it is no XML") from exc
    if "ScanSettings" not in reader.values:
        raise Malformed("it has no ScanSettings")
    return reader.values


def _one_of(kind: type[E], value: str, name: str) -> E:
    try:
        return kind(value)
    except ValueError:
        raise NotSupported(name) from None


def _number(values: dict[str, str], name: str, default: int) -> int:
    text = values.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise NotSupported(name)
    return int(text)


def _region(values: dict[str, str]) -> ScanRegion | None:
    if not {"Width", "Height"} & values.keys():
        return None
    region = ScanRegion(*(_number(values, name, 0) for name in ("XOffset", "YOffset", "Width", "Height")))
    return region if region.width and region.height else None


# Answers -----------------------------------------------------------------------------------------


def _tag(_name: str, *parts: str, **attributes: str) -> str:
    given = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{_name}{given}>{''.join(parts)}</{_name}>"


def _text(name: str, value: object) -> str:
    return _tag(name, escape(str(value)))


def _each(outer: str, inner: str, values: Iterable[object]) -> str:
    return _tag(outer, *(_text(inner, value) for value in values))


def capabilities_xml(device: DeviceCapabilities, admin: str) -> bytes:
    """Return the capabilities of a device; `admin` is the address of a page about it."""
    platens = [_input(each) for each in device.inputs if each.source is InputSource.PLATEN]
    feeders = [_input(each) for each in device.inputs if each.source is not InputSource.PLATEN]
    note = "<!-- sizes and resolutions are nominal: gaopai calibrate measures them -->" * device.nominal
    parts = (
        note,
        _text("pwg:Version", VERSION),
        # Clients know quirks of models by the beginning of their names: of no model that is named so here.
        _text("pwg:MakeAndModel", f"gaopai {device.name}"),
        _text("scan:Manufacturer", "gaopai"),
        _text("pwg:SerialNumber", device.uuid),
        _text("scan:UUID", device.uuid),
        _text("scan:AdminURI", admin),
        *(_tag("scan:Platen", each) for each in platens),
        *(
            [_tag("scan:Adf", *feeders, _each("scan:AdfOptions", "scan:AdfOption", ["DetectPaperLoaded"]))]
            if feeders
            else []
        ),
    )
    return f"{_HEAD}<scan:ScannerCapabilities {_SPACES}>{''.join(parts)}</scan:ScannerCapabilities>".encode()


_INPUTS = {
    InputSource.PLATEN: "scan:PlatenInputCaps",
    InputSource.FEEDER: "scan:AdfSimplexInputCaps",
    InputSource.DUPLEX: "scan:AdfDuplexInputCaps",
}


def _input(caps: InputCapabilities) -> str:
    dots = (
        _tag("scan:DiscreteResolution", _text("scan:XResolution", each), _text("scan:YResolution", each))
        for each in caps.resolutions
    )
    media = [each.value for each in FORMATS]
    formats = "".join(f"{_text('pwg:DocumentFormat', each)}" for each in media) + "".join(
        _text("scan:DocumentFormatExt", each) for each in media
    )
    profile = _tag(
        "scan:SettingProfile",
        _each("scan:ColorModes", "scan:ColorMode", caps.colours),
        _each("scan:ContentTypes", "pwg:ContentType", ("Photo", "Text", "TextAndPhoto")),
        _tag("scan:DocumentFormats", formats),
        _tag("scan:SupportedResolutions", _tag("scan:DiscreteResolutions", *dots)),
        _each("scan:ColorSpaces", "scan:ColorSpace", ["sRGB"]),
        name="0",
    )
    most = caps.resolutions[-1]
    return _tag(
        _INPUTS[caps.source],
        _text("scan:MinWidth", UNITS // 10),
        _text("scan:MaxWidth", caps.width),
        _text("scan:MinHeight", UNITS // 10),
        _text("scan:MaxHeight", caps.height),
        _text("scan:MaxScanRegions", 1),
        _tag("scan:SettingProfiles", profile),
        _each("scan:SupportedIntents", "scan:Intent", Intent),
        _text("scan:MaxOpticalXResolution", most),
        _text("scan:MaxOpticalYResolution", most),
        *(_text(f"scan:Risky{side}Margin", 0) for side in ("Left", "Right", "Top", "Bottom")),
    )


_REASONS = {
    JobState.PROCESSING: "JobScanning",
    JobState.COMPLETED: "JobCompletedSuccessfully",
    JobState.CANCELED: "JobCanceledByUser",
    JobState.ABORTED: "AbortedBySystem",
}


def status_xml(idle: bool, feeder: str, jobs: Sequence[JobInfo]) -> bytes:
    """Return the status of a device; `feeder` is its state, empty where it has none."""
    parts = [_text("pwg:Version", VERSION), _text("pwg:State", "Idle" if idle else "Processing")]
    parts += [_text("scan:AdfState", feeder)] if feeder else []
    parts += [_tag("scan:Jobs", *map(_job, jobs))] if jobs else []
    return f"{_HEAD}<scan:ScannerStatus {_SPACES}>{''.join(parts)}</scan:ScannerStatus>".encode()


def _job(job: JobInfo) -> str:
    return _tag(
        "scan:JobInfo",
        _text("pwg:JobUri", job.path),
        _text("pwg:JobUuid", job.uuid),
        _text("scan:Age", job.age),
        _text("pwg:ImagesCompleted", job.completed),
        _text("pwg:ImagesToTransfer", job.waiting),
        _text("pwg:JobState", job.state),
        _tag("pwg:JobStateReasons", _text("pwg:JobStateReason", _REASONS[job.state])),
    )
