"""multipart/form-data as browsers write it, its length known before the first byte leaves.

Simple servers refuse a body whose length they are not told. (RFC 7578; the HTML standard
on escaping names)
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.services import given_picture
from server.services.upload.files import StoredFile
from server.storage.formats import SUFFIXES

FILE_FIELD = "file"
UNKNOWN = "application/octet-stream"

_TYPES = {suffix: kind.value for suffix, kind in SUFFIXES.items()} | {
    "gif": "image/gif",
    "mp4": "video/mp4",
    "ofd": "application/ofd",
    "txt": "text/plain",
    "xml": "text/xml",
}
# Browsers escape quotes and line breaks. A backslash, too, ends a name early for some servers,
# and other control characters have no place in a header.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\]')


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """One field: its header, and what it holds."""

    head: bytes
    content: bytes | StoredFile

    @property
    def size(self) -> int:
        """Bytes of its content."""
        return self.content.size if isinstance(self.content, StoredFile) else len(self.content)


class Form:
    """The parts of one request, in order.

    Attributes
    ----------
    length
        Bytes of the whole body.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._boundary = f"----gaopai{secrets.token_hex(16)}"
        self._parts = tuple(parts)
        self.length = sum(len(frame) for frame, _ in self.frames()) + sum(part.size for part in parts)

    @property
    def content_type(self) -> str:
        """What the request calls its body."""
        return f"multipart/form-data; boundary={self._boundary}"

    def frames(self) -> Iterator[tuple[bytes, bytes | StoredFile]]:
        """The body in order: each time bytes, then the content that follows them."""
        mark = b"--" + self._boundary.encode()
        before = b""
        for part in self._parts:
            yield before + mark + b"\r\n" + part.head, part.content
            before = b"\r\n"
        yield before + mark + b"--\r\n", b""


def fields(params: Mapping[str, str]) -> list[Part]:
    """Each form parameter as a text field."""
    return [
        Part(_head(f'name="{escaped(name)}"'), value.encode(errors="replace"))
        for name, value in params.items()
    ]


def stored(file: StoredFile) -> Part:
    """A file, under its own name without the folders."""
    name = file.name.rpartition("/")[2]
    return Part(_file_head(name), file)


def given(data: bytes) -> Part:
    """A picture that came with the request.

    Raises
    ------
    server.errors.PictureUnreadable
    """
    return Part(_file_head(given_picture.file_name(given_picture.format_of(data))), data)


def escaped(name: str) -> str:
    """A field's or file's name as it stands between the quotes of a header."""
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name)


def _file_head(name: str) -> bytes:
    kind = _TYPES.get(name.rpartition(".")[2].lower(), UNKNOWN)
    return _head(f'name="{FILE_FIELD}"; filename="{escaped(name)}"', f"Content-Type: {kind}\r\n")


def _head(disposition: str, more: str = "") -> bytes:
    return f"Content-Disposition: form-data; {disposition}\r\n{more}\r\n".encode(errors="replace")
