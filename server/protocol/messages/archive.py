"""Functions and messages about papers that are to last: archive formats, signatures, verification."""

from __future__ import annotations

from typing import Annotated, Literal

from server import errors
from server.errors import LocalizedText
from server.protocol.function import Function
from server.protocol.messages.base import Request, doc

_PDF_ONLY = LocalizedText("只用于 fileType 0 和 2", "it is for fileType 0 and 2 alone")
_NEEDS_3B = LocalizedText("附件需要 3b", "attachments need 3b")


class PaperRequest(Request, frozen=True, kw_only=True):
    """Request for a PDF that may have to last."""

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

    def check_paper(self, is_pdf: bool) -> None:
        """Refuse wishes that contradict each other. Raises server.errors.BadParameter."""
        if self.pdfa and not is_pdf:
            raise errors.BadParameter(field="pdfa", reason=_PDF_ONLY)
        if (self.attach_originals or self.signed == "attach") and self.pdfa != "3b":
            raise errors.BadParameter(field="pdfa", reason=_NEEDS_3B)


FUNCTIONS: tuple[Function, ...] = ()
