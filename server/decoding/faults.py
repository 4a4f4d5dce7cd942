"""Faults of files, and their way from a decoding process to the service."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

from imgcore.privacy import UnreadablePage
from imgcore.types import ImageError, ShapeError, SideTooLong, TooManyPixels, TooNarrow
from server.decoding import wire
from server.documents.faults import DocumentFault, ProtectedFault
from server.errors import LocalizedText

_SHAPES: Mapping[wire.FaultKind, type[ShapeError]] = {
    "pixels": TooManyPixels,
    "side": SideTooLong,
    "narrow": TooNarrow,
}
"""Shapes that no picture may have, by their words on the way."""


class DecoderFault(Exception):
    """A fault of our own in the decoding process; the text is its kind and place."""


def as_answer(exc: Exception) -> wire.DecodingAnswer:
    """Return an exception as an answer. Only those that we write ourselves have a text to be repeated."""
    if isinstance(exc, DocumentFault):
        return wire.DecodingFailed("protected" if isinstance(exc, ProtectedFault) else "document", *exc.text)
    if isinstance(exc, ShapeError):
        kind = next(kind for kind, shape in _SHAPES.items() if isinstance(exc, shape))
        return wire.DecodingFailed(kind, size=(exc.width, exc.height, exc.limit))
    if isinstance(exc, ImageError):
        return wire.DecodingFailed("picture", en=str(exc))
    if isinstance(exc, UnreadablePage):
        return wire.DecodingFailed("unsure")
    if isinstance(exc, MemoryError):
        return wire.DecodingFailed("memory")
    last = traceback.extract_tb(exc.__traceback__)[-1]
    return wire.InternalFault(f"{type(exc).__name__} at {last.filename}:{last.lineno}")


def check(answer: wire.DecodingAnswer) -> None:
    """Raise what an answer tells of instead of an outcome."""
    if isinstance(answer, wire.DecodingFailed):
        raise as_exception(answer)
    if isinstance(answer, wire.InternalFault):
        raise DecoderFault(answer.place)


def as_exception(failed: wire.DecodingFailed) -> Exception:
    """Return the exception that an answer stands for."""
    text = LocalizedText(failed.zh[:300], failed.en[:300])
    if failed.kind == "protected":
        return ProtectedFault(text)
    if failed.kind in _SHAPES:
        return _SHAPES[failed.kind](*failed.size)
    if failed.kind == "unsure":
        return UnreadablePage()
    if failed.kind == "picture":
        return ImageError(text.en)
    return MemoryError() if failed.kind == "memory" else DocumentFault(text)


def process_ended(how: str) -> DocumentFault:
    """The fault of a file over which the process ended."""
    return DocumentFault(
        LocalizedText(
            f"解码进程因它而终止（{how}），文件已损坏或不正常",
            f"the process that decoded it ended ({how}): it is damaged or hostile",
        )
    )


def too_slow(seconds: float) -> DocumentFault:
    """The fault of a file that took more time than any may."""
    return DocumentFault(
        LocalizedText(f"{seconds:g} 秒内无法解码", f"decoding it took more than {seconds:g} seconds")
    )


def malformed_answer() -> DocumentFault:
    """The fault of a file over which the process ceased to keep to the rules."""
    return process_ended("it answered nonsense")
