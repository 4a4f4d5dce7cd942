"""The configuration: one TOML file, every key declared here, unknown keys refused."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from server.config.devices import (
    CardsConfig,
    DemoScannerConfig,
    FaceLivenessConfig,
    FacePairConfig,
    FacesConfig,
    FingerprintsConfig,
    InfraredLivenessConfig,
    SaneScannerConfig,
    ScanConfig,
    Scanner,
    VideoConfig,
)
from server.config.section import NotNegative, Port, Positive, Section

__all__ = [
    "AccessConfig",
    "AuditConfig",
    "CardsConfig",
    "CompatConfig",
    "Config",
    "ConfigError",
    "DemoScannerConfig",
    "FaceLivenessConfig",
    "FacePairConfig",
    "FacesConfig",
    "FingerprintsConfig",
    "InfraredLivenessConfig",
    "LimitsConfig",
    "LogConfig",
    "MetricsConfig",
    "NoticeConfig",
    "PreviewConfig",
    "SaneScannerConfig",
    "ScanConfig",
    "Scanner",
    "Section",
    "ServerConfig",
    "StorageConfig",
    "UploadConfig",
    "VideoConfig",
    "access_folder",
    "audit_folder",
    "has_own_account",
    "load",
    "parse",
    "replace",
    "storage_root",
]


class ConfigError(Exception):
    """The configuration cannot be used; the text names the file, the key and the fix."""


class ServerConfig(Section, frozen=True):
    """Where the service listens and how it speaks."""

    host: str = "127.0.0.1"
    port: Port = 8082
    ipv6: bool = False
    """Whether ``::1`` is listened on, too."""
    tls: bool = False
    """Whether https and wss are served, on `tls_port`, beside http and ws."""
    tls_port: Port = 8083
    certificate: str = ""
    """A certificate chain in PEM; empty: the one that ``gaopai tls install`` makes for this computer."""
    key: str = ""
    """Its private key in PEM."""
    allow_remote: bool = False
    """Whether `host` may be an address that other machines reach; TLS and a token are then a must."""
    language: Literal["auto", "zh", "en"] = "auto"
    """`auto` follows the handshake's Accept-Language and is Chinese without one."""


class AccessConfig(Section, frozen=True):
    """Which pages may connect."""

    origins: tuple[str, ...] = ()
    """``scheme://host[:port]``, or ``scheme://*.host[:port]`` for one label; the own page always may."""
    null_origin: bool = False
    """Whether pages without an origin of their own, such as sandboxed frames, may connect."""
    hosts: tuple[str, ...] = ()
    """Further names in the Host header, beside 127.0.0.1, localhost and [::1]."""
    native_clients: bool = True
    """Whether a client without an Origin header, which no browser is, may connect."""
    ask: bool = True
    """Whether the person at a desktop is asked about an origin that is not known."""
    ask_seconds: Positive = 60
    """An answer that has not come by then is no."""
    token_file: str = ""
    """A file with the token that every client must know; empty: none is asked for."""
    other_users: bool = False
    """Whether programs of other users of this computer may connect."""
    folder: str = ""
    """Where decisions and certificates are kept; empty: ``gaopai-access`` in the user's state folder."""


class CompatConfig(Section, frozen=True):
    """Switches for pages that were written against another service."""

    preview_key: Literal["both", "standard", "field"] = "both"
    scanner_settings_name: bool = False
    """SetScannerImageInfo is answered as SetCameraImageInfo, as in the standard's example."""
    id_num_as_number: bool = False
    """A bank card's idNum is a JSON number, as in the standard; browsers spoil it from 17 digits on."""


class UploadConfig(Section, frozen=True):
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


class StorageConfig(Section, frozen=True):
    """Where pictures are kept."""

    root: str = ""
    """Empty: systemd's state directory, else ``gaopai`` in the user's data folder."""
    overwrite: bool = False
    quota_mib: Positive | None = None


class LimitsConfig(Section, frozen=True):
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


class LogConfig(Section, frozen=True):
    """What is told on standard error."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["text", "json"] = "text"


class AuditConfig(Section, frozen=True):
    """Who did what with which device: kept in files, without any content."""

    enabled: bool = False
    folder: str = ""
    """Empty: systemd's log directory, else ``gaopai`` in the user's state folder."""
    file_mib: Positive = 10
    files: Annotated[int, msgspec.Meta(ge=2)] = 5
    chained: bool = True
    """Each line carries the hash of the one before."""


class MetricsConfig(Section, frozen=True):
    """Numbers about the service at ``/metrics``, in Prometheus' text format."""

    enabled: bool = False


class NoticeConfig(Section, frozen=True):
    """What the person at the desk is shown."""

    cameras: bool = True
    """A notification on the desktop while a camera is open."""


class PreviewConfig(Section, frozen=True):
    """What pages see while a camera runs."""

    still_fps: NotNegative = 0
    """Pictures a second of a scene in which nothing moves; 0 shows every frame."""


class Config(Section, frozen=True):
    """The whole file."""

    server: ServerConfig = ServerConfig()
    cameras: tuple[dict[str, Any], ...] = ()
    """Options of cameras, which their adapters know; `server.finders.camera_options` checks them."""
    video: VideoConfig = VideoConfig()
    access: AccessConfig = AccessConfig()
    compat: CompatConfig = CompatConfig()
    scanners: tuple[Scanner, ...] = ()
    scan: ScanConfig = ScanConfig()
    cards: CardsConfig = CardsConfig()
    fingers: FingerprintsConfig = FingerprintsConfig()
    faces: FacesConfig = FacesConfig()
    upload: UploadConfig = UploadConfig()
    storage: StorageConfig = StorageConfig()
    limits: LimitsConfig = LimitsConfig()
    preview: PreviewConfig = PreviewConfig()
    notice: NoticeConfig = NoticeConfig()
    log: LogConfig = LogConfig()
    audit: AuditConfig = AuditConfig()
    metrics: MetricsConfig = MetricsConfig()


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


def storage_root(storage: StorageConfig) -> Path:
    """The folder below which every file lies."""
    if storage.root:
        return Path(storage.root).expanduser().absolute()
    if state := os.environ.get("STATE_DIRECTORY"):
        return Path(state.split(":")[0])
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "gaopai"


ACCESS_FOLDER = "gaopai-access"


def access_folder(access: AccessConfig) -> Path:
    """Where decisions about origins and certificates are kept; never below a storage root by default."""
    if access.folder:
        return Path(access.folder).expanduser().absolute()
    if (given := _given_access_folder()) is not None:
        return given
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / ACCESS_FOLDER


def has_own_account(access: AccessConfig) -> bool:
    """Whether systemd runs the service under an account that nobody else uses, and keeps its state."""
    return not access.folder and _given_access_folder() is not None


def _given_access_folder() -> Path | None:
    states = map(Path, filter(None, os.environ.get("STATE_DIRECTORY", "").split(":")))
    return next((state for state in states if state.name == ACCESS_FOLDER), None)


def audit_folder(audit: AuditConfig) -> Path:
    """The folder that the audit trail lies in."""
    if audit.folder:
        return Path(audit.folder).expanduser().absolute()
    if logs := os.environ.get("LOGS_DIRECTORY"):
        return Path(logs.split(":")[0])
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "gaopai"
