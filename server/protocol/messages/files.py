"""Messages of upload and merging."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.errors import MissingParameter
from server.protocol.messages.base import Answer, Base64, Base64s, Path, Paths, Request, doc

FormFields = dict[str, str]
"""Form parameters by name; numbers arrive as text."""


class UploadHttpFileRequest(Request, frozen=True, kw_only=True):
    url: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=4096)],
        doc("上传地址，须在允许的地址之内", "where to send it; one of the allowed addresses"),
    ]
    image_base64: Annotated[
        Base64,
        doc("图片的 base64；为空时读取 imagePath", "the picture in base64; if empty, imagePath is read"),
    ] = ""
    image_path: Annotated[
        Paths, doc("图片路径，多个文件用 ; 隔开", "files to send, with ; between several", "imgPath")
    ] = ()
    params: Annotated[FormFields, doc("表单的参数", "form parameters by name")] = msgspec.field(
        default_factory=dict
    )

    retry: Annotated[
        bool,
        doc(
            "失败后由服务稍后重试，直到成功（须在配置中启用）",
            "let the service try again later until it succeeds (if the configuration allows it)",
        ),
    ] = False

    def __post_init__(self) -> None:
        if not self.image_base64 and not self.image_path:
            raise MissingParameter(field="imageBase64/imagePath")


class UploadHttpFileAnswer(Answer, frozen=True, kw_only=True):
    """Answer; with an error it has the server's answer, if there is one."""

    status: Annotated[int | None, doc("HTTP 状态码", "HTTP status")] = None
    response: Annotated[str | None, doc("服务器应答，可能被截短", "the server's answer, maybe cut short")] = (
        None
    )
    queued: Annotated[
        bool | None,
        doc("失败后是否已排队重试", "with an error: whether it will be tried again"),
    ] = None


class MergeFileRequest(Request, frozen=True, kw_only=True):
    image_base64: Annotated[
        Base64s,
        doc(
            "标准之外：一张或多张图片的 base64，按此顺序合并；为空时读取 imagePath",
            "beyond the standard: one or several pictures in base64, merged in this order; "
            "if empty, imagePath is read",
        ),
    ] = ()
    image_path: Annotated[
        Paths, doc("图片路径的数组，按此顺序合并", "the pictures, merged in this order", "imgPath")
    ] = ()
    file_type: Annotated[
        Literal[0, 1, 2, 3, 4],
        doc(
            "文件类型：0 PDF；1 多页 TIFF；2 可搜索的 PDF；3 OFD（能识别文字时带文字层）；"
            "4 识别出的纯文本（txt）",
            "kind of file: 0 PDF, 1 TIFF of many pages, 2 searchable PDF, 3 OFD (searchable where text can "
            "be recognized), 4 the recognized text alone (txt)",
        ),
    ] = 0
    file_path: Annotated[
        Path, doc("生成的文件；为空时使用默认目录和文件名", "file to write; empty: default folder and name")
    ] = ""
    base64: Annotated[
        bool,
        doc(
            "标准之外：应答中同时带回生成的文件（不超过 24 MiB）",
            "beyond the standard: also give the file back in the answer, up to 24 MiB",
        ),
    ] = False
    split_by_bar_code: Annotated[
        Literal[0, 1, 2],
        doc(
            "标准之外：按条码分成多个文件：0 不分；1 有条码的页开始新文件；2 有条码的页仅作分隔，不写入文件",
            "beyond the standard: several files, by barcode: 0 no, 1 a page with one begins a new file, "
            "2 a page with one only separates and is in none",
        ),
    ] = 0
    split_code: Annotated[
        Annotated[str, msgspec.Meta(max_length=256)],
        doc("标准之外：只按以此开头的条码分", "beyond the standard: only barcodes that begin so count"),
    ] = ""

    def __post_init__(self) -> None:
        if not self.image_base64 and not self.image_path:
            raise MissingParameter(field="imageBase64/imagePath")


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


class MergeFileAnswer(Answer, frozen=True, kw_only=True):
    """Answer; if pages are split, its first fields are about the first file."""

    file_path: Annotated[str, doc("已写入的文件", "the file written")]
    page_count: Annotated[int, doc("页数", "how many pages it has")]
    blank_pages: Annotated[
        tuple[int, ...],
        doc("空白页的页码，从 1 开始；空白页不会被删除", "pages that are blank, from 1; none is dropped"),
    ]
    file_base64: Annotated[Base64 | None, FILE_BASE64] = None
    files: Annotated[
        tuple[MergedFile, ...] | None,
        doc("按条码分开时：写入的所有文件", "if they are split by barcode: all files written"),
    ] = None
