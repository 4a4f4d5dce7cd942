"""multipart/form-data bodies of known length, with files read piece by piece from the storage folder."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from server import __version__
from server.errors import FileUnreadable, LocalizedText
from server.services.pictures import uploaded_picture
from server.storage.paths import SUFFIXES
from server.storage.root import Storage

PIECE = 1024 * 1024
"""Size of the pieces that a file is read in, in bytes."""
CHANGED = LocalizedText("发送过程中文件被更改", "it was changed while it was being sent")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Stored file, as it was when its size was taken.

    Attributes
    ----------
    name
        The name as requested.
    size
        Bytes.
    stamp
        Inode, size and modification time, which change with the file or its content.
    """

    name: str
    size: int
    stamp: tuple[int, int, int]


def stat_file(storage: Storage, name: str) -> StoredFile:
    """Return the size and stamp of the file `name`."""
    with storage.opened(name) as file:
        status = os.fstat(file.fileno())
    return StoredFile(name, status.st_size, _stamp(status))


def read_piece(storage: Storage, file: StoredFile, offset: int) -> bytes:
    """Read up to `PIECE` bytes from `offset` on, at least one while `offset` is below the size.

    The file is opened for each piece, so that an upload cancelled half-way leaves nothing open.

    Raises
    ------
    server.errors.FileUnreadable
        The file has changed since `stat_file`.
    server.errors.BadName, PathOutside, FileMissing, FileOfAnotherOrigin
    """
    with storage.opened(file.name) as opened:
        same = _stamp(os.fstat(opened.fileno())) == file.stamp
        opened.seek(offset)
        data = opened.read(min(PIECE, file.size - offset))
    if not same or not data:
        raise FileUnreadable(name=storage.relative(file.name), reason=CHANGED)
    return data


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


FILE_FIELD = "file"
"""Name of the field that has a file."""
UNKNOWN = "application/octet-stream"

_TYPES = {suffix: kind.value for suffix, kind in SUFFIXES.items()} | {
    "gif": "image/gif",
    "mp4": "video/mp4",
    "ofd": "application/ofd",
    "txt": "text/plain",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "text/xml",
}
# Browsers escape quotes and line breaks. A backslash, too, ends a name early for some servers,
# and other control characters have no place in a header.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\]')


@dataclass(frozen=True, slots=True, repr=False)
class FormPart:
    """Header and content of one field."""

    head: bytes
    content: bytes | StoredFile

    @property
    def size(self) -> int:
        """Bytes of the content."""
        return self.content.size if isinstance(self.content, StoredFile) else len(self.content)


class UploadForm:
    """Body of one request, of several parts.

    Attributes
    ----------
    length
        Bytes of the whole body.
    """

    def __init__(self, parts: Sequence[FormPart]) -> None:
        self._boundary = f"----gaopai{secrets.token_hex(16)}"
        self._parts = tuple(parts)
        self.length = sum(len(frame) for frame, _ in self.frames()) + sum(part.size for part in parts)

    @property
    def content_type(self) -> str:
        """Content type of the body, with its boundary."""
        return f"multipart/form-data; boundary={self._boundary}"

    def frames(self) -> Iterator[tuple[bytes, bytes | StoredFile]]:
        """Yield the body in order, as pairs of framing bytes and the content that follows them."""
        delimiter = b"--" + self._boundary.encode()
        before = b""
        for part in self._parts:
            yield before + delimiter + b"\r\n" + part.head, part.content
            before = b"\r\n"
        yield before + delimiter + b"--\r\n", b""


def text_parts(params: Mapping[str, Sequence[str]]) -> list[FormPart]:
    """Return a text field for each value of the form parameters."""
    return [
        FormPart(_head(f'name="{escaped(name)}"'), value.encode(errors="replace"))
        for name, values in params.items()
        for value in values
    ]


def file_part(file: StoredFile) -> FormPart:
    """Return a file field with the file's name, without folders."""
    name = re.split(r"[\\/]", file.name)[-1]
    return FormPart(_file_head(name), file)


def delivered_part(name: str, size: int, field: str = FILE_FIELD) -> FormPart:
    """Return a file field for content that its target's adapter reads."""
    return FormPart(_file_head(name, field), StoredFile(name, size, (0, 0, 0)))


def headers_of(upload_id: str, body: UploadForm) -> dict[str, str]:
    """Return the headers of a request with a form."""
    return {
        "User-Agent": f"gaopai/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Content-Type": body.content_type,
        "Content-Length": str(body.length),
        # By either header a server can recognize a repeated upload.
        "Idempotency-Key": upload_id,
        "X-Gaopai-Upload-Id": upload_id,
    }


def picture_part(data: bytes) -> FormPart:
    """Return a file field with a picture that came with the request."""
    return FormPart(_file_head(uploaded_picture.file_name(uploaded_picture.format_of(data))), data)


def escaped(name: str) -> str:
    """Escape the name of a field or file for the quotes of a header."""
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name)


def _file_head(name: str, field: str = FILE_FIELD) -> bytes:
    kind = _TYPES.get(name.rpartition(".")[2].lower(), UNKNOWN)
    return _head(f'name="{field}"; filename="{escaped(name)}"', f"Content-Type: {kind}\r\n")


def _head(disposition: str, more: str = "") -> bytes:
    return f"Content-Disposition: form-data; {disposition}\r\n{more}\r\n".encode(errors="replace")
