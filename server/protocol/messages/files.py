"""Functions and messages of upload and merging."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import DECODING, FILE_READING, WRITING, Example, Function
from server.protocol.messages.archive import PDF_ONLY, PaperRequest
from server.protocol.messages.base import Answer, Base64, Base64s, Path, Paths, Picture, Request, doc
from server.protocol.messages.pictures import MaxBytes, Profile

FormFields = Annotated[
    dict[
        Annotated[str, msgspec.Meta(max_length=256)],
        Annotated[tuple[Annotated[str, msgspec.Meta(max_length=65_536)], ...], msgspec.Meta(max_length=200)],
    ],
    msgspec.Meta(max_length=200),
]
"""Form parameters by name, each with its values in order; numbers arrive as text."""


TargetName = Annotated[str, msgspec.Meta(max_length=64)]
RETRY = doc(
    "失败后由服务稍后重试，直到成功（须在配置中启用）",
    "let the service try again later until it succeeds (if the configuration allows it)",
)
QUEUED = doc("失败后是否已排队重试", "with an error: whether it will be tried again")


class DeliveryReceipt(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """DeliveryReceipt of a file that a target has, complete."""

    target: Annotated[str, doc("目标的名称", "name of the target")]
    name: Annotated[str, doc("文件名", "name of the file")]
    place: Annotated[
        str,
        doc(
            "文件在目标中的名称、邮件标识或编号",
            "its name there, or the number of a message or document",
        ),
    ]
    size: Annotated[int, doc("字节数", "its size in bytes")]
    sha256: Annotated[str, doc("内容的 SHA-256", "SHA-256 of its content")]
    already: Annotated[
        bool, doc("目标中原已有此文件，没有再次发送", "whether it was there before, and not sent again")
    ]


RECEIPTS = doc("发往目标时：已送达的文件", "with a target: the files that it has")


class UploadHttpFileRequest(Request, frozen=True, kw_only=True):
    profile: Profile = None
    url: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=4096)] | None,
        doc("上传地址，须在允许的地址之内", "where to send it; one of the allowed addresses"),
    ] = None
    target: Annotated[
        TargetName,
        doc(
            "标准之外：代替 url，配置中目标的名称（见 GetServiceInfo）",
            "beyond the standard: in place of url, the name of a target, as GetServiceInfo lists them",
        ),
    ] = ""
    image_base64: Picture = ""
    image_path: Annotated[
        Paths, doc("图片路径，多个文件用 ; 隔开", "files to send, with ; between several", "imgPath")
    ] = ()
    params: Annotated[
        FormFields,
        doc(
            "表单的参数；重复的键和数组成为重复的字段",
            "form parameters by name; repeated keys and arrays become repeated fields",
        ),
    ] = msgspec.field(default_factory=dict)
    retry: Annotated[bool, RETRY] = False
    progress: Annotated[
        bool,
        doc(
            "标准之外：发往目标时，true 时推送进度 Notify（OnProgress）",
            "beyond the standard: with a target, true for notices of the progress, Notify (OnProgress)",
        ),
    ] = False

    def __post_init__(self) -> None:
        if not self.url and not self.target:
            raise errors.MissingParameter(field="url/target")
        if self.url and self.target:
            reason = LocalizedText("url 和 target 只能有一个", "there is a url, too")
            raise errors.BadParameter(field="target", reason=reason)
        if not self.image_base64 and not self.image_path:
            raise errors.MissingParameter(field="imageBase64/imagePath")


class UploadHttpFileAnswer(Answer, frozen=True, kw_only=True):
    """Answer; with an error it has the server's answer, if there is one."""

    status: Annotated[int | None, doc("HTTP 状态码", "HTTP status")] = None
    response: Annotated[str | None, doc("服务器应答，可能被截短", "the server's answer, maybe cut")] = None
    queued: Annotated[bool | None, QUEUED] = None
    receipts: Annotated[tuple[DeliveryReceipt, ...] | None, RECEIPTS] = None


Pictures = Annotated[
    Base64s,
    doc(
        "标准之外：一张或多张图片的 base64，按此顺序；为空时读取 imagePath",
        "beyond the standard: one or several pictures in base64, in this order; if empty, imagePath is read",
    ),
]
PileOfFiles = Annotated[Paths, doc("图片路径的数组，按此顺序", "the pictures, in this order", "imgPath")]
PageNumber = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class ProposeSplitRequest(Request, frozen=True, kw_only=True):
    image_base64: Pictures = ()
    image_path: PileOfFiles = ()

    def __post_init__(self) -> None:
        if not self.image_base64 and not self.image_path:
            raise errors.MissingParameter(field="imageBase64/imagePath")


class ProposedStart(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Page that seems to begin another document."""

    page: Annotated[int, doc("页码，从 1 开始", "the page, from 1")]
    reason: Annotated[
        Literal["size", "orientation", "paper", "letterhead"],
        doc("大小、方向、纸张颜色或信头不同", "another size, orientation or paper, or a letterhead"),
    ]
    score: Annotated[float, doc("把握，0 到 1", "how sure that is, 0 to 1")]


class ProposeSplitAnswer(Answer, frozen=True, kw_only=True):
    """Proposal; nothing is written."""

    starts: Annotated[tuple[ProposedStart, ...], doc("建议的新文件首页", "pages at which to split")]


class MergeFileRequest(PaperRequest, frozen=True, kw_only=True):
    profile: Profile = None
    image_base64: Pictures = ()
    image_path: PileOfFiles = ()
    file_type: Annotated[
        Literal[0, 1, 2, 3, 4, 5, 6],
        doc(
            "文件类型：0 PDF；1 多页 TIFF；2 可搜索的 PDF；3 OFD（能识别文字时带文字层）；"
            "4 识别出的纯文本（txt）；5 识别出的文字，每行一段（docx）；"
            "6 识别出的表格，每页一个工作表（xlsx）",
            "kind of file: 0 PDF, 1 TIFF of many pages, 2 searchable PDF, 3 OFD (searchable where text can "
            "be recognized), 4 the recognized text alone (txt), 5 that text, a paragraph a line (docx), 6 "
            "the tables, a sheet a page (xlsx)",
        ),
    ] = 0
    file_path: Annotated[
        Path,
        doc(
            "生成的文件；为空时使用默认目录和文件名；标准之外：可含占位符，此时从不覆盖文件",
            "file to write; empty: default folder and name; beyond the standard: with placeholders, when no "
            "file is ever replaced",
        ),
    ] = ""
    base64: Annotated[
        bool,
        doc(
            "标准之外：应答中同时带回生成的文件（不超过 24 MiB）",
            "beyond the standard: also give the file back in the answer, up to 24 MiB",
        ),
    ] = False
    split_by_bar_code: Annotated[
        Literal[0, 1, 2, 3],
        doc(
            "标准之外：按条码分成多个文件：0 不分；1 有条码的页开始新文件；2 有条码的页仅作分隔，不写入文件；"
            "3 印有 Patch Code T 的页仅作分隔，不写入文件",
            "beyond the standard: several files, by barcode: 0 no, 1 a page with one begins a new file, "
            "2 a page with one only separates and is in none, 3 a page with patch code T only separates "
            "and is in none",
        ),
    ] = 0
    split_code: Annotated[
        Annotated[str, msgspec.Meta(max_length=256)],
        doc("标准之外：只按以此开头的条码分", "beyond the standard: only barcodes that begin so count"),
    ] = ""
    split_every: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=2000)],
        doc(
            "标准之外：每个文件最多几页；0 不限",
            "beyond the standard: most pages of a file; 0 for any number",
        ),
    ] = 0
    split_at_blank: Annotated[
        bool,
        doc("标准之外：空白页仅作分隔，不写入", "beyond the standard: blank pages separate and are in none"),
    ] = False
    split_pages: Annotated[
        Annotated[tuple[PageNumber, ...], msgspec.Meta(max_length=2000)],
        doc(
            "标准之外：开始新文件的页码，从 1 开始，例如人工确认后的 ProposeSplit 结果",
            "beyond the standard: pages, from 1, that begin a file, such as of a proposal that was agreed to",
        ),
    ] = ()
    max_bytes: MaxBytes = None
    small_file: Annotated[
        bool,
        doc(
            "标准之外：true 时 PDF（fileType 0 或 2）更小：文字保持原分辨率，纸张降低分辨率，图片压缩更多；"
            "不会因此变小的页面保持不变",
            "beyond the standard: true for a smaller PDF (fileType 0 or 2): print keeps its resolution, "
            "paper gets less, pictures are compressed more; a page that would not become smaller stays as "
            "it is",
        ),
    ] = False
    searchable: Annotated[
        bool,
        doc(
            "标准之外：OFD 是否带文字层；false 只放图片，立即完成",
            "beyond the standard: whether an OFD gets a text layer; false for pictures alone, at once",
        ),
    ] = True
    progress: Annotated[
        bool,
        doc(
            "标准之外：true 时推送进度 Notify（OnProgress）",
            "beyond the standard: true for notices of the progress, Notify (OnProgress)",
        ),
    ] = False

    target: Annotated[
        TargetName,
        doc(
            "标准之外：写入后再发往配置中此名称的目标（见 GetServiceInfo）；发送失败时返回其错误，文件保留",
            "beyond the standard: once written, deliver it to this target, as GetServiceInfo lists them; "
            "where that fails the answer is its error, and the file stays",
        ),
    ] = ""
    retry: Annotated[bool, RETRY] = False

    def __post_init__(self) -> None:
        if not self.image_base64 and not self.image_path:
            raise errors.MissingParameter(field="imageBase64/imagePath")
        is_pdf = self.file_type in (0, 2)
        self.check_paper(is_pdf)
        if self.small_file and not is_pdf:
            raise errors.BadParameter(field="smallFile", reason=PDF_ONLY)


DOWNLOAD_URL = doc(
    "标准之外：下载此文件的地址，仅限本网站的页面，用一次，约 10 分钟内有效",
    "beyond the standard: address to download the file from, for pages of this site, once, in ten minutes",
)
FILE_BASE64 = doc("请求了 base64 时：文件的内容", "if base64 was requested: the file itself")


class MergedFile(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """File that was written, one of several."""

    file_path: Annotated[str, doc("已写入的文件", "the file written")]
    page_count: Annotated[int, doc("页数", "how many pages it has")]
    blank_pages: Annotated[tuple[int, ...], doc("空白页的页码，从 1 开始", "pages that are blank, from 1")]
    code_num: Annotated[
        str,
        doc("它由此条码开始；第一个条码之前的页为空", "the barcode it begins with; empty before the first"),
    ]
    file_base64: Annotated[Base64 | None, FILE_BASE64] = None
    download_url: Annotated[str | None, DOWNLOAD_URL] = None


class MergeFileAnswer(Answer, frozen=True, kw_only=True):
    """Answer; if pages are split, its first fields are about the first file."""

    file_path: Annotated[str, doc("已写入的文件", "the file written")]
    page_count: Annotated[int, doc("页数", "how many pages it has")]
    blank_pages: Annotated[
        tuple[int, ...],
        doc("空白页的页码，从 1 开始；空白页不会被删除", "pages that are blank, from 1; none is dropped"),
    ]
    file_base64: Annotated[Base64 | None, FILE_BASE64] = None
    download_url: Annotated[str | None, DOWNLOAD_URL] = None
    files: Annotated[
        tuple[MergedFile, ...] | None,
        doc("按条码分开时：写入的所有文件", "if they are split by barcode: all files written"),
    ] = None
    queued: Annotated[bool | None, QUEUED] = None
    receipts: Annotated[tuple[DeliveryReceipt, ...] | None, RECEIPTS] = None


class ProgressPush(Answer, frozen=True, kw_only=True):
    """Notice of progress, with the reqId of the request that asked for it."""

    event: Annotated[Literal["OnProgress"], doc("事件", "what happened")]
    kind: Annotated[
        Literal["merge", "upload"],
        doc("在做什么：merge 合并，upload 发往目标", "what is being done: merge, or upload to a target"),
    ]
    done: Annotated[
        int, doc("已完成的页数；upload 为字节数", "pages that are done; of upload, bytes of the file")
    ]
    total: Annotated[
        int,
        doc(
            "总页数，打开文件时可能增加；upload 为文件的字节数",
            "pages altogether, more while files turn out to have several; of upload, the file's bytes",
        ),
    ]


class ListFilesRequest(Request, frozen=True, kw_only=True):
    prefix: Annotated[
        Annotated[str, msgspec.Meta(max_length=4096)],
        doc(
            "路径的开头，相对存储目录或绝对，例如 case17/；为空时为全部",
            "beginning of their path, relative to the storage folder or absolute, for example case17/; empty "
            "for all",
        ),
    ] = ""
    offset: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=100_000)], doc("跳过最新的多少个", "how many to pass over")
    ] = 0
    limit: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=1000)], doc("最多返回多少个", "how many to return at most")
    ] = 100


class FileEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """File that pages of this site made."""

    path: Annotated[str, doc("路径", "its path")]
    size: Annotated[int, doc("字节数", "its size in bytes")]
    time: Annotated[
        str,
        doc(
            "最后修改时间，例如 2026-11-28T10:15:30+08:00",
            "time of its last change, for example 2026-11-28T10:15:30+08:00",
        ),
    ]


class ListFilesAnswer(Answer, frozen=True, kw_only=True):
    files: Annotated[tuple[FileEntry, ...], doc("文件，最新的在前", "files, the newest first")]
    more: Annotated[bool, doc("是否还有更早的文件", "whether there are older ones")]


class GetFileRequest(Request, frozen=True, kw_only=True):
    path: Annotated[Path, doc("本网站的页面生成的文件", "a file that pages of this site made")]
    base64: Annotated[
        bool,
        doc(
            "应答中带回文件（不超过 24 MiB），没有 downloadUrl",
            "give the file in the answer, up to 24 MiB, and no downloadUrl",
        ),
    ] = False


class GetFileAnswer(Answer, frozen=True, kw_only=True):
    path: Annotated[str, doc("路径", "its path")]
    size: Annotated[int, doc("字节数", "its size in bytes")]
    time: Annotated[str, doc("最后修改时间", "time of its last change")]
    mime: Annotated[str, doc("文件类型，例如 application/pdf", "kind of file, for example application/pdf")]
    download_url: Annotated[str | None, DOWNLOAD_URL] = None
    file_base64: Annotated[Base64 | None, FILE_BASE64] = None


_SENDING = (
    *(errors.UploadNotAllowed, errors.UploadUnreachable, errors.UploadTimeout),
    *(errors.UploadRejected, errors.UploadTooLarge, errors.UploadBroken),
    *(errors.TargetUnknown, errors.TargetRefused),
)

_ADDRESS = "http://127.0.0.1:8082/download/n3Jx0cK9pQw7rT2vYb5mZs8aLd4eHf6G"

FUNCTIONS = (
    Function(
        request=UploadHttpFileRequest,
        answer=UploadHttpFileAnswer,
        errors=(*FILE_READING, errors.PictureUnreadable, errors.PictureTooLarge, *_SENDING, errors.Cancelled),
        long=True,
        since="V1.5",
        summary=LocalizedText(
            "以 multipart/form-data 上传文件和表单参数，或发往配置中的目标；失败时文件保留。",
            "Send files and form parameters as multipart/form-data, or deliver files to a target of the "
            "configuration. On failure the files stay.",
        ),
        example=Example(
            {
                "url": "https://files.example.cn/upload",
                "imageBase64": "",
                "imagePath": "/var/lib/gaopai/a.jpg",
                "params": {"name": "value", "number": 1111},
            },
            UploadHttpFileAnswer(status=200, response="ok"),
        ),
    ),
    Function(
        request=ProposeSplitRequest,
        answer=ProposeSplitAnswer,
        errors=(*DECODING, *FILE_READING, errors.Cancelled),
        long=True,
        since="gaopai 0.1",
        summary=LocalizedText(
            "建议一叠页面从哪里分成不同的文档，供人确认；不写入任何文件。",
            "Propose where a pile splits into documents, for somebody to agree to. Nothing is written.",
        ),
        example=Example(
            {"imagePath": ["/tmp/scan.jpg", "/tmp/scan1.jpg"]},  # noqa: S108 - as the standard's examples
            ProposeSplitAnswer(starts=(ProposedStart(page=2, reason="size", score=0.95),)),
        ),
    ),
    Function(
        request=MergeFileRequest,
        answer=MergeFileAnswer,
        errors=(
            *DECODING,
            *FILE_READING,
            *WRITING,
            *(errors.DocumentSigned, errors.SigningFailed),
            *_SENDING,
            errors.ToolMissing,
            errors.Cancelled,
        ),
        long=True,
        since="V1.5",
        summary=LocalizedText(
            "把图片和文档按顺序合并为一个文件：PDF、多页 TIFF、可搜索的 PDF 或 OFD。",
            "Merge pictures and documents, in order, into one file: PDF, TIFF, searchable PDF or OFD.",
        ),
        example=Example(
            {
                "imagePath": ["/var/lib/gaopai/a.jpg", "/var/lib/gaopai/b.jpg"],
                "fileType": 0,
                "filePath": "/var/lib/gaopai/ab.pdf",
            },
            MergeFileAnswer(
                file_path="/var/lib/gaopai/ab.pdf", page_count=2, blank_pages=(), download_url=_ADDRESS
            ),
            ProgressPush(event="OnProgress", kind="merge", done=1, total=2),
        ),
        pushes=(ProgressPush,),
    ),
    Function(
        request=ListFilesRequest,
        answer=ListFilesAnswer,
        errors=(errors.FileUnreadable,),
        since="gaopai 0.1",
        summary=LocalizedText(
            "列出本网站的页面生成的文件，最新的在前。",
            "List the files that pages of this site made, the newest first.",
        ),
        example=Example(
            {"prefix": "case17/", "limit": 20},
            ListFilesAnswer(
                files=(
                    FileEntry(
                        path="/var/lib/gaopai/case17/ab.pdf", size=184_320, time="2026-11-28T10:15:30+08:00"
                    ),
                ),
                more=False,
            ),
        ),
    ),
    Function(
        request=GetFileRequest,
        answer=GetFileAnswer,
        errors=(*FILE_READING, errors.FileOfNoPage, errors.PictureTooLarge),
        since="gaopai 0.1",
        summary=LocalizedText(
            "取回本网站的页面生成的文件：一次性的下载地址，或 base64。",
            "Fetch a file that pages of this site made: an address that is good once, or base64.",
        ),
        example=Example(
            {"path": "case17/ab.pdf"},
            GetFileAnswer(
                path="/var/lib/gaopai/case17/ab.pdf",
                size=184_320,
                time="2026-11-28T10:15:30+08:00",
                mime="application/pdf",
                download_url=_ADDRESS,
            ),
        ),
    ),
)
"""Functions of upload and merging, for the catalogue."""
