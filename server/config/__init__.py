"""Configuration: one TOML file, with every key declared here and unknown keys refused."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from server.config.devices import (
    ButtonsConfig,
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
from server.config.dialects import DialectsConfig, ShareConfig
from server.config.output import AdminConfig, ArchiveConfig, CropConfig, OutputConfig, WatermarkConfig
from server.config.section import NonEmpty, NotNegative, Port, Positive, Section

__all__ = [
    "AccessConfig",
    "AdminConfig",
    "ArchiveConfig",
    "AuditConfig",
    "ButtonsConfig",
    "CardsConfig",
    "CompatConfig",
    "Config",
    "ConfigError",
    "CropConfig",
    "DemoScannerConfig",
    "DialectsConfig",
    "FaceLivenessConfig",
    "FacePairConfig",
    "FacesConfig",
    "FingerprintsConfig",
    "InfraredLivenessConfig",
    "LimitsConfig",
    "LogConfig",
    "MetricsConfig",
    "NoticeConfig",
    "OutputConfig",
    "PreviewConfig",
    "RecordingConfig",
    "SaneScannerConfig",
    "ScanConfig",
    "Scanner",
    "Section",
    "ServerConfig",
    "ShareConfig",
    "StorageConfig",
    "UploadConfig",
    "VideoConfig",
    "WatermarkConfig",
    "access_folder",
    "audit_folder",
    "has_own_account",
    "load",
    "parse",
    "replace",
    "storage_root",
]


class ConfigError(Exception):
    """The configuration is invalid; the text names the file, the key and the remedy.

    Attributes
    ----------
    zh
        The same in Chinese.
    exit_code
        Exit code of a command that ends with it.
    """

    exit_code = 2

    def __init__(self, text: str, zh: str = "") -> None:
        super().__init__(text)
        self.zh = zh or f"配置有误（{text}）"


class ServerConfig(Section, frozen=True):
    """Listening addresses and language."""

    host: str = "127.0.0.1"
    port: Port = 8082
    tls: bool = False
    """Serve https and wss, on `tls_port`, beside http and ws."""
    tls_port: Port = 8083
    certificate: str = ""
    """Certificate chain in PEM; empty for the one that ``gaopai tls install`` makes for this computer."""
    key: str = ""
    """Private key of the certificate in PEM."""
    allow_remote: bool = False
    """Allow a `host` that other machines can reach; TLS and a token are then required."""
    language: Literal["auto", "zh", "en"] = "auto"
    """`auto` follows the handshake's Accept-Language and is Chinese without one."""


class AccessConfig(Section, frozen=True):
    """Access control."""

    origins: tuple[str, ...] = ()
    """Allow-list of ``scheme://host[:port]``, or ``scheme://*.host[:port]`` for one label."""
    null_origin: bool = False
    """Allow pages without an origin of their own, such as sandboxed frames."""
    hosts: tuple[str, ...] = ()
    """Further names in the Host header, beside 127.0.0.1, localhost and [::1]."""
    native_clients: bool = True
    """Allow clients without an Origin header, which are no browsers."""
    ask: bool = True
    """Prompt the user at the desktop about unknown origins."""
    ask_seconds: Positive = 60
    """Timeout of a prompt, after which the answer is no."""
    token_file: str = ""
    """File with the token that every client must present; empty for no token."""
    pages_need_token: bool = True
    """Require the token of web pages, too, not of clients without an Origin only."""
    other_users: bool = False
    """Allow other users of this computer: their pages, and their programs that present a token."""
    folder: str = ""
    """Folder of decisions and certificates; empty for ``gaopai-access`` in the user's state folder."""


class CompatConfig(Section, frozen=True):
    """Switches for pages that were written against another service."""

    preview_key: Literal["both", "standard", "field"] = "both"
    scanner_settings_name: bool = False
    """SetScannerImageInfo is answered as SetCameraImageInfo, as in the standard's example."""
    id_num_as_number: bool = False
    """A bank card's idNum is a JSON number, as in the standard; browsers spoil it from 17 digits on."""
    prose_names: bool = False
    """Results are answered under the names of the standard's prose too: imageBase, fingerBase64, faceInfo."""


class UploadConfig(Section, frozen=True):
    """Uploads."""

    allow: tuple[str, ...] = ()
    """Allow-list of origins, ``scheme://host[:port]``, beside the page's own."""
    seconds: Positive = 60
    """Time limit of a whole upload."""
    megabytes: Positive = 200
    """Size limit of the files of one upload together, in MiB."""
    retry: bool = False
    """Allow requests to queue a failed upload for retries."""
    retry_hours: Positive = 72
    """Time after which a failing upload expires; its files stay."""


class RecordingConfig(Section, frozen=True):
    """Recordings of cameras."""

    seconds: Positive = 3600
    """Longest recording."""
    mib: Positive = 4096
    """Largest file, in MiB."""
    free_mib: Positive = 1024
    """Room that stays free on the disk, in MiB."""


class StorageConfig(Section, frozen=True):
    """Storage of files."""

    root: str = ""
    """Storage root; empty for systemd's state directory, else ``gaopai`` in the user's data folder."""
    folders: tuple[Annotated[str, msgspec.Meta(pattern="^[/~]")], ...] = ()
    """Further folders, which absolute names lead to."""
    overwrite: Literal["own", "never", "always"] | bool = "own"
    """Files that a page may replace: those that its origin made, none (false), or any (true)."""
    sharing: bool = False
    """Allow every origin to read, merge, send and recognise the files of all."""
    quota_mib: Positive | None = None
    """Limit of all files below the root together, and below each of the folders."""
    keep_days: NotNegative = 0
    """Days after which files that pages made are removed; 0 to keep them."""
    folder_days: dict[NonEmpty, NotNegative] = msgspec.field(default_factory=dict)
    """Days after which files of a folder are removed, by its name; 0 to keep them."""
    profile_days: dict[NonEmpty, NotNegative] = msgspec.field(default_factory=dict)
    """Days after which files of requests with a profile are removed, by its name; 0 to keep them."""
    hold: tuple[str, ...] = ()
    """Files and folders whose files are neither removed nor replaced."""


class LimitsConfig(Section, frozen=True):
    """Limits of one client and of all clients."""

    connections: Positive = 256
    connections_per_origin: Positive = 64
    """Limit of one origin; programs that are no browser count as one."""
    message_mib: Positive = 32
    message_seconds: Positive = 15
    """Time limit of one message, from its first frame to its last."""
    waiting_requests: Positive = 64
    requests_per_second: Positive = 200
    """Rate limit of one connection, with a burst of one second."""
    waiting_mib: Positive = 64
    """Limit of all messages of one connection that arrive, wait or are in work."""
    origin_waiting_mib: Positive = 128
    """Limit of the same, and of the answers that wait, of all connections of one origin."""
    all_waiting_mib: Positive = 256
    """Limit of the same of all connections."""
    picture_megapixels: Positive = 120
    kept_minutes: NotNegative = 10
    """Time for which originals and addresses of downloads are kept; 0 to keep no originals."""
    origin_kept_mib: Positive = 64
    """Limit of the originals of one origin."""
    all_kept_mib: Positive = 256
    """Limit of all originals; never more than a sixteenth of the memory."""
    send_seconds: Positive = 10
    """Time limit of sending one message, after which the client is dropped."""


class LogConfig(Section, frozen=True):
    """Log on standard error."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["text", "json"] = "text"


class AuditConfig(Section, frozen=True):
    """Audit trail in files, without any content of requests."""

    enabled: bool = False
    folder: str = ""
    """Folder of the files; empty for systemd's log directory, else ``gaopai`` in the user's state folder."""
    file_mib: Positive = 10
    file_days: Positive = 7
    """Age at which a file is put aside, as it is at its size."""
    files: Annotated[int, msgspec.Meta(ge=2, le=10_000)] = 30
    """Files that are kept, all but the first compressed."""
    lines_per_minute: Positive = 60
    """Quota of each origin, ten minutes of which may be used at once; lines beyond it are summed up."""
    chained: bool = True
    """Each line carries the hash of the one before."""
    syslog: Annotated[str, msgspec.Meta(pattern=r"^([^\s:/]+|\[[0-9A-Fa-f:]+\])?(:[0-9]{1,5})?$")] = ""
    """Collector of syslog messages over TLS, ``host`` or ``host:port``; empty for none."""
    syslog_authorities: str = ""
    """Certificates in PEM that the collector's is judged by; empty for the system's."""
    syslog_certificate: str = ""
    """Certificate and key in PEM to show to the collector; empty for none."""


class MetricsConfig(Section, frozen=True):
    """Metrics at ``/metrics``, in Prometheus' text format."""

    enabled: bool = False


class NoticeConfig(Section, frozen=True):
    """Notifications on the desktop."""

    cameras: bool = True
    """Show a notification while a camera is open."""


class PreviewConfig(Section, frozen=True):
    """Previews."""

    still_fps: NotNegative = 0
    """Frame rate of an unchanging scene; 0 for every frame."""


class Config(Section, frozen=True):
    """Whole configuration file."""

    server: ServerConfig = ServerConfig()
    cameras: tuple[dict[str, Any], ...] = ()
    """Options of cameras, declared by their adapters; `server.equipment.camera_options` checks them."""
    video: VideoConfig = VideoConfig()
    access: AccessConfig = AccessConfig()
    compat: CompatConfig = CompatConfig()
    buttons: ButtonsConfig = ButtonsConfig()
    scanners: tuple[Scanner, ...] = ()
    scan: ScanConfig = ScanConfig()
    cards: CardsConfig = CardsConfig()
    fingers: FingerprintsConfig = FingerprintsConfig()
    faces: FacesConfig = FacesConfig()
    upload: UploadConfig = UploadConfig()
    storage: StorageConfig = StorageConfig()
    crop: CropConfig = CropConfig()
    output: OutputConfig = OutputConfig()
    archive: ArchiveConfig = ArchiveConfig()
    recording: RecordingConfig = RecordingConfig()
    limits: LimitsConfig = LimitsConfig()
    preview: PreviewConfig = PreviewConfig()
    notice: NoticeConfig = NoticeConfig()
    log: LogConfig = LogConfig()
    audit: AuditConfig = AuditConfig()
    metrics: MetricsConfig = MetricsConfig()
    dialects: DialectsConfig = DialectsConfig()
    share: ShareConfig = ShareConfig()
    profiles: dict[NonEmpty, dict[str, Any]] = msgspec.field(default_factory=dict)
    """Parameters of requests by the name of a profile, as messages have them."""
    admin: AdminConfig = AdminConfig()


def load(path: Path | None) -> Config:
    """Read and validate a configuration file; without one return the defaults.

    Raises
    ------
    ConfigError
        The file cannot be read, is not TOML, or has an unknown or invalid key; the text
        gives the key's path.
    """
    if path is None:
        return Config()
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError(
            f"{path}: cannot be read ({exc.strerror})", f"不能读取 {path}（{exc.strerror}）"
        ) from exc
    except ConfigError as exc:
        raise ConfigError(f"{path}: {exc}", f"{path}：{exc.zh}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: is not UTF-8 text", f"{path} 不是 UTF-8 文本") from exc


def parse(text: str) -> Config:
    """Parse and validate a configuration; see `load`."""
    try:
        return msgspec.convert(tomllib.loads(text), Config)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"not valid TOML: {exc}", f"不是有效的 TOML（{exc}）") from exc
    except msgspec.ValidationError as exc:
        raise ConfigError(str(exc)) from exc


S = TypeVar("S", bound=msgspec.Struct)


def replace(section: S, **changes: object) -> S:
    """Return `section` with the given keys changed and validated like those of a file.

    Raises
    ------
    ConfigError
        A value is invalid.
    """
    try:
        changed = msgspec.structs.replace(section, **changes)
        return msgspec.convert(msgspec.to_builtins(changed), type(section))
    except msgspec.ValidationError as exc:
        raise ConfigError(str(exc)) from exc


def storage_root(storage: StorageConfig) -> Path:
    """Return the storage root."""
    return _folder(storage.root, "STATE_DIRECTORY") or _home("XDG_DATA_HOME", ".local/share") / "gaopai"


ACCESS_FOLDER = "gaopai-access"


def access_folder(access: AccessConfig) -> Path:
    """Return the folder of decisions and certificates, by default not below a storage root."""
    if access.folder:
        return Path(access.folder).expanduser().absolute()
    return _systemd_access_folder() or _home("XDG_STATE_HOME", ".local/state") / ACCESS_FOLDER


def has_own_account(access: AccessConfig) -> bool:
    """Return whether systemd runs the service under its own account, and provides its state folder."""
    return not access.folder and _systemd_access_folder() is not None


def _systemd_access_folder() -> Path | None:
    states = map(Path, filter(None, os.environ.get("STATE_DIRECTORY", "").split(":")))
    return next((state for state in states if state.name == ACCESS_FOLDER), None)


def audit_folder(audit: AuditConfig) -> Path:
    """Return the folder of the audit trail."""
    return _folder(audit.folder, "LOGS_DIRECTORY") or _home("XDG_STATE_HOME", ".local/state") / "gaopai"


def _folder(named: str, provided: str) -> Path | None:
    """Return the folder that the configuration names, or else the first that systemd provides."""
    if named:
        return Path(named).expanduser().absolute()
    first = os.environ.get(provided, "").split(":")[0]
    return Path(first) if first else None


def _home(variable: str, below: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / below)
