"""The configuration: one TOML file, every key declared here, unknown keys refused."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec


class ConfigError(Exception):
    """The configuration cannot be used; the text names the file, the key and the fix."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class NetworkCamera(Section, frozen=True, tag_field="adapter", tag="network"):
    """A camera that serves MJPEG over HTTP, single JPEGs, or RTSP."""

    url: str
    name: str = ""


class FilesystemCamera(Section, frozen=True, tag_field="adapter", tag="filesystem"):
    """A folder of pictures, one picture or a video file, played as a camera."""

    path: str
    name: str = ""


class V4l2Camera(Section, frozen=True, tag_field="adapter", tag="v4l2"):
    """A device node that is not found by itself."""

    path: str
    name: str = ""


class DemoCamera(Section, frozen=True, tag_field="adapter", tag="demo"):
    """A camera that renders its own desk."""

    name: str = ""


class SaneScanner(Section, frozen=True, tag_field="adapter", tag="sane"):
    """A scanner that is not found by itself, or one whose driver needs settings of its own."""

    device: str
    """The driver's name for it, as ``scanimage -L`` prints it."""
    name: str = ""
    options: dict[str, bool | int | float | str] = msgspec.field(default_factory=dict)
    """Driver options by name, set before each scan."""


class DemoScanner(Section, frozen=True, tag_field="adapter", tag="demo"):
    """A scanner that draws its own pages."""

    name: str = ""


Camera = NetworkCamera | FilesystemCamera | V4l2Camera | DemoCamera
Scanner = SaneScanner | DemoScanner
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]
UsbId = Annotated[str, msgspec.Meta(pattern="^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$")]
NotNegative = Annotated[int, msgspec.Meta(ge=0)]


class Server(Section, frozen=True):
    """Where the service listens and how it speaks."""

    host: str = "127.0.0.1"
    port: Port = 8082
    language: Literal["auto", "zh", "en"] = "auto"
    """`auto` follows the handshake's Accept-Language and is Chinese without one."""


class Access(Section, frozen=True):
    """Which pages may connect."""

    origins: tuple[str, ...] = ()
    """Exact origins, ``scheme://host[:port]``; the service's own page is always allowed."""
    hosts: tuple[str, ...] = ()
    """Further names in the Host header, beside 127.0.0.1, localhost and [::1]."""
    native_clients: bool = True
    """Whether a client without an Origin header, which no browser is, may connect."""


class Compat(Section, frozen=True):
    """Switches for pages that were written against another service."""

    preview_key: Literal["both", "standard", "field"] = "both"
    scanner_settings_name: bool = False
    """SetScannerImageInfo is answered as SetCameraImageInfo, as in the standard's example."""
    id_num_as_number: bool = False
    """A bank card's idNum is a JSON number, as in the standard; browsers spoil it from 17 digits on."""


class Cards(Section, frozen=True):
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


class Fingers(Section, frozen=True):
    """Fingerprint sensors."""

    enabled: bool = True
    """Whether libfprint is asked at all."""
    python: str = ""
    """An interpreter that has libfprint's bindings; empty to look for one."""
    find_seconds: Positive = 10
    """Sensors that an adapter has not listed by then are given up."""
    wait_seconds: Positive = 15
    """How long ReadFingerInfo waits for each press where the page does not say."""


class FacePair(Section, frozen=True):
    """A colour and an infrared camera that are one device, each by its name or id."""

    colour: NonEmpty
    infrared: NonEmpty


class Faces(Section, frozen=True):
    """Face cameras."""

    pairs: tuple[FacePair, ...] = ()
    """Those that cannot be told by their address on the bus and their names."""
    wait_seconds: Positive = 10
    """How long FaceMatch waits for a person before the camera where the page does not say."""
    insightface_pack: str = ""
    """A folder with models of InsightFace's, to find and compare faces with; empty: the manifest's."""
    accept_noncommercial: bool = False
    """That the licence of that pack, for research and no commerce, is known and kept."""

    def __post_init__(self) -> None:
        if self.insightface_pack and not self.accept_noncommercial:
            raise ValueError(
                "faces.insightface_pack: packs of InsightFace's are licensed for non-commercial research "
                "only; write accept_noncommercial = true if that is what you do, or have their leave"
            )


class Upload(Section, frozen=True):
    """Where files may be sent."""

    allow: tuple[str, ...] = ()
    """Origins, ``scheme://host[:port]``, beside the one that the page itself comes from."""
    seconds: Positive = 60
    """A whole upload takes no longer."""
    megabytes: Positive = 200
    """The files of one upload together, in MiB."""
    retry: bool = False
    """Whether pages may ask that a failed upload is tried again later."""
    retry_hours: Positive = 72
    """After so long an upload that never succeeded is given up; its files stay."""


class Scan(Section, frozen=True):
    """How scanners are driven."""

    enabled: bool = True
    """Whether the drivers of scanners are asked at all."""
    find_seconds: Positive = 30
    """Drivers that have not listed their scanners by then are given up."""
    silence_seconds: Positive = 90
    """A driver that does nothing for so long hangs; a lamp may take a minute to warm up."""


class Storage(Section, frozen=True):
    """Where pictures are kept."""

    root: str = ""
    """Empty: systemd's state directory, else ``gaopai`` in the user's data folder."""
    overwrite: bool = False
    quota_mib: Positive | None = None


class Limits(Section, frozen=True):
    """Bounds of what one client and all clients may use."""

    connections: Positive = 256
    connections_per_origin: Positive = 64
    """Programs that are no browser count as one origin."""
    message_mib: Positive = 32
    waiting_requests: Positive = 64
    requests_per_second: Positive = 200
    """Of one connection; so many may come at once."""
    waiting_mib: Positive = 64
    """Messages of one connection that wait or are worked on, together."""
    all_waiting_mib: Positive = 256
    """The same of all connections."""
    picture_megapixels: Positive = 120
    send_seconds: Positive = 10
    """A client that takes no byte for so long is dropped."""


class Log(Section, frozen=True):
    """What is told on standard error."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["text", "json"] = "text"


class Audit(Section, frozen=True):
    """Who did what with which device: kept in files, without any content."""

    enabled: bool = False
    folder: str = ""
    """Empty: systemd's log directory, else ``gaopai`` in the user's state folder."""
    file_mib: Positive = 10
    files: Annotated[int, msgspec.Meta(ge=2)] = 5
    chained: bool = True
    """Each line carries the hash of the one before."""


class Metrics(Section, frozen=True):
    """Numbers about the service at ``/metrics``, in Prometheus' text format."""

    enabled: bool = False


class Notice(Section, frozen=True):
    """What the person at the desk is shown."""

    cameras: bool = True
    """A notification on the desktop while a camera is open."""


class Preview(Section, frozen=True):
    """What pages see while a camera runs."""

    still_fps: NotNegative = 0
    """Pictures a second of a scene in which nothing moves; 0 shows every frame."""


class Config(Section, frozen=True):
    """The whole file."""

    server: Server = Server()
    cameras: tuple[Camera, ...] = ()
    access: Access = Access()
    compat: Compat = Compat()
    scanners: tuple[Scanner, ...] = ()
    scan: Scan = Scan()
    cards: Cards = Cards()
    fingers: Fingers = Fingers()
    faces: Faces = Faces()
    upload: Upload = Upload()
    storage: Storage = Storage()
    limits: Limits = Limits()
    preview: Preview = Preview()
    notice: Notice = Notice()
    log: Log = Log()
    audit: Audit = Audit()
    metrics: Metrics = Metrics()


def load(path: Path) -> Config:
    """Read and validate a configuration file.

    Raises
    ------
    ConfigError
        The file cannot be read, is not TOML, or has an unknown or invalid key; the text
        gives the key's path.
    """
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read ({exc.strerror})") from exc
    except ConfigError as exc:
        raise ConfigError(f"{path}: {exc}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: is not UTF-8 text") from exc


def parse(text: str) -> Config:
    """The configuration in `text`; see `load`."""
    try:
        return msgspec.convert(tomllib.loads(text), Config)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"not valid TOML: {exc}") from exc
    except msgspec.ValidationError as exc:
        raise ConfigError(str(exc)) from exc


S = TypeVar("S", bound=msgspec.Struct)


def replace(section: S, **changes: object) -> S:
    """`section` with the given keys changed and checked like those of a file.

    Raises
    ------
    ConfigError
        A value the file could not hold either.
    """
    try:
        changed = msgspec.structs.replace(section, **changes)
        return msgspec.convert(msgspec.to_builtins(changed), type(section))
    except msgspec.ValidationError as exc:
        raise ConfigError(str(exc)) from exc


def storage_root(storage: Storage) -> Path:
    """The folder below which every file lies."""
    if storage.root:
        return Path(storage.root).expanduser().absolute()
    if state := os.environ.get("STATE_DIRECTORY"):
        return Path(state.split(":")[0])
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "gaopai"


def audit_folder(audit: Audit) -> Path:
    """The folder that the audit trail lies in."""
    if audit.folder:
        return Path(audit.folder).expanduser().absolute()
    if logs := os.environ.get("LOGS_DIRECTORY"):
        return Path(logs.split(":")[0])
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "gaopai"
