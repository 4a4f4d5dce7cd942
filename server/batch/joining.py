"""All pages of a file as one document again: a TIFF or a PDF."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import pikepdf
import PIL.Image

PARTS = ".gaopai-parts"
"""The folder below the output in which finished pages wait for the others."""


def join(suffix: str, parts: Sequence[bytes]) -> bytes:
    """One document of several; nothing is encoded anew with loss.

    Parameters
    ----------
    suffix
        One of `JOINED`.
    parts
        Documents of that kind, in order; one of them alone is returned as it is.

    Raises
    ------
    OSError, pikepdf.PdfError
        A part is damaged.
    """
    return parts[0] if len(parts) == 1 else JOINED[suffix](parts)


def _pdf(parts: Sequence[bytes]) -> bytes:
    sink = io.BytesIO()
    with ExitStack() as stack:
        whole = stack.enter_context(pikepdf.new())
        for part in parts:
            # Open until the end: pages are copied when they are written.
            whole.pages.extend(stack.enter_context(pikepdf.open(io.BytesIO(part))).pages)
        whole.save(sink, deterministic_id=True)
    return sink.getvalue()


def _tiff(parts: Sequence[bytes]) -> bytes:
    sink = io.BytesIO()
    with ExitStack() as stack:
        # Each keeps its own compression: CCITT where it is pure black and white, LZW elsewhere.
        first, *rest = [stack.enter_context(PIL.Image.open(io.BytesIO(part))) for part in parts]
        first.save(sink, "TIFF", save_all=True, append_images=rest)
    return sink.getvalue()


JOINED: dict[str, Callable[[Sequence[bytes]], bytes]] = {"pdf": _pdf, "tif": _tiff, "tiff": _tiff}
"""The formats that hold several pages."""
