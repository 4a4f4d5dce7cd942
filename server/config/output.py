"""Configuration of the pictures that captures and scans give."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.config.section import Doc, Positive, Section, Share

Position = Literal[0, 1, 2, 3, 4, 5, 6, 7, 8, "tiled"]


class WatermarkConfig(Section, frozen=True):
    """Watermark of every picture, which requests may change."""

    text: Annotated[
        Annotated[str, msgspec.Meta(max_length=200)],
        Doc(
            "每张图片上的文字，最后画上；空为不加",
            "text over every picture, drawn last; empty for none",
        ),
    ] = ""
    position: Annotated[
        Position,
        Doc(
            '从左上 0 逐行到右下 8，或 `"tiled"` 铺满',
            '0, the top left, row by row to 8, the bottom right, or `"tiled"`',
        ),
    ] = 8
    angle: Annotated[
        Annotated[float, msgspec.Meta(ge=-180, le=180)] | None,
        Doc(
            "逆时针角度；不设时铺满为 30，否则为 0",
            "degrees, counter-clockwise; without it 30 where tiled, else 0",
        ),
    ] = None
    opacity: Annotated[
        Share,
        Doc(
            "不透明度，0 到 1",
            "0 to 1",
        ),
    ] = 0.5
    size: Annotated[
        Annotated[float, msgspec.Meta(gt=0, le=50)],
        Doc(
            "字高，占图片短边的百分比",
            "height of the letters in percent of the picture's shorter side",
        ),
    ] = 4.0
    colour: Annotated[
        Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$")],
        Doc(
            "`#rrggbb`",
            "as `#rrggbb`",
        ),
    ] = "#606060"
    time: Annotated[
        bool,
        Doc(
            "另起一行加上日期和时间",
            "add date and time in a line of their own",
        ),
    ] = False


class CropConfig(Section, frozen=True):
    """Crops of captures, scans and previews."""

    when_unsure: Annotated[
        Literal["whole", "crop"] | None,
        Doc(
            '找到但不可信的文档，拍摄、扫描、预览和 `ProcessImage` 如何处理：`"whole"` 给出整幅图片，应答'
            '中有它的四个角；`"crop"` 仍然裁切，应答中说明为何不可信。不设时为整幅图片；认得桌面的摄像头'
            "对新出现的文档没有疑问。",
            "What captures, scans, previews and `ProcessImage` do with a document that was found and not "
            'trusted: `"whole"` gives the whole picture, and its answer has the corners; `"crop"` cuts '
            "it, and its answer says why it was doubted. Without it whole; a camera that knows its desk "
            "doubts nothing that has come to it.",
        ),
    ] = None


class OutputConfig(Section, frozen=True):
    """Pictures of captures and scans; requests may say otherwise for theirs."""

    quality: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=100)] | None,
        Doc(
            "JPEG 和 WebP 的质量，1 到 100；不设时为 92，没有任何改动时为摄像头的原始数据",
            "1 to 100, of JPEG and WebP; without it 92, or the camera's own bytes where nothing is changed",
        ),
    ] = None
    max_bytes: Annotated[
        Positive | None,
        Doc(
            "每个文件的上限：取放得下的最好质量，再不行就缩小；放不下的 PNG、BMP、TIFF 报错",
            "limit of each file: the best quality that fits, then fewer pixels; PNG, BMP and TIFF that do "
            "not fit are refused",
        ),
    ] = None
    dpi: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=9600)] | None,
        Doc(
            "写入 JPEG、PNG、TIFF、PDF 的分辨率；不设时为扫描的、已标定台面的，或已知为 A4、Letter 的纸张的"
            "分辨率",
            "resolution that JPEG, PNG, TIFF and PDF state; without it that of the scan, of a measured "
            "desk, or of a sheet that is known to be A4 or Letter",
        ),
    ] = None
    color_mode: Annotated[
        Literal[0, 1, 2],
        Doc(
            "0 按处理结果，1 灰度，2 黑白",
            "0 as processed, 1 grey, 2 black and white",
        ),
    ] = 0
    name: Annotated[
        str,
        Doc(
            '请求没有指定文件名时的模板，例如 `"{date}/{date}-{seq}.jpg"`；可用 `{date}`、`{time}`、'
            "`{seq}` 或 `{seq:6}`、`{barcode}`、`{idNum}`（十分钟内读过的卡）、`{case}`（网页告知的案号）；"
            "从不覆盖文件",
            "template of the names of files that requests do not name, such as "
            '`"{date}/{date}-{seq}.jpg"`; `{date}`, `{time}`, `{seq}` or `{seq:6}`, `{barcode}`, '
            "`{idNum}` (of a card read within ten minutes), `{case}` (that the page has told); "
            "no file is ever replaced",
        ),
    ] = ""
    font: Annotated[
        str,
        Doc(
            "水印的字体文件；不设时用此电脑上包含全部文字的最好字体",
            "font file of watermarks; without it the best of this computer that has all characters",
        ),
    ] = ""
    watermark: WatermarkConfig = WatermarkConfig()


class ArchiveConfig(Section, frozen=True):
    """Signatures of files."""

    key: Annotated[
        str,
        Doc(
            "PEM 或 PKCS#12 的密钥和证书，或 PKCS#11 密码设备的库文件。为空时使用为本机生成的密钥，它只证明"
            "未被改动，不证明是谁签的。",
            "Key and certificate in PEM or PKCS#12, or the library of a PKCS#11 token. Empty: a key that "
            "is made for this machine, which shows that nothing was altered and not who signed.",
        ),
    ] = ""
    password_file: Annotated[
        str,
        Doc(
            "存放密钥口令或密码设备 PIN 的文件。",
            "File with the key's password, or the token's PIN.",
        ),
    ] = ""
    token: Annotated[
        str,
        Doc(
            "PKCS#11 密码设备的标签。",
            "Label of the PKCS#11 token.",
        ),
    ] = ""
    label: Annotated[
        str,
        Doc(
            "密码设备中密钥和证书的标签。",
            "Label of the key and the certificate on the token.",
        ),
    ] = ""
    stamps: Annotated[
        Annotated[str, msgspec.Meta(pattern="^(https?://.*)?$")],
        Doc(
            "时间戳服务器（RFC 3161）。为空时签名时间为本机时钟。",
            "Server of time stamps (RFC 3161). Empty: the time of a signature is the clock of the machine.",
        ),
    ] = ""
    trust: Annotated[
        str,
        Doc(
            "受信任的证书和吊销列表（PEM 文件），用于 `VerifyFile`。",
            "File of certificates that are trusted, and lists of revoked ones, in PEM, for `VerifyFile`.",
        ),
    ] = ""


class SignatureConfig(Section, frozen=True):
    """Handwritten signatures."""

    keep: Annotated[
        Literal["picture", "strokes"],
        Doc(
            '`"picture"`：只保留字迹的样子；`"strokes"`：另把带时间和压力的笔画加密存入文件，只有 '
            "`recipient` 的持有者能读。",
            '`"picture"`: the look of a signature alone; `"strokes"`: also its strokes with time and '
            "pressure, encrypted in the document for the owner of `recipient` alone.",
        ),
    ] = "picture"
    recipient: Annotated[
        str,
        Doc(
            "单位的 RSA 证书（PEM 文件），笔画为其加密；其私钥不应在本机上。",
            "File of the organisation's RSA certificate in PEM, for which strokes are encrypted; its key "
            "should not be on this machine.",
        ),
    ] = ""

    def __post_init__(self) -> None:
        if self.keep == "strokes" and not self.recipient:
            raise ValueError('signature.keep: "strokes" needs the certificate of `recipient`')


StampName = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f]{1,40}$")]


class StampConfig(Section, frozen=True):
    """Stamp of the organisation, from a file or as text in a frame."""

    file: Annotated[
        str,
        Doc(
            "图片文件或单页 PDF，白色和透明处不盖印。",
            "Picture, or a PDF of one page; what is white or transparent in it is no ink.",
        ),
    ] = ""
    text: Annotated[
        Annotated[str, msgspec.Meta(max_length=200)],
        Doc(
            "没有文件时，带框的文字，可多行；可用 `{date}`、`{time}`、`{clerk}`（请求告知的经办人）、"
            "`{case}`（网页告知的案号）。",
            "Without a file: text in a frame, of one line or several, with `{date}`, `{time}`, `{clerk}` "
            "(that the request tells) and `{case}` (that the page has told).",
        ),
    ] = ""
    colour: Annotated[
        Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$")],
        Doc(
            "文字的颜色，`#rrggbb`。",
            "Colour of the text, as `#rrggbb`.",
        ),
    ] = "#C00000"
    width: Annotated[
        Annotated[float, msgspec.Meta(gt=0, le=500)],
        Doc(
            "印章的宽度，毫米；请求可另定。",
            "Width in mm, where a request asks for no other.",
        ),
    ] = 40.0

    def __post_init__(self) -> None:
        if bool(self.file) == bool(self.text.strip()):
            raise ValueError("stamps: a stamp has either `file` or `text`")


class AdminConfig(Section, frozen=True):
    """Settings view at ``/admin``, for the account that runs the service."""

    enabled: Annotated[
        bool,
        Doc(
            "是否在 `/admin` 为运行服务的账户提供设置页（[管理](administration.zh.md#设置页)）。",
            "Whether `/admin` shows settings to the account that runs the service "
            "([administration](administration.md#the-settings-view)).",
        ),
    ] = True
