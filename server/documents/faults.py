"""Faults of files and pages, and the errors of the service that they become."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from imgcore.types import ImageError, ShapeError, SideTooLong, TooNarrow
from server.errors import (
    DocumentProtected,
    GaopaiError,
    LocalizedText,
    PictureTooLarge,
    PictureTooLong,
    PictureTooNarrow,
    PictureUnreadable,
)


class DocumentFault(Exception):
    """A file or a page that cannot be used; `text` names no file and quotes no content."""

    def __init__(self, text: LocalizedText) -> None:
        super().__init__(text.en)
        self.text = text


class ProtectedFault(DocumentFault):
    """A password is needed, or the author forbids taking pages out."""


def cut_off() -> DocumentFault:
    """Return the fault of a file that is not complete."""
    return DocumentFault(LocalizedText("文件不完整", "the file is not complete"))


def damaged() -> DocumentFault:
    """Return the fault of a file that contradicts itself."""
    return DocumentFault(LocalizedText("文件已损坏", "the file is damaged"))


def of_shape(fault: ShapeError, name: str | LocalizedText) -> GaopaiError:
    """Return the error about the shape of the picture `name`."""
    size = f"{fault.width} x {fault.height}"
    if isinstance(fault, SideTooLong):
        return PictureTooLong(picture=name, size=size, limit=fault.limit)
    if isinstance(fault, TooNarrow):
        return PictureTooNarrow(picture=name, size=size, limit=fault.limit)
    return PictureTooLarge(picture=name, size=size, limit=f"{fault.limit} px")


@contextmanager
def named(name: str | LocalizedText) -> Iterator[None]:
    """Turn faults of the file `name` into errors of the service."""
    try:
        yield
    except ProtectedFault as exc:
        raise DocumentProtected(name=name) from exc
    except DocumentFault as exc:
        raise PictureUnreadable(picture=name, reason=exc.text) from exc
    except ShapeError as exc:
        raise of_shape(exc, name) from exc
    except ImageError as exc:
        raise PictureUnreadable(picture=name, reason=LocalizedText("图片已损坏或不完整", str(exc))) from exc
    except MemoryError as exc:
        reason = LocalizedText("内存不足", "there is not enough memory for it")
        raise PictureUnreadable(picture=name, reason=reason) from exc
