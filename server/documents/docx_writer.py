"""Writing of texts as DOCX."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx
import docx.enum.text


def write_docx(pages: Sequence[str]) -> bytes:
    """Return a document of a paragraph a line, each page on a new one.

    Parameters
    ----------
    pages
        Lines of each, with an end of line after every one; no other control characters.
    """
    document = docx.Document()
    # The library's template says when it was made, and by what.
    document.core_properties._element.clear()  # noqa: SLF001
    for number, page in enumerate(pages):
        if number:
            document.add_paragraph().add_run().add_break(docx.enum.text.WD_BREAK.PAGE)
        for line in page.splitlines():
            document.add_paragraph(line)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()
