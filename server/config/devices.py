"""The tables of devices."""

from __future__ import annotations

from typing import Annotated

import msgspec

from server.config.section import (
    Cue,
    Level,
    NonEmpty,
    NotLess,
    Positive,
    Section,
    Share,
    UsbId,
)


class SaneScannerConfig(Section, frozen=True, tag_field="adapter", tag="sane"):
    """A scanner that is not found by itself, or one whose driver needs settings of its own."""

    device: str
    """The driver's name for it, as ``scanimage -L`` prints it."""
    name: str = ""
    options: dict[str, bool | int | float | str] = msgspec.field(default_factory=dict)
    """Driver options by name, set before each scan."""


class DemoScannerConfig(Section, frozen=True, tag_field="adapter", tag="demo"):
    """A scanner that draws its own pages."""

    name: str = ""


Scanner = SaneScannerConfig | DemoScannerConfig


class VideoConfig(Section, frozen=True):
    """The cameras of this computer."""

    enabled: bool = True
    """Whether V4L2 is asked at all."""


class CardsConfig(Section, frozen=True):
    """Card readers."""

    enabled: bool = True
    """Whether PC/SC readers are asked at all."""
    answer_seconds: Positive = 10
    """A card that answers a command no sooner hangs."""
    samv: tuple[str, ...] = ()
    """Serial ports of resident ID readers."""
    samv_usb: tuple[UsbId, ...] = ("0400:c35a",)
    """USB resident ID readers by ``vendor:product``."""
    samv_pcsc: tuple[NonEmpty, ...] = ()
    """Parts of the names of PC/SC readers that have a module for resident ID cards inside."""
    wlt_library: str = ""
    """A library that decodes the portraits of resident ID cards."""
    wlt_function: str = "unpack"
    find_seconds: Positive = 10
    """Readers that an adapter has not listed by then are given up."""
    wait_seconds: Positive = 15
    """How long a card is waited for where the page does not say."""


class FingerprintsConfig(Section, frozen=True):
    """Fingerprint sensors."""

    enabled: bool = True
    """Whether libfprint is asked at all."""
    python: str = ""
    """An interpreter that has libfprint's bindings; empty to look for one."""
    find_seconds: Positive = 10
    """Sensors that an adapter has not listed by then are given up."""
    wait_seconds: Positive = 15
    """How long ReadFingerInfo waits for each press where the page does not say."""


class FacePairConfig(Section, frozen=True):
    """A colour and an infrared camera that are one device, each by its name or id."""

    colour: NonEmpty
    infrared: NonEmpty


class InfraredLivenessConfig(Section, frozen=True):
    """What the infrared half of a pair must show of a living face; see `imgcore.face.InfraredSettings`."""

    affine: tuple[float, float, float, float, float, float] | None = None
    """From colour to infrared, of this very device: ``gaopai face calibrate``."""
    aspects: tuple[NotLess, NotLess] | None = None
    """Width over height of the pictures that it was found with."""
    looks: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    least_overlap: Share = 0.4
    eye_ratio: tuple[NotLess, NotLess] = (0.8, 1.25)
    unlit: Level = 20.0
    strobe: Share = 0.5
    brightness: tuple[Level, Level] = (40.0, 220.0)
    most_saturated: Share = 0.1
    least_contrast: NotLess = 1.15
    least_relief: Share = 0.12
    least_texture: Share = 0.03
    least_depth: Share = 0.0

    def __post_init__(self) -> None:
        for name, (least, most) in (("eye_ratio", self.eye_ratio), ("brightness", self.brightness)):
            if least >= most:
                raise ValueError(f"`{name}` is the least and the most, the first below the second")


class FaceLivenessConfig(Section, frozen=True):
    """When a face before a camera is taken for a living one; see `imgcore.face.LivenessSettings`."""

    threshold: Share = 0.7
    frames: Annotated[int, msgspec.Meta(ge=1, le=30)] = 5
    window: Annotated[int, msgspec.Meta(ge=1, le=30)] = 7
    bezel: Cue = 0.85
    moire: Cue = 0.7
    infrared: InfraredLivenessConfig = InfraredLivenessConfig()

    def __post_init__(self) -> None:
        if self.window < self.frames:
            raise ValueError("`window` holds at least the `frames` that are needed")


class FacesConfig(Section, frozen=True):
    """Face cameras."""

    pairs: tuple[FacePairConfig, ...] = ()
    """Those that cannot be told by their address on the bus and their names."""
    wait_seconds: Positive = 10
    """How long FaceMatch waits for a person before the camera where the page does not say."""
    insightface_pack: str = ""
    """A folder with models of InsightFace's, to find and compare faces with; empty: the manifest's."""
    accept_noncommercial: bool = False
    """That the licence of that pack, for research and no commerce, is known and kept."""
    liveness: FaceLivenessConfig = FaceLivenessConfig()

    def __post_init__(self) -> None:
        if self.insightface_pack and not self.accept_noncommercial:
            raise ValueError(
                "faces.insightface_pack: packs of InsightFace's are licensed for non-commercial research "
                "only; write accept_noncommercial = true if that is what you do, or have their leave"
            )


class ScanConfig(Section, frozen=True):
    """How scanners are driven."""

    enabled: bool = True
    """Whether the drivers of scanners are asked at all."""
    find_seconds: Positive = 30
    """Drivers that have not listed their scanners by then are given up."""
    silence_seconds: Positive = 90
    """A driver that does nothing for so long hangs; a lamp may take a minute to warm up."""
