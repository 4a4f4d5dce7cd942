"""Tables of devices."""

from __future__ import annotations

from typing import Annotated

import msgspec

from server.config.section import Cue, Level, NonEmpty, NotLess, NotNegative, Positive, Section, Share, UsbId


class SaneScannerConfig(Section, frozen=True, tag_field="adapter", tag="sane"):
    """Scanner that is not detected, or whose driver needs options."""

    device: str
    """Name of the driver for it, as ``scanimage -L`` prints it."""
    name: str = ""
    options: dict[str, bool | int | float | str] = msgspec.field(default_factory=dict)
    """Driver options by name, set before each scan."""


class DemoScannerConfig(Section, frozen=True, tag_field="adapter", tag="demo"):
    """Demo scanner, which draws its pages."""

    name: str = ""


Scanner = SaneScannerConfig | DemoScannerConfig


class VideoConfig(Section, frozen=True):
    """Cameras of this computer."""

    enabled: bool = True
    """Use V4L2."""


class CardsConfig(Section, frozen=True):
    """Card readers."""

    enabled: bool = True
    """Use PC/SC readers."""
    answer_seconds: Positive = 10
    """Timeout of a card's answer to a command."""
    samv: tuple[str, ...] = ()
    """Serial ports of resident ID readers."""
    samv_usb: tuple[UsbId, ...] = ("0400:c35a",)
    """USB resident ID readers by ``vendor:product``."""
    samv_pcsc: tuple[NonEmpty, ...] = ()
    """Parts of the names of PC/SC readers that have a module for resident ID cards inside."""
    wlt_library: str = ""
    """Library that decodes the portraits of resident ID cards."""
    wlt_function: str = "unpack"
    find_seconds: Positive = 10
    """Time limit of an adapter to list its readers."""
    wait_seconds: Positive = 15
    """Default timeout of the wait for a card."""


class FingerprintsConfig(Section, frozen=True):
    """Fingerprint sensors."""

    enabled: bool = True
    """Use libfprint."""
    python: str = ""
    """Python interpreter with libfprint's bindings; empty to search for one."""
    find_seconds: Positive = 10
    """Time limit of an adapter to list its sensors."""
    wait_seconds: Positive = 15
    """Default timeout of ReadFingerInfo for each press."""


class FacePairConfig(Section, frozen=True):
    """Colour and infrared camera that are one device, each by its name or id."""

    colour: NonEmpty
    infrared: NonEmpty


class InfraredLivenessConfig(Section, frozen=True):
    """Thresholds of liveness detection in infrared; see `imgcore.face.InfraredSettings`."""

    affine: tuple[float, float, float, float, float, float] | None = None
    """Affine map from colour to infrared of this device, measured by ``gaopai face calibrate``."""
    aspects: tuple[NotLess, NotLess] | None = None
    """Aspect ratios, width over height, of the pictures that it was measured with."""
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
    """Thresholds of liveness detection; see `imgcore.face.LivenessSettings`."""

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
    """Pairs that are not detected by their address on the bus and their names."""
    wait_seconds: Positive = 10
    """Default timeout of FaceMatch for a person before the camera."""
    insightface_pack: str = ""
    """Folder of an InsightFace model pack to find and compare faces; empty for the manifest's models."""
    accept_noncommercial: bool = False
    """Acceptance of that pack's licence, for non-commercial research only."""
    liveness: FaceLivenessConfig = FaceLivenessConfig()

    def __post_init__(self) -> None:
        if self.insightface_pack and not self.accept_noncommercial:
            raise ValueError(
                "faces.insightface_pack: packs of InsightFace's are licensed for non-commercial research "
                "only; write accept_noncommercial = true if that is what you do, or have their leave"
            )


class ScanConfig(Section, frozen=True):
    """Scanners."""

    enabled: bool = True
    """Use the drivers of scanners."""
    find_seconds: Positive = 30
    """Time limit of a driver to list its scanners."""
    silence_seconds: Positive = 90
    """Time without progress after which a driver has hung; a lamp may take a minute to warm up."""
    driver_folders: tuple[NonEmpty, ...] = ()
    """Folders that drivers may read and change beside those that they usually need."""


KeyCode = Annotated[int, msgspec.Meta(ge=1, le=0x2FF)]
"""Number of a key in the kernel's list, as ``evtest`` prints it."""
KEY_CAMERA = 212
"""Number of the key of a camera's button in the kernel's list, from ``linux/input-event-codes.h``."""


class SwitchConfig(Section, frozen=True):
    """Foot switch or other input device, which is not detected as it looks like a keyboard."""

    device: NonEmpty
    """Its name or its ``vendor:product``, as ``gaopai doctor`` and ``evtest`` print them."""
    keys: tuple[KeyCode, ...] = ()
    """Keys that count, and that pages are told; empty for every key, of which no page is told the number."""
    grab: bool = False
    """Keep its keys from all other programs while a page waits for them."""


class ButtonsConfig(Section, frozen=True):
    """Buttons of cameras, and foot switches."""

    enabled: bool = True
    """Use the kernel's input devices."""
    camera_keys: tuple[KeyCode, ...] = (KEY_CAMERA,)
    """Keys of cameras' own buttons that count."""
    debounce_ms: NotNegative = 200
    """Time after a press in which the same key does not count again, in milliseconds."""
    switches: tuple[SwitchConfig, ...] = ()
    """Foot switches, each a table ``[[buttons.switches]]``."""
