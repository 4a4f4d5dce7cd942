"""Functions and messages about papers that are to last: archive formats, signatures, verification."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import FILE_READING, WRITING, Example, Function
from server.protocol.messages.base import Answer, Base64, Path, Request, doc, redacted_repr
from server.protocol.messages.pictures import Fields, check_record

PDF_ONLY = LocalizedText("只用于 fileType 0 和 2", "it is for fileType 0 and 2 alone")
_NEEDS_3B = LocalizedText("附件需要 3b", "attachments need 3b")


class PaperRequest(Request, frozen=True, kw_only=True):
    """Request for a PDF that may have to last."""

    __repr__ = redacted_repr

    pdfa: Annotated[
        Literal["", "2b", "2u", "3b"],
        doc(
            "标准之外：按 ISO 19005 写出的 PDF（fileType 0 或 2），未经认证：2b；2u（文字可映射为 Unicode）；"
            "3b（可带附件）",
            "beyond the standard: a PDF (fileType 0 or 2) written to ISO 19005, not certified: 2b, 2u (its "
            "text has characters), 3b (with attachments)",
        ),
    ] = ""
    attach_originals: Annotated[
        bool,
        doc(
            "标准之外：pdfa 为 3b 时，把原文件附在其中",
            "beyond the standard: with pdfa 3b, attach the originals",
        ),
    ] = False
    rasterize: Annotated[
        bool,
        doc(
            "标准之外：true 时 PDF 的页面作为图片合并，用于不符合 PDF/A 的页面",
            "beyond the standard: true to merge pages of PDFs as pictures, for those that do not conform "
            "to PDF/A",
        ),
    ] = False
    signed: Annotated[
        Literal["refuse", "attach", "break"],
        doc(
            "标准之外：已签名的 PDF：refuse 拒绝；attach 合并并附上原件（pdfa 为 3b）；break 合并，签名失效",
            "beyond the standard: PDFs that are signed: refuse them, attach the original to what is merged "
            "(pdfa 3b), or break the signature",
        ),
    ] = "refuse"

    sign: Annotated[
        bool,
        doc(
            "标准之外：用本机或配置的密钥为生成的 PDF 签名",
            "beyond the standard: sign the PDF with the key of this machine or of the configuration",
        ),
    ] = False

    record: Annotated[
        Fields,
        doc(
            "标准之外：对象（可为空）：生成记录（JSON 和 XML），其中含此对象，例如操作员、窗口，"
            "以及本机拍摄的图片的设备、处理步骤、分辨率；"
            "有 attachOriginals 时附在 PDF 中，否则在文件旁（文件名加 .json、.xml）",
            "beyond the standard: an object, maybe empty: make a record (JSON and XML) with it inside, "
            "such as operator or window, and with device, stages and resolution of pictures that were taken "
            "here; in the PDF with attachOriginals, else beside the file (its name with .json and .xml)",
        ),
    ] = None

    def check_paper(self, is_pdf: bool) -> None:
        """Refuse wishes that contradict each other. Raises server.errors.BadParameter."""
        if (self.pdfa or self.sign) and not is_pdf:
            raise errors.BadParameter(field="pdfa" if self.pdfa else "sign", reason=PDF_ONLY)
        if (self.attach_originals or self.signed == "attach") and self.pdfa != "3b":
            raise errors.BadParameter(field="pdfa", reason=_NEEDS_3B)
        check_record(self.record)


class SignFileRequest(Request, frozen=True, kw_only=True):
    path: Annotated[Path, doc("要签名的文件", "the file to sign")]
    format: Annotated[
        Literal["", "c2pa"],
        doc(
            "c2pa：把内容凭证（C2PA）签入 JPEG：拍摄的设备、时间和处理步骤；为空时按文件类型",
            "c2pa: content credentials (C2PA) in a JPEG: device and time of the capture, and what was done "
            "to it; empty: by the kind of file",
        ),
    ] = ""
    file_path: Annotated[
        Path,
        doc(
            "生成的文件：PDF 为已签名的 PDF，c2pa 为已签名的 JPEG，其他文件为 .p7s 签名；"
            "为空时在原文件旁命名",
            "file to write: of a PDF the signed PDF, with c2pa the signed JPEG, of anything else its "
            "signature, .p7s; empty: beside it",
        ),
    ] = ""


class SignFileAnswer(Answer, frozen=True, kw_only=True):
    file_path: Annotated[str, doc("已写入的文件", "the file written")]


class VerifyFileRequest(Request, frozen=True, kw_only=True):
    """Request about a stored file or one that comes along."""

    __repr__ = redacted_repr

    path: Annotated[Path, doc("要验证的文件", "the file to verify")] = ""
    file_base64: Annotated[
        Base64, doc("文件的 base64；为空时读取 path", "it in base64; if empty, path is read")
    ] = ""
    signature_path: Annotated[
        Path, doc("PDF 以外文件的签名（.p7s）", "signature of a file that is no PDF")
    ] = ""
    signature_base64: Annotated[Base64, doc("该签名的 base64", "that signature in base64")] = ""

    def __post_init__(self) -> None:
        if not self.path and not self.file_base64:
            raise errors.MissingParameter(field="path/fileBase64")


class SignedByHand(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Handwriting that a signature seals."""

    __repr__ = redacted_repr

    signer: Annotated[str, doc("签字人，按发起网页所述", "who signed, as the page that asked told")]
    reason: Annotated[str, doc("签字的事由", "what it was signed for")]
    time: Annotated[
        str, doc("签字完成的时间，按签字电脑的时钟", "when the signer was done, by the clock of that machine")
    ]
    page: Annotated[int, doc("签在第几页", "page that was signed, from 1")]
    device: Annotated[
        Literal["screen", "tablet"], doc("签在屏幕还是手写板上", "where it was written: screen or tablet")
    ]
    strokes: Annotated[bool, doc("文件中有加密的笔画", "whether the strokes are in the document, encrypted")]


class FileSignature(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Verdict on one signature."""

    __repr__ = redacted_repr

    holds: Annotated[bool, doc("是否有效且文件未被改动", "whether it is valid and nothing was altered")]
    signer: Annotated[str, doc("证书的名称", "name in the certificate")]
    identity: Annotated[
        Literal["trusted", "unknown"],
        doc(
            "签名人是否受信任；没有配置受信任的证书时为 unknown",
            "whether the signer is trusted; else unknown",
        ),
    ]
    time: Annotated[str, doc("签名时间", "time of the signature")]
    time_source: Annotated[
        Literal["timestamp", "unproven", "clock", "none"],
        doc(
            "时间来源：受信任机构的时间戳、其他机构的时间戳（未获证明）、签名机器的时钟、没有",
            "source of the time: a trusted authority's time stamp, another's (proves nothing), the machine's "
            "clock, none",
        ),
    ]
    problems: Annotated[
        tuple[str, ...],
        doc(
            "不成立之处，例如 altered、certificate.expired",
            "what does not hold: altered, certificate.expired, ...",
        ),
    ]
    hand: Annotated[
        SignedByHand | None,
        doc(
            "手写签字；机器的签名没有此项。文件有效时，签字人所见的即是文件中的",
            "handwriting, if it seals one; where the signature holds, what was shown is in the file",
        ),
    ] = None


class FileAlteration(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Part of a recording that is not what was recorded."""

    begin: Annotated[float, doc("起点（秒）", "where it begins, in seconds")]
    end: Annotated[float | None, doc("终点（秒）；为空时直到末尾", "where it ends; null: all that follows")]


class FileRecording(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Statement of a recording about itself."""

    proven_seconds: Annotated[
        float,
        doc("自开头至此有自身的哈希为证", "time up to which its own hashes prove it, from its beginning"),
    ]
    alterations: Annotated[tuple[FileAlteration, ...], doc("被改动的部分", "parts that were altered")]
    seconds: Annotated[
        float | None,
        doc("时长；没有封签（例如断电）时为空", "length; null without a seal, as after a power cut"),
    ]
    begun: Annotated[
        str, doc("第一帧的时间，按本机时钟", "time of the first frame, by the clock of the machine")
    ]
    device: Annotated[str, doc("摄像头", "the camera")]
    reason: Annotated[str, doc("结束原因，见 StopRecord", "why it ended, as StopRecord tells")]
    software: Annotated[str, doc("录制程序及版本", "program that recorded it, and its version")]


class VerifyFileAnswer(Answer, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    holds: Annotated[bool, doc("有签名，且声明的内容全部成立", "it is signed, and all that it claims holds")]
    signatures: Annotated[tuple[FileSignature, ...], doc("各个签名", "the signatures")]
    problems: Annotated[
        tuple[str, ...],
        doc("整个文件的问题，例如 unsigned、updated", "of the file: unsigned, record.pages, ..."),
    ]
    pdfa: Annotated[str, doc("声明的 PDF/A 级别，例如 2b", "level of PDF/A that it claims, for example 2b")]
    breaches: Annotated[
        tuple[str, ...], doc("违反的条款（自行检查，未经认证）", "clauses broken, not certified")
    ]
    notes: Annotated[
        tuple[str, ...], doc("应当知道的，例如 javascript", "to be known, for example javascript")
    ]
    record: Annotated[
        dict[str, Any] | None, doc("文件内或文件旁的记录", "the record inside the file or beside it, if any")
    ] = None
    recording: Annotated[
        FileRecording | None, doc("录像的自证；其他文件没有", "what a recording says of itself; else none")
    ] = None


_SIGNING = (errors.SigningFailed, errors.ToolMissing, errors.DecoderUnavailable, errors.PictureTooLarge)

FUNCTIONS = (
    Function(
        request=SignFileRequest,
        answer=SignFileAnswer,
        errors=(*FILE_READING, *WRITING, *_SIGNING, errors.Cancelled),
        long=True,
        since="gaopai 0.2",
        summary=LocalizedText(
            "用本机或配置的密钥为文件签名：PDF 签在其中（PAdES），其他文件另存签名（CMS）。",
            "Sign a file with the key of this machine or of the configuration: a PDF inside (PAdES), "
            "anything else beside it (CMS).",
        ),
        example=Example(
            {"path": "/var/lib/gaopai/ab.pdf"}, SignFileAnswer(file_path="/var/lib/gaopai/ab-signed.pdf")
        ),
    ),
    Function(
        request=VerifyFileRequest,
        answer=VerifyFileAnswer,
        errors=(*FILE_READING, *_SIGNING, errors.PictureUnreadable, errors.Cancelled),
        long=True,
        since="gaopai 0.2",
        summary=LocalizedText(
            "验证文件的签名、时间和 PDF/A，以及录像的自证；result 为 0 表示已验证，结论在 holds 中。",
            "Verify signatures, times and PDF/A of a file, and what a recording proves; "
            "result 0: it was verified, holds is the verdict.",
        ),
        example=Example(
            {"path": "/var/lib/gaopai/ab-signed.pdf"},
            VerifyFileAnswer(
                holds=True,
                signatures=(
                    FileSignature(
                        holds=True,
                        signer="gaopai counter-7",
                        identity="unknown",
                        time="2026-11-28T02:15:30+00:00",
                        time_source="clock",
                        problems=(),
                    ),
                ),
                problems=(),
                pdfa="2b",
                breaches=(),
                notes=(),
            ),
        ),
    ),
)
"""Functions about papers that are to last, for the catalogue."""
