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
from server.config.output import (
    AdminConfig,
    ArchiveConfig,
    CropConfig,
    OutputConfig,
    SignatureConfig,
    StampConfig,
    StampName,
    WatermarkConfig,
)
from server.config.section import Doc, NonEmpty, NotNegative, Port, Positive, Section
from server.config.targets import TargetConfig, TargetName

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
    "Doc",
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
    "SignatureConfig",
    "StampConfig",
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

    host: Annotated[
        str,
        Doc(
            "监听地址：`127.0.0.1`、`::1` 或 `localhost`，都会同时占用另一个回环地址。其他地址在启动时被拒"
            "绝，除非设置了 `allow_remote` 并满足其全部要求。",
            "Address to listen on: `127.0.0.1`, `::1` or `localhost`, each of which takes the other "
            "loopback address as well. Any other is refused at start, unless `allow_remote` and all that "
            "it asks for are there.",
        ),
    ] = "127.0.0.1"
    port: Annotated[
        Port,
        Doc(
            "1 到 65535。现有网页连接 8082。",
            "1 to 65535. Pages in the field connect to 8082.",
        ),
    ] = 8082
    tls: Annotated[
        bool,
        Doc(
            "是否在 `port` 的 `http` 和 `ws` 之外，在 `tls_port` 上提供 `https` 和 `wss`。证书由 `gaopai "
            "tls install` 生成，或用 `certificate` 和 `key` 指定。",
            "Whether `https` and `wss` are served on `tls_port`, beside `http` and `ws` on `port`. The "
            "certificate: `gaopai tls install`, or `certificate` and `key`.",
        ),
    ] = False
    tls_port: Annotated[
        Port,
        Doc(
            "1 到 65535。",
            "1 to 65535.",
        ),
    ] = 8083
    certificate: Annotated[
        str,
        Doc(
            "您自己的证书链，PEM 格式。",
            "A certificate chain of your own, in PEM.",
        ),
    ] = ""
    key: Annotated[
        str,
        Doc(
            "对应的私钥，PEM 格式。",
            "Its private key, in PEM.",
        ),
    ] = ""
    allow_remote: Annotated[
        bool,
        Doc(
            "允许 `host` 为其他计算机能访问的地址。没有 `tls`、`certificate` 和 `key`、`token_file` 时拒绝"
            "启动；`http` 和 `ws` 仍只在回环地址上。",
            "Lets `host` be an address that other machines reach. Refused without `tls`, `certificate` and "
            "`key`, and `token_file`; `http` and `ws` stay on loopback.",
        ),
    ] = False
    language: Annotated[
        Literal["auto", "zh", "en"],
        Doc(
            '错误信息的语言：`"zh"`、`"en"`，或 `"auto"`：按网页的设置（SetPageInfo），否则按浏览器的'
            "首选语言，没有时用中文。",
            'Of error texts: `"zh"`, `"en"`, or `"auto"`: what the page says (SetPageInfo), else '
            "what the browser prefers, Chinese where it says nothing.",
        ),
    ] = "auto"


class AccessConfig(Section, frozen=True):
    """Access control."""

    origins: Annotated[
        tuple[str, ...],
        Doc(
            "允许连接的网页来源：协议、主机以及非默认的端口，须完整写出。服务自己的网页始终允许。",
            "Origins whose pages may connect: scheme, host and, unless usual, port, in full. The service's "
            "own page always may.",
        ),
    ] = ()
    null_origin: Annotated[
        bool,
        Doc(
            "没有自身来源的网页是否可以连接，例如沙箱 iframe 和某些本地文件。任何网页都能制造这样的 iframe。",
            "Whether pages without an origin of their own may connect: sandboxed frames, some files. Every "
            "page can make such a frame.",
        ),
    ] = False
    hosts: Annotated[
        tuple[str, ...],
        Doc(
            "除 `127.0.0.1`、`localhost`、`[::1]` 外，Host 头还可以是哪些名称。",
            "More names that the Host header may hold, beside `127.0.0.1`, `localhost` and `[::1]`.",
        ),
    ] = ()
    native_clients: Annotated[
        bool,
        Doc(
            "没有 Origin 头的客户端能否连接。浏览器都带有 Origin 头。",
            "Whether a client without an Origin header may connect. No browser is one.",
        ),
    ] = True
    ask: Annotated[
        bool,
        Doc(
            "有 `zenity` 或 `kdialog` 时，是否就未知来源询问桌面前的用户。",
            "Whether the person at the desktop is asked about an unknown origin, where `zenity` or "
            "`kdialog` is there.",
        ),
    ] = True
    ask_seconds: Annotated[
        Positive,
        Doc(
            "这么多秒内没有回答即视为不允许。",
            "An answer that has not come by then is no.",
        ),
    ] = 60
    token_file: Annotated[
        str,
        Doc(
            "每个客户端都必须知道的令牌所在的文件，只有所有者可读（权限 0600）；由 `gaopai token new` 生成。",
            "A file with the token that every client must know, for its owner alone (mode 0600); `gaopai "
            "token new` makes one.",
        ),
    ] = ""
    pages_need_token: Annotated[
        bool,
        Doc(
            "网页是否也须知道令牌，而不只是没有 Origin 的程序。其他计算机始终需要。",
            "Whether web pages, too, have to know the token, not only programs without an Origin. Other "
            "machines always have to.",
        ),
    ] = True
    other_users: Annotated[
        bool,
        Doc(
            "本机其他用户能否连接：他们的网页，以及知道令牌的程序。服务以单独的用户运行时需要打开。",
            "Whether other users of this computer may connect: their pages, and their programs if they "
            "know the token. Needed where the service runs as a user of its own.",
        ),
    ] = False
    folder: Annotated[
        str,
        Doc(
            "存放来源决定、令牌和证书的文件夹。空值：systemd 下 `$STATE_DIRECTORY` 中的 `gaopai-access`，否"
            "则为 `$XDG_STATE_HOME/gaopai-access`，再否则为 `~/.local/state/gaopai-access`。",
            "Where decisions about origins, the token and certificates are kept. Empty: `gaopai-access` of "
            "`$STATE_DIRECTORY` under systemd, else `$XDG_STATE_HOME/gaopai-access`, else "
            "`~/.local/state/gaopai-access`.",
        ),
    ] = ""


class CompatConfig(Section, frozen=True):
    """Switches for pages that were written against another service."""

    preview_key: Annotated[
        Literal["both", "standard", "field"],
        Doc(
            '预览帧的图片放在哪个键中：`"standard"` 为 `imageBase64Str`，`"field"` 为 `imgBase64Str`。'
            '`"both"` 会把图片传送两次；网页都已知时请选定一种。拍摄的应答始终两者都有。',
            'Which key a preview frame carries its picture in: `"standard"` is `imageBase64Str`, '
            '`"field"` is `imgBase64Str`. With `"both"` the picture travels twice; choose one where '
            "all pages are known. Captures always carry both.",
        ),
    ] = "both"
    scanner_settings_name: Annotated[
        bool,
        Doc(
            "让 SetScannerImageInfo 按标准示例中的名称 SetCameraImageInfo 应答。",
            "Makes SetScannerImageInfo answer under the name in the standard's example, SetCameraImageInfo.",
        ),
    ] = False
    id_num_as_number: Annotated[
        bool,
        Doc(
            "让银行卡号 `idNum` 成为 JSON 数字。17 位及以上的数字会被浏览器改变；默认为字符串。",
            "Makes `idNum`, the number of a bank card, a JSON number. Browsers spoil it from 17 digits on; "
            "the default is a string.",
        ),
    ] = False
    prose_names: Annotated[
        bool,
        Doc(
            "在标准示例的名称之外，同时给出标准正文中的名称：`cardInfo` 中的 `imageBase`、`fingerBase64`、"
            "`faceInfo`、图片应答中的 `imgCount`；扫描时最后一页才有 `imgCount`，因此每页晚一页送出。",
            "Adds the names that the standard's prose gives to results, beside those of its examples: "
            "`imageBase` in `cardInfo`, `fingerBase64`, `faceInfo`, and `imgCount` of pictures. Of a scan "
            "the last page alone has that, so that each page comes one page later.",
        ),
    ] = False


class UploadConfig(Section, frozen=True):
    """Uploads."""

    allow: Annotated[
        tuple[str, ...],
        Doc(
            "除网页自己的来源外，还可以向哪些来源发送文件：协议、主机以及非默认的端口。",
            "Origins that files may be sent to, beside the one that the page itself comes from: scheme, "
            "host and, unless usual, port.",
        ),
    ] = ()
    seconds: Annotated[
        Positive,
        Doc(
            "一次上传的最长时间，单位秒；超出时应答为 5003。",
            "A whole upload takes no longer; beyond it the answer is 5003.",
        ),
    ] = 60
    megabytes: Annotated[
        Positive,
        Doc(
            "一次上传的文件和参数的总量上限，单位 MiB；超出时应答为 5005。",
            "The files and parameters of one upload together, in MiB; beyond it the answer is 5005.",
        ),
    ] = 200
    retry: Annotated[
        bool,
        Doc(
            "网页能否要求稍后重试失败的上传。等待重试的内容保存在磁盘上。",
            "Whether pages may ask that a failed upload is tried again later. What waits lies on the disk.",
        ),
    ] = False
    retry_hours: Annotated[
        Positive,
        Doc(
            "超过此小时数仍未成功的上传将被放弃；文件保留。",
            "After so long an upload that never succeeded is given up; its files stay.",
        ),
    ] = 72


class RecordingConfig(Section, frozen=True):
    """Recordings of cameras."""

    seconds: Annotated[
        Positive,
        Doc(
            "最长秒数。",
            "Longest recording.",
        ),
    ] = 3600
    mib: Annotated[
        Positive,
        Doc(
            "文件最大 MiB 数；开始时配额须有这么多余量。",
            "Largest file, in MiB; so much of a quota has to be free when it starts.",
        ),
    ] = 4096
    free_mib: Annotated[
        Positive,
        Doc(
            "磁盘上保留的空间（MiB）。",
            "Room that stays free on the disk, in MiB.",
        ),
    ] = 1024


class StorageConfig(Section, frozen=True):
    """Storage of files."""

    root: Annotated[
        str,
        Doc(
            "写入文件的目录。为空时：systemd 下为 `$STATE_DIRECTORY`，否则为 `$XDG_DATA_HOME/gaopai`，再否"
            "则为 `~/.local/share/gaopai`。不存在时创建，仅属主可访问。",
            "The folder that files are written to. Empty: `$STATE_DIRECTORY` under systemd, else "
            "`$XDG_DATA_HOME/gaopai`, else `~/.local/share/gaopai`. Made, for its owner alone, where it is "
            "missing.",
        ),
    ] = ""
    folders: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern="^[/~]")], ...],
        Doc(
            '网页可用绝对路径读写的其他文件夹：`["/srv/scans"]`。文件夹须已存在；在 systemd 下其单元须允'
            "许写入（`ReadWritePaths=`）。",
            'More folders that pages may read and write, by absolute names: `["/srv/scans"]`. Each has '
            "to be there; under systemd its unit has to allow it (`ReadWritePaths=`).",
        ),
    ] = ()
    overwrite: Annotated[
        Literal["own", "never", "always"] | bool,
        Doc(
            '网页可替换哪些文件：`"own"` 为同一来源的网页生成的，`"never"` 为都不可，`"always"` 为任'
            "何文件。不可替换时，文件名已被占用则返回 4003。",
            'Which files a page may replace: `"own"` those that pages of its origin made, `"never"` '
            'none, `"always"` any. Otherwise a taken name answers 4003.',
        ),
    ] = "own"
    sharing: Annotated[
        bool,
        Doc(
            "各来源的网页能否读取、合并、上传和识别其他来源的网页生成的文件。不能时返回 4011。",
            "Whether the pages of every origin may read, merge, send and recognise what pages of the "
            "others made. Without it they get 4011.",
        ),
    ] = False
    quota_mib: Annotated[
        Positive | None,
        Doc(
            "该目录下全部文件的总量上限，`folders` 中的每个文件夹各自同样，单位 MiB。超出时拍摄返回 4004。",
            "Limit of all files below the root together, and below each of `folders`, in MiB. Beyond it a "
            "capture answers 4004.",
        ),
    ] = None
    keep_days: Annotated[
        NotNegative,
        Doc(
            "网页生成的文件在最后一次修改多少天后删除。`0` 为不删除。见[保留期限](archive.zh.md#保留期限)。",
            "Days after its last change after which a file that pages made is removed. `0`: never. See "
            "[retention](archive.md#retention).",
        ),
    ] = 0
    folder_days: Annotated[
        dict[NonEmpty, NotNegative],
        Doc(
            '各文件夹的天数，写在 `[storage.folder_days]` 中：`"invoices" = 3650`。以最深的文件夹为准，'
            "`0` 为不删除。",
            'The same for folders, as in `[storage.folder_days]`: `"invoices" = 3650`. The deepest '
            "folder decides, `0` keeps its files.",
        ),
    ] = msgspec.field(default_factory=dict)
    profile_days: Annotated[
        dict[NonEmpty, NotNegative],
        Doc(
            "带 `profile` 的请求所生成的文件的天数，按其名称：`contract = 3650`。优先于文件夹的天数。",
            "The same for files of requests with a `profile`, by its name: `contract = 3650`. It comes "
            "before the folder's.",
        ),
    ] = msgspec.field(default_factory=dict)
    hold: Annotated[
        tuple[str, ...],
        Doc(
            '任何人都不能删除或替换的文件，以及其中的文件不能删除或替换的文件夹：`["cases/2026-17", '
            '"id/a.pdf"]`。',
            "Files and folders whose files are neither removed nor replaced, by anybody: "
            '`["cases/2026-17", "id/a.pdf"]`.',
        ),
    ] = ()


class LimitsConfig(Section, frozen=True):
    """Limits of one client and of all clients."""

    connections: Annotated[
        Positive,
        Doc(
            "同时的 WebSocket 连接和 `/stream` 应答数；超出时新的连接得到 503。",
            "WebSockets and `/stream` answers at a time; beyond it a new one is answered 503.",
        ),
    ] = 256
    connections_per_origin: Annotated[
        Positive,
        Doc(
            "其中同一用户同一来源的上限；非浏览器的程序合算为一个来源。其他用户至少为别人留下这么多。",
            "The same of one origin of one user; programs that are no browser count as one origin. Another "
            "user leaves at least as many to others.",
        ),
    ] = 64
    message_mib: Annotated[
        Positive,
        Doc(
            "客户端一条消息的上限，单位 MiB；超出时以 WebSocket 代码 1009 关闭该连接。",
            "The longest message a client may send, in MiB; a longer one closes its connection with "
            "WebSocket code 1009.",
        ),
    ] = 32
    message_seconds: Annotated[
        Positive,
        Doc(
            "一条消息自第一帧起在这么多秒内仍不完整，则以 WebSocket 代码 1008 关闭该连接。",
            "A message that is not complete so many seconds after its first frame closes its connection "
            "with WebSocket code 1008.",
        ),
    ] = 15
    waiting_requests: Annotated[
        Positive,
        Doc(
            "一个连接中等待的请求数；超出的请求各返回 1008。",
            "Requests of one connection that wait; beyond it each is answered 1008.",
        ),
    ] = 64
    requests_per_second: Annotated[
        Positive,
        Doc(
            "一个连接每秒的请求数，也是一次可连续发送的数目；超出的请求各返回 1010。",
            "Of one connection; so many may come at once. Beyond it each is answered 1010.",
        ),
    ] = 200
    waiting_mib: Annotated[
        Positive,
        Doc(
            "一个连接中正在到达、等待或正在处理的消息以及尚未取走的应答合计的上限，单位 MiB；超出时，4 KiB "
            "以上的消息各返回 1011。base64 中的文件连同解出的文件一起计算，为其文本的 2.5 倍。单独一条消息"
            "不论大小都会接收。",
            "Messages of one connection that arrive, wait or are worked on, and answers that it has not "
            "taken, together, in MiB; beyond it each message of more than 4 KiB is answered 1011. A file "
            "in base64 counts with the file that is made of it, two and a half times its text. A message "
            "that is alone is taken whatever its size.",
        ),
    ] = 64
    origin_waiting_mib: Annotated[
        Positive,
        Doc(
            "同一来源所有连接合计的同一上限，包括为它工作的其他进程；非浏览器的程序合算为一个来源。",
            "The same of all connections of one origin, with further processes that work for it; programs "
            "that are no browser count as one origin.",
        ),
    ] = 128
    all_waiting_mib: Annotated[
        Positive,
        Doc(
            "所有连接合计的同一上限。",
            "The same of all connections.",
        ),
    ] = 256
    picture_megapixels: Annotated[
        Positive,
        Doc(
            "由 GetServiceInfo 告知网页；也是网页所给图片的上限。所需内存超过解码进程所有的图片同样被拒绝："
            "全部解码进程合计可用本机或服务单元内存的一半。无论像素多少，每边最多 32,767 像素，长边最多为短"
            "边的 100 倍（3012、3013）。",
            "Told to pages by GetServiceInfo; the limit of pictures that pages give. One that needs more "
            "memory than a decoding process has is refused as well: all of them together have half of the "
            "memory of the machine, or of the service's unit. Whatever the pixels, a side has at most "
            "32,767, and a picture is at most 100 times as long as it is broad (3012, 3013).",
        ),
    ] = 120
    kept_minutes: Annotated[
        NotNegative,
        Doc(
            "拍照和扫描的原图在最后一次使用后保留的分钟数，供同一来源的网页用 ProcessImage 重新处理；保存在"
            "内存中，较大的放在没有名字的文件中；0 为不保留。下载地址的有效期相同，至少一分钟。",
            "Originals of captures and scans are kept in memory, large ones in a file without a name, for "
            "so long after they were used last, for pages of their origin and ProcessImage; 0 keeps none. "
            "Addresses of downloads are good for as long, a minute at the least.",
        ),
    ] = 10
    origin_kept_mib: Annotated[
        Positive,
        Doc(
            "一个来源的原图合计的上限，单位 MiB；最旧的让位给新的。",
            "The originals of one origin together; its oldest make room for new ones.",
        ),
    ] = 64
    all_kept_mib: Annotated[
        Positive,
        Doc(
            "所有原图合计的上限，且不超过本机或服务单元内存的十六分之一；由占用最多的来源让位。",
            "All originals together, never more than a sixteenth of the memory of the machine, or of the "
            "service's unit; those of the origin that has most make room.",
        ),
    ] = 256
    send_seconds: Annotated[
        Positive,
        Doc(
            "客户端在这么多秒内没有取走一条消息，则断开连接。",
            "A client that takes no message in so many seconds is dropped.",
        ),
    ] = 10


class LogConfig(Section, frozen=True):
    """Log on standard error."""

    level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        Doc(
            '`"DEBUG"`、`"INFO"`、`"WARNING"` 或 `"ERROR"`；`--log-level` 优先。',
            '`"DEBUG"`, `"INFO"`, `"WARNING"` or `"ERROR"`; `--log-level` goes before it.',
        ),
    ] = "INFO"
    format: Annotated[
        Literal["text", "json"],
        Doc(
            '`"text"`，或 `"json"`：每行一个 JSON 对象；`--log-format` 优先。',
            '`"text"`, or `"json"` for one JSON object a line; `--log-format` goes before it.',
        ),
    ] = "text"


class AuditConfig(Section, frozen=True):
    """Audit trail in files, without any content of requests."""

    enabled: Annotated[
        bool,
        Doc(
            "是否写审计记录：谁在何时使用了哪台设备，结果如何。",
            "Whether an audit trail is written: who used which device, when, and what came of it.",
        ),
    ] = False
    folder: Annotated[
        str,
        Doc(
            "存放的文件夹。为空时：在 systemd 下为 `$LOGS_DIRECTORY`，否则为 `$XDG_STATE_HOME/gaopai`，再否"
            "则为 `~/.local/state/gaopai`。不存在时创建，仅属主可访问。",
            "Where it lies. Empty: `$LOGS_DIRECTORY` under systemd, else `$XDG_STATE_HOME/gaopai`, else "
            "`~/.local/state/gaopai`. Made, for its owner alone, where it is missing.",
        ),
    ] = ""
    file_mib: Annotated[
        Positive,
        Doc(
            "文件将超过这么多 MiB 时压缩另存，并开始新的文件。",
            "A file that would grow beyond so many MiB is put aside, compressed, and a new one begun.",
        ),
    ] = 10
    file_days: Annotated[
        Positive,
        Doc(
            "文件满这么多天时同样处理。",
            "So is a file that is so many days old.",
        ),
    ] = 7
    files: Annotated[
        Annotated[int, msgspec.Meta(ge=2, le=10_000)],
        Doc(
            "保留的文件数，至少为 2；最旧的被删除。",
            "Files that are kept, at least 2; the oldest goes.",
        ),
    ] = 30
    lines_per_minute: Annotated[
        Positive,
        Doc(
            "一个来源每分钟可写的行数，可一次用掉十分钟的量；其余合计。",
            "Lines that one origin may write every minute, ten minutes of them at once; the rest is summed "
            "up.",
        ),
    ] = 60
    chained: Annotated[
        bool,
        Doc(
            "每行是否带有上一行的哈希，供 `gaopai audit verify` 校验。",
            "Whether each line carries the hash of the one before, for `gaopai audit verify`.",
        ),
    ] = True
    syslog: Annotated[
        Annotated[str, msgspec.Meta(pattern=r"^([^\s:/]+|\[[0-9A-Fa-f:]+\])?(:[0-9]{1,5})?$")],
        Doc(
            '同时接收每一行的日志服务器，使用基于 TLS 的 syslog：`"logs.example.cn"` 或'
            ' `"logs.example.cn:6514"`。见[运行](operation.zh.md#发送到日志服务器)。',
            'Collector that gets every line too, by syslog over TLS: `"logs.example.cn"` or '
            '`"logs.example.cn:6514"`. See [operation](operation.md#to-a-collector).',
        ),
    ] = ""
    syslog_authorities: Annotated[
        str,
        Doc(
            "用来验证其证书的证书，PEM 格式。为空时用系统的。",
            "Certificates, in PEM, that the collector's is judged by. Empty: the system's.",
        ),
    ] = ""
    syslog_certificate: Annotated[
        str,
        Doc(
            "向其出示的证书和密钥，PEM 格式。",
            "A certificate and its key, in PEM, to show to the collector.",
        ),
    ] = ""


class MetricsConfig(Section, frozen=True):
    """Metrics at ``/metrics``, in Prometheus' text format."""

    enabled: Annotated[
        bool,
        Doc(
            "`/metrics` 是否以 Prometheus 文本格式向本机程序提供数据。",
            "Whether `/metrics` answers programs of this computer with numbers in Prometheus' text format.",
        ),
    ] = False


class NoticeConfig(Section, frozen=True):
    """Notifications on the desktop."""

    cameras: Annotated[
        bool,
        Doc(
            "摄像头打开期间是否在桌面上显示通知。没有桌面时（例如作为系统服务运行）不显示。",
            "Whether the desktop shows a notification while a camera is open. Without a desktop, as under "
            "a system service, nothing is shown.",
        ),
    ] = True


class PreviewConfig(Section, frozen=True):
    """Previews."""

    still_fps: Annotated[
        NotNegative,
        Doc(
            "画面静止时每秒发送的帧数，可减轻浏览器和网络的负担；画面或轮廓一有变化便立即发送。`0` 表示发送"
            "每一帧。",
            "Pictures a second of a scene in which nothing moves, which spares the browser and the line; a "
            "scene that changes, or an outline that does, is shown at once. `0` shows every frame.",
        ),
    ] = 0


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
    signature: SignatureConfig = SignatureConfig()
    stamps: dict[StampName, StampConfig] = msgspec.field(default_factory=dict)
    """Stamps of the organisation by name."""
    recording: RecordingConfig = RecordingConfig()
    limits: LimitsConfig = LimitsConfig()
    preview: PreviewConfig = PreviewConfig()
    notice: NoticeConfig = NoticeConfig()
    log: LogConfig = LogConfig()
    audit: AuditConfig = AuditConfig()
    metrics: MetricsConfig = MetricsConfig()
    dialects: DialectsConfig = DialectsConfig()
    share: ShareConfig = ShareConfig()
    targets: dict[TargetName, TargetConfig] = msgspec.field(default_factory=dict)
    """Targets by name, each of its adapter's keys."""
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
