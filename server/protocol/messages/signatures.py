"""Functions and messages of handwritten signatures."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText, signatures
from server.protocol.function import DECODING, FILE_READING, WRITING, DeviceReference, Example, Function
from server.protocol.messages.base import (
    Answer,
    Base64,
    Milliseconds,
    Path,
    Picture,
    Request,
    doc,
    redacted_repr,
)

Millimetres = Annotated[float, msgspec.Meta(ge=0, le=5000)]
"""Length on a page as it is shown."""
FIELD_WIDTH = 50.0
"""Width of a field whose request states none, in mm."""
FIELD_HEIGHT = 20.0
"""Height of a field whose request states none, in mm."""
_NO_SIZE = LocalizedText("须大于 1 毫米", "it has to be larger than 1 mm")
_LEAST = 1.0
"""Least width and height of a field, in mm."""


def _desk(_: object) -> DeviceReference:
    """Return what a request for a signature, and its end, are about."""
    return DeviceReference("signature", None)


class RequestSignatureRequest(Request, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    image_base64: Picture = ""
    image_path: Annotated[
        Path, doc("要签字的 PDF、图片或 TIFF 文件", "the PDF, picture or TIFF to be signed", "imgPath")
    ] = ""
    signer: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=100)],
        doc("签字人，显示在签字页上，写入文件", "who is to sign: shown to the signer, and kept in the file"),
    ]
    reason: Annotated[
        Annotated[str, msgspec.Meta(max_length=200)],
        doc("签字的事由，可为空", "what it is signed for; may be empty"),
    ] = ""
    page: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=100_000)], doc("签在第几页，从 1 起", "page to sign, from 1")
    ] = 1
    left: Annotated[
        Millimetres | None,
        doc(
            "签字框的左边，从所见页面的左上角起，毫米",
            "left of the field in mm from the page's top left as it is shown",
        ),
    ] = None
    top: Annotated[Millimetres | None, doc("签字框的上边，毫米", "top of the field in mm")] = None
    width: Annotated[Millimetres, doc("签字框的宽，毫米", "width of the field in mm")] = FIELD_WIDTH
    height: Annotated[Millimetres, doc("签字框的高，毫米", "height of the field in mm")] = FIELD_HEIGHT
    find: Annotated[
        Annotated[str, msgspec.Meta(max_length=40)],
        doc(
            "代替 page、left、top：标明位置的文字，例如“签字”；签字框在其右侧，放不下时在其下方",
            "in place of page, left and top: text that marks the place, such as 签字; the field is to the "
            "right of it, or below it where there is no room",
        ),
    ] = ""
    read_to_end: Annotated[
        bool, doc("须翻到文件末尾才能签字", "it can be signed only after it was scrolled to its end")
    ] = True
    countersign: Annotated[
        bool,
        doc(
            "文件已有签名，这是其后的签字人；没有此项时已签名的文件返回 4024",
            "the document is signed, and this is a further signer; without it a signed one answers 4024",
        ),
    ] = False
    timeout: Annotated[Milliseconds, doc("等待签字的毫秒数", "time to wait for the signature, in ms")] = (
        300_000
    )
    file_path: Annotated[
        Path | None,
        doc(
            "签好的 PDF；没有时为 imagePath 加 -signed，上传的图片则只在应答中带回",
            "the signed PDF; absent: the name of imagePath with -signed, and of a picture that was sent, in "
            "the answer alone",
        ),
    ] = None
    base64: Annotated[bool, doc("应答中带回签好的 PDF", "give the signed PDF back in the answer")] = False

    def __post_init__(self) -> None:
        if not self.image_base64 and not self.image_path:
            raise errors.MissingParameter(field="imageBase64/imagePath")
        if not self.find:
            for field, value in (("left", self.left), ("top", self.top)):
                if value is None:
                    raise errors.MissingParameter(field=field)
        for field, size in (("width", self.width), ("height", self.height)):
            if size < _LEAST:
                raise errors.BadParameter(field=field, reason=_NO_SIZE)


class RequestSignatureAnswer(Answer, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    file_path: Annotated[str | None, doc("签好的 PDF，如已写入文件", "the signed PDF, if it was written")] = (
        None
    )
    file_base64: Annotated[Base64 | None, doc("签好的 PDF 的 base64", "the signed PDF in base64")] = None
    document: Annotated[
        str,
        doc(
            "签字人所见文件的 SHA-256；签好的 PDF 以该文件的字节开头",
            "SHA-256 of the document that was shown; the signed PDF begins with its bytes",
        ),
    ]
    time: Annotated[
        str, doc("签字完成的时间，按本机时钟", "when the signer was done, by the machine's clock")
    ]
    svg: Annotated[str, doc("字迹，SVG，背景透明", "the handwriting in SVG, without a background")]
    png: Annotated[
        Base64,
        doc("字迹，PNG 的 base64，背景透明", "the handwriting as a PNG in base64, without a background"),
    ]
    pointer: Annotated[Literal["", "pen", "touch", "mouse"], doc("用什么签的", "what it was written with")]


class CancelSignatureRequest(Request, frozen=True):
    pass


class CancelSignatureAnswer(Answer, frozen=True):
    pass


class SignaturePush(Answer, frozen=True, kw_only=True):
    """Notice of a signature that is under way; has the reqId of RequestSignature."""

    event: Annotated[Literal["OnSignature"], doc("事件", "event")]
    state: Annotated[
        Literal["waiting", "opened", "read", "writing", "sealing"],
        doc(
            "waiting 等待打开 url；opened 签字人已看到文件；read 已翻到末尾；writing 正在写；"
            "sealing 已写完，正在封存",
            "waiting: url is to be opened; opened: the signer sees the document; read: it was scrolled to "
            "its end; writing; sealing: the signer is done, the document is being sealed",
        ),
    ]
    url: Annotated[
        str | None,
        doc(
            "state 为 waiting 时：签字页的地址，两分钟内有效，只能打开一次；请在第二屏幕上打开",
            "in state waiting: address of the page for signing, good once and for two minutes, for the "
            "second screen",
        ),
    ] = None


_SIGNING = (
    signatures.SignatureBusy,
    signatures.SignatureTimeout,
    signatures.SignerLeft,
    signatures.PlaceOffPage,
    signatures.NoSuchPage,
    signatures.SignedAlready,
    signatures.PlaceNotFound,
    signatures.PlaceTaken,
    errors.SigningFailed,
    errors.ToolMissing,
    errors.TooMuchWaiting,
    errors.Cancelled,
)

FUNCTIONS = (
    Function(
        request=RequestSignatureRequest,
        answer=RequestSignatureAnswer,
        pushes=(SignaturePush,),
        pushed_as="Notify",
        errors=(*FILE_READING, *DECODING, *WRITING, *_SIGNING),
        long=True,
        device=_desk,
        since="gaopai 0.2",
        summary=LocalizedText(
            "请人在第二屏幕上阅读文件并手写签字；字迹与所见文件的哈希一起封存在 PDF 签名中。",
            "Have a person read a document on the second screen and sign it by hand; the handwriting is "
            "sealed in the PDF's signature, with the hash of the document that was shown.",
        ),
        example=Example(
            {
                "imagePath": "/var/lib/gaopai/contract.pdf",
                "signer": "张三",
                "page": 2,
                "left": 120,
                "top": 240,
            },
            RequestSignatureAnswer(
                file_path="/var/lib/gaopai/contract-signed.pdf",
                document="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                time="2026-11-28T10:15:30+08:00",
                svg='<svg xmlns="http://www.w3.org/2000/svg"/>',
                png="iVBORw0KGgo=",
                pointer="pen",
            ),
            SignaturePush(event="OnSignature", state="waiting", url="http://127.0.0.1:8082/sign#ticket=Zk3v"),
        ),
    ),
    Function(
        request=CancelSignatureRequest,
        answer=CancelSignatureAnswer,
        stops=True,
        device=_desk,
        since="gaopai 0.2",
        summary=LocalizedText(
            "取消本连接正在等待的签字；没有可取消的也返回成功。",
            "Cancel the signature that this connection waits for. Success also when there is none.",
        ),
        example=Example({}, CancelSignatureAnswer()),
    ),
)
"""Functions of handwritten signatures, for the catalogue."""
