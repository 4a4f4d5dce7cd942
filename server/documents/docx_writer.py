"""Writing of texts as DOCX."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx


def write_docx(pages: Sequence[str]) -> bytes:
    """Return a document of a paragraph a line, each page on a new one.

    Parameters
    ----------
    pages
        Lines of each, with an end of line after every one; no other control characters.
    """
    document = docx.Document()
    # The library's template says when it was made, and by what.
    document.core_properties._element.clear()
    for number, page in enumerate(pages):
        # A page without text is one all the same.
        first, *others = page.splitlines() or [""]
        document.add_paragraph(first).paragraph_format.page_break_before = number > 0
        for line in others:
            document.add_paragraph(line)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()
