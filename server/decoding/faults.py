"""What is the matter with a file, told by one process and raised in the other."""

from __future__ import annotations

import traceback

from imgcore.types import ImageError, TooManyPixels
from server.decoding import wire
from server.documents.faults import DocumentFault, ProtectedFault
from server.errors import LocalizedText


class DecodingBroken(Exception):
    """A fault of our own in the decoding process; the text is its kind and place."""


def told(exc: Exception) -> wire.Answer:
    """An exception as an answer. Only those that we write ourselves have a text that may be repeated."""
    if isinstance(exc, DocumentFault):
        return wire.Failed("protected" if isinstance(exc, ProtectedFault) else "document", *exc.text)
    if isinstance(exc, TooManyPixels):
        return wire.Failed("pixels", size=(exc.width, exc.height, exc.limit))
    if isinstance(exc, ImageError):
        return wire.Failed("picture", en=str(exc))
    if isinstance(exc, MemoryError):
        return wire.Failed("memory")
    last = traceback.extract_tb(exc.__traceback__)[-1]
    return wire.Broken(f"{type(exc).__name__} at {last.filename}:{last.lineno}")


def raised(failed: wire.Failed) -> Exception:
    """The exception that an answer stands for."""
    text = LocalizedText(failed.zh[:200], failed.en[:200])
    if failed.kind == "protected":
        return ProtectedFault(text)
    if failed.kind == "pixels":
        return TooManyPixels(*failed.size)
    if failed.kind == "picture":
        return ImageError(text.en)
    return MemoryError() if failed.kind == "memory" else DocumentFault(text)


def ended(how: str) -> DocumentFault:
    """The process ended by itself over the file."""
    return DocumentFault(
        LocalizedText(
            f"解码进程因它而终止（{how}），文件已损坏或不正常",
            f"the process that decoded it ended ({how}): it is damaged or hostile",
        )
    )


def too_slow(seconds: float) -> DocumentFault:
    """The file took more time than any may."""
    return DocumentFault(
        LocalizedText(f"{seconds:g} 秒内无法解码", f"decoding it took more than {seconds:g} seconds")
    )


def mad() -> DocumentFault:
    """The process did not keep to the rules, and was ended."""
    return ended("it answered nonsense")
