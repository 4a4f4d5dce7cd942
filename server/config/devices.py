"""Tables of devices."""

from __future__ import annotations

from typing import Annotated

import msgspec

from server.config.section import (
    Cue,
    Doc,
    Level,
    NonEmpty,
    NotLess,
    NotNegative,
    Positive,
    Section,
    Share,
    UsbId,
)


class SaneScannerConfig(Section, frozen=True, tag_field="adapter", tag="sane"):
    """Scanner that is not detected, or whose driver needs options."""

    device: Annotated[
        str,
        Doc(
            "SANE 对扫描仪的称呼，即 `scanimage -L` 显示的名称。",
            "SANE's name for the scanner, as `scanimage -L` prints it.",
        ),
    ]
    name: Annotated[
        str,
        Doc(
            "网页显示的名称；没有时为厂商和型号。",
            "What pages show; without it the maker's and model's names.",
        ),
    ] = ""
    options: Annotated[
        dict[str, bool | int | float | str],
        Doc(
            '每次扫描前设置的驱动选项：`options = { brightness = 10, "page-auto-rotate" = true }`。'
            "`scanimage -A -d 设备` 可列出全部选项。",
            "Driver options by name, set before each scan: `options = { brightness = 10, "
            '"page-auto-rotate" = true }`. `scanimage -A -d DEVICE` lists them.',
        ),
    ] = msgspec.field(default_factory=dict)


class DemoScannerConfig(Section, frozen=True, tag_field="adapter", tag="demo"):
    """Demo scanner, which draws its pages."""

    name: Annotated[
        str,
        Doc(
            "在 `[[cameras]]` 中尚未使用：名称为 “Demo Document Camera”。在 `[[scanners]]` 中为网页显示的名"
            "称。",
            'In `[[cameras]]` not in use yet: the camera is called "Demo Document Camera". In '
            "`[[scanners]]` what pages show.",
        ),
    ] = ""


Scanner = SaneScannerConfig | DemoScannerConfig


class VideoConfig(Section, frozen=True):
    """Cameras of this computer."""

    enabled: Annotated[
        bool,
        Doc(
            '是否使用 V4L2。不使用时，既不列出 USB 摄像头，也不列出 `adapter = "v4l2"` 的条目。',
            "Whether V4L2 is asked at all. Without it, neither USB cameras nor entries of `adapter = "
            '"v4l2"` are listed.',
        ),
    ] = True


class CardsConfig(Section, frozen=True):
    """Card readers."""

    enabled: Annotated[
        bool,
        Doc(
            "是否使用 PC/SC 读卡器，即社保卡和银行卡的读卡器。",
            "Whether PC/SC readers, those of social security and bank cards, are used.",
        ),
    ] = True
    answer_seconds: Annotated[
        Positive,
        Doc(
            "卡在这么多秒内没有应答一条命令即视为失去响应，网页收到 2004。",
            "A card that has not answered a command by then hangs, and the page gets 2004.",
        ),
    ] = 10
    samv: Annotated[
        tuple[str, ...],
        Doc(
            '身份证阅读器的串口：`["/dev/ttyUSB0"]`，最好写固定的链接 `["/dev/serial/by-id/..."]`。波特'
            "率自动识别。",
            'Serial ports of resident ID readers: `["/dev/ttyUSB0"]`, or better a link that stays, '
            '`["/dev/serial/by-id/..."]`. Their speed is found.',
        ),
    ] = ()
    samv_usb: Annotated[
        tuple[UsbId, ...],
        Doc(
            "要使用的 USB 身份证阅读器，写作 `lsusb` 显示的 `vendor:product`。",
            "USB resident ID readers to be used, by `vendor:product` as `lsusb` shows them.",
        ),
    ] = ("0400:c35a",)
    samv_pcsc: Annotated[
        tuple[NonEmpty, ...],
        Doc(
            "内置身份证模块的 PC/SC 读卡器名称的一部分，名称见 `gaopai devices`。",
            "Parts of the names of PC/SC readers that have a module for resident ID cards inside, as "
            "`gaopai devices` shows them.",
        ),
    ] = ()
    wlt_library: Annotated[
        str,
        Doc(
            "用户自备的身份证头像（WLT）解码动态库；没有开源的库。它在独立进程中运行，且必须属于 root。",
            "A shared library of yours that decodes the portraits of resident ID cards (WLT); none is "
            "free. It runs in a process of its own, and must belong to root.",
        ),
    ] = ""
    wlt_function: Annotated[
        str,
        Doc(
            "库中的函数，`int unpack(char *wlt, char *picture, int)`；没有最后一个参数的库也可使用。",
            "Its function, `int unpack(char *wlt, char *picture, int)`; libraries that leave out the last "
            "argument work too.",
        ),
    ] = "unpack"
    find_seconds: Annotated[
        Positive,
        Doc(
            "在这么多秒内没有列出的读卡器不再等待。",
            "Readers that are not listed by then are given up.",
        ),
    ] = 10
    wait_seconds: Annotated[
        Positive,
        Doc(
            "网页没有指定时，ReadIDCardInfo 等待放卡的秒数。",
            "How long ReadIDCardInfo waits for a card where the page does not say.",
        ),
    ] = 15


class FingerprintsConfig(Section, frozen=True):
    """Fingerprint sensors."""

    enabled: Annotated[
        bool,
        Doc(
            "是否通过 libfprint 使用指纹仪。",
            "Whether libfprint is asked for fingerprint sensors.",
        ),
    ] = True
    python: Annotated[
        str,
        Doc(
            "装有 libfprint 绑定（`gir1.2-fprint-2.0`、`python3-gi`）的 Python 解释器。为空时先试本服务所用"
            "的，再试 `/usr/bin/python3`。",
            "A Python that has libfprint's bindings (`gir1.2-fprint-2.0`, `python3-gi`). Empty: the "
            "service's own, else `/usr/bin/python3`.",
        ),
    ] = ""
    find_seconds: Annotated[
        Positive,
        Doc(
            "在这么多秒内没有列出的指纹仪不再等待。",
            "Sensors that are not listed by then are given up.",
        ),
    ] = 10
    wait_seconds: Annotated[
        Positive,
        Doc(
            "网页没有指定时，ReadFingerInfo 等待每次按压的秒数。",
            "How long ReadFingerInfo waits for each press where the page does not say.",
        ),
    ] = 15


class FacePairConfig(Section, frozen=True):
    """Colour and infrared camera that are one device, each by its name or id."""

    colour: NonEmpty
    infrared: NonEmpty


class InfraredLivenessConfig(Section, frozen=True):
    """Thresholds of liveness detection in infrared; see `imgcore.face.InfraredSettings`."""

    affine: Annotated[
        tuple[float, float, float, float, float, float] | None,
        Doc(
            "红外画面相对彩色画面的位置：`gaopai face calibrate` 给出的六个数。没有时不比较位置和大小。",
            "How the infrared picture lies to the colour one: six numbers that `gaopai face calibrate` "
            "prints. Without it, place and size are not compared.",
        ),
    ] = None
    aspects: Annotated[
        tuple[NotLess, NotLess] | None,
        Doc(
            "得出 `affine` 时彩色和红外画面的宽高比；画面宽高比不同时不比较位置和大小。",
            "Width over height of the colour and infrared pictures that `affine` was found with; with "
            "pictures of other shapes, place and size are not compared.",
        ),
    ] = None
    looks: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=10)],
        Doc(
            "红外灯亮时所看的帧数（1 到 10）达到此数才作判断。",
            "Frames, 1 to 10, taken while the infrared light was on, before a verdict.",
        ),
    ] = 3
    least_overlap: Annotated[
        Share,
        Doc(
            "两个画面中人脸框至少重叠多少，0 到 1。",
            "How much the two boxes of the face must overlap, 0 to 1.",
        ),
    ] = 0.4
    eye_ratio: Annotated[
        tuple[NotLess, NotLess],
        Doc(
            "红外中两眼距离与预期之比的下限和上限。",
            "Least and most of the eyes' distance in infrared, in parts of the expected.",
        ),
    ] = (0.8, 1.25)
    unlit: Annotated[
        Level,
        Doc(
            "红外灯亮时，最亮的五十分之一像素所达到的灰度，0 到 255。",
            "Grey level, 0 to 255, that the brightest fiftieth of a lit frame reaches.",
        ),
    ] = 20.0
    strobe: Annotated[
        Share,
        Doc(
            "比最亮一帧的这个比例还暗的帧是在两次闪光之间拍的，不算。",
            "A frame that is darker than this share of the brightest one was taken between two flashes and "
            "does not count.",
        ),
    ] = 0.5
    brightness: Annotated[
        tuple[Level, Level],
        Doc(
            "人脸灰度的下限和上限。",
            "Least and most grey level of the face.",
        ),
    ] = (40.0, 220.0)
    most_saturated: Annotated[
        Share,
        Doc(
            "人脸上允许过曝的比例。",
            "Share of the face that may be white.",
        ),
    ] = 0.1
    least_contrast: Annotated[
        NotLess,
        Doc(
            "人脸亮度与头部两侧及上方亮度之比的下限。0 表示不用。",
            "The face, divided by what is beside and above the head. 0 leaves it out.",
        ),
    ] = 1.15
    least_relief: Annotated[
        Share,
        Doc(
            "脸颊边缘至少比中间暗多少，0 到 1。0 表示不用。",
            "How much darker the edges of the cheeks must be than the middle, 0 to 1. 0 leaves it out.",
        ),
    ] = 0.12
    least_texture: Annotated[
        Share,
        Doc(
            "人脸亮度减去平滑曲面后至少剩下多少，0 到 1。0 表示不用。",
            "What a smooth surface must leave of the face's light, 0 to 1. 0 leaves it out.",
        ),
    ] = 0.03
    least_depth: Annotated[
        Share,
        Doc(
            "鼻子在两个摄像头之间至少突出多少，以两眼距离计。0 表示不用。",
            "How far the nose must stand out between the two cameras, in distances of the eyes. 0 leaves "
            "it out.",
        ),
    ] = 0.0

    def __post_init__(self) -> None:
        for name, (least, most) in (("eye_ratio", self.eye_ratio), ("brightness", self.brightness)):
            if least >= most:
                raise ValueError(f"`{name}` is the least and the most, the first below the second")


class FaceLivenessConfig(Section, frozen=True):
    """Thresholds of liveness detection; see `imgcore.face.LivenessSettings`."""

    threshold: Annotated[
        Share,
        Doc(
            "活体的最低分数，0 到 1：两个网络对最近各帧打分的中位数。",
            "The least score of a live face, 0 to 1: the median of the nets' scores over the newest frames.",
        ),
    ] = 0.7
    frames: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=30)],
        Doc(
            "作出判断前需要的帧数，1 到 30；服务每秒最多看十帧。",
            "Frames, 1 to 30, before a verdict; the service takes up to ten a second.",
        ),
    ] = 5
    window: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=30)],
        Doc(
            "参与判断的最近帧数，不少于 `frames`。",
            "The newest frames that count, at least `frames`.",
        ),
    ] = 7
    bezel: Annotated[
        Cue,
        Doc(
            "脸四周的矩形边框看得多完整（0 到 1）就算是手机或纸张。2 表示不用。",
            "How far a rectangular border around the face must be seen, 0 to 1, to be taken for a phone's "
            "or a sheet's. 2 leaves it out.",
        ),
    ] = 0.85
    moire: Annotated[
        Cue,
        Doc(
            "脸上某一频率突出到多少（0 到 1）就算是屏幕的纹路。2 表示不用。",
            "How far one frequency must stand out of the face, 0 to 1, to be taken for a screen's pattern. "
            "2 leaves it out.",
        ),
    ] = 0.7
    infrared: InfraredLivenessConfig = InfraredLivenessConfig()

    def __post_init__(self) -> None:
        if self.window < self.frames:
            raise ValueError("`window` holds at least the `frames` that are needed")


class FacesConfig(Section, frozen=True):
    """Face cameras."""

    pairs: Annotated[
        tuple[FacePairConfig, ...],
        Doc(
            '作为一个设备的彩色和红外摄像头：`[{colour = "USB Camera", infrared = "USB Camera 2"}]`，用'
            " `gaopai devices` 列出的名称或 id。仅在由地址和名称看不出时需要。",
            'Colour and infrared cameras that are one device: `[{colour = "USB Camera", infrared = "USB '
            'Camera 2"}]`, each by its name or id as `gaopai devices` prints them. Needed only where '
            "neither address nor name tells.",
        ),
    ] = ()
    wait_seconds: Annotated[
        Positive,
        Doc(
            "网页没有指定时，FaceMatch 最长等待镜头前的人的秒数。",
            "How long FaceMatch waits for the person before the camera where the page does not say.",
        ),
    ] = 10
    insightface_pack: Annotated[
        str,
        Doc(
            "InsightFace 模型包所在的文件夹，用于检测和比对人脸；为空时使用 `gaopai models` 的模型。见[人脸"
            "](faces.zh.md#insightface-模型包)。",
            "A folder with a model pack of InsightFace's, to find and compare faces with; empty: the "
            "models of `gaopai models`. See [faces](faces.md#packs-of-insightface).",
        ),
    ] = ""
    accept_noncommercial: Annotated[
        bool,
        Doc(
            "表示知道并遵守该模型包仅限非商业研究使用的许可。不写为 true 而配置了模型包时，服务不启动。",
            "That the licence of that pack, for non-commercial research only, is known and kept. Without "
            "it the service does not start with a pack.",
        ),
    ] = False
    liveness: FaceLivenessConfig = FaceLivenessConfig()

    def __post_init__(self) -> None:
        if self.insightface_pack and not self.accept_noncommercial:
            raise ValueError(
                "faces.insightface_pack: packs of InsightFace's are licensed for non-commercial research "
                "only; write accept_noncommercial = true if that is what you do, or have their leave"
            )


class ScanConfig(Section, frozen=True):
    """Scanners."""

    enabled: Annotated[
        bool,
        Doc(
            "是否使用 SANE。",
            "Whether SANE is asked at all.",
        ),
    ] = True
    find_seconds: Annotated[
        Positive,
        Doc(
            "驱动在这么多秒内没有列出扫描仪即放弃。",
            "Drivers that have not listed their scanners by then are given up.",
        ),
    ] = 30
    silence_seconds: Annotated[
        Positive,
        Doc(
            "驱动这么多秒没有动静即视为失去响应：结束驱动，网页收到 2004。灯管预热可能需要一分钟。",
            "A driver that does nothing for so many seconds hangs: it is ended, and the page gets 2004. A "
            "lamp may take a minute to warm up.",
        ),
    ] = 90
    driver_folders: Annotated[
        tuple[NonEmpty, ...],
        Doc(
            "除通常所需的目录外，驱动还可读写的目录：驱动不能接触账户的文件。只在厂商驱动因此出错时才需要。",
            "Folders that drivers may read and change beside those that they usually need: drivers are "
            "kept from the files of the account. Only for a maker's driver that fails otherwise.",
        ),
    ] = ()


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

    enabled: Annotated[
        bool,
        Doc(
            "是否在内核的输入设备中寻找按钮。未在配置中指定的键盘从不打开。",
            "Whether the kernel's input devices are looked at for buttons. Keyboards that are not named "
            "are never opened.",
        ),
    ] = True
    camera_keys: Annotated[
        tuple[KeyCode, ...],
        Doc(
            "摄像头自带按钮中算数的键：212 快门，528 对焦，533 至 538 变焦和方向。",
            "Keys of cameras' own buttons that count: 212 release, 528 focus, 533 to 538 zoom and "
            "directions.",
        ),
    ] = (KEY_CAMERA,)
    debounce_ms: Annotated[
        NotNegative,
        Doc(
            "按下之后的这么多毫秒内，同一个键不再计数。",
            "Milliseconds after a press in which the same key does not count again.",
        ),
    ] = 200
    switches: Annotated[
        tuple[SwitchConfig, ...],
        Doc(
            "脚踏开关，每个为一个 `[[buttons.switches]]` 表：`device` 为名称或 `vendor:product`；`keys` 为"
            "算数且告知网页的键码，默认任何键都算而不告知；`grab` 为 `true` 时，在有网页等待按键期间其他程"
            "序收不到它的键（[摄像头](cameras.zh.md)）。",
            "Foot switches, each a table `[[buttons.switches]]` with `device`, its name or "
            "`vendor:product`; `keys`, the numbers of keys that count and that pages are told, all without "
            "being told by default; `grab`, `true` to keep its keys from other programs while a page waits "
            "for them ([cameras](cameras.md#buttons-and-foot-switches)).",
        ),
    ] = ()
