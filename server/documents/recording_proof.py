"""Proof of a recording, within its file: hashes while it grows, and a seal once it has ended.

Every few seconds a line in the file's track of texts holds the hash of the bytes before it, chained to that
of the line before. The muxer only appends, but for the header, which it rewrites at the end. The seal is an
EBML ``Void`` element behind everything else, which players skip: what the recording is, the hashes of its
header and of its body, and a signature of those. Without the seal, as after a power cut, the lines tell how
far the file is what was recorded; against somebody who writes new lines only the signature helps.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from imgcore.stopping import stop_here

RANGE_SECONDS = 5.0
"""Time between two lines, in seconds."""
SEAL_BYTES = 64 * 1024
"""Largest seal, in bytes: its signature has certificates and a time stamp."""
_MAGIC = b"gaopai-recording-proof/1\n"
_VOID = b"\xec\x01"
"""Identifier of ``Void``, and the first byte of a size of eight bytes."""
_CLUSTER = b"\x1f\x43\xb6\x75"
"""Identifier of ``Cluster``, the first of which ends the header."""
_LINE = re.compile(rb"gaopai-proof (\{[^{}]{1,500}\})")
_LONGEST_LINE = 512
_PIECE = 1 << 20
_MOST_RANGES = 100_000
"""Lines of a file that are looked at: those of six days."""


class RangeProof(msgspec.Struct, frozen=True):
    """Hash of a range of a file.

    Attributes
    ----------
    number
        From 0.
    first, end
        Byte offsets.
    seconds
        Time in the recording at which the range ends.
    sha256
        Of the range, hexadecimal.
    chain
        Hash of the chain of the range before and of `sha256`, hexadecimal.
    """

    number: int
    first: int
    end: int
    seconds: float
    sha256: str
    chain: str

    def line(self) -> bytes:
        """Return the line of the file's track of texts."""
        return b"gaopai-proof " + msgspec.json.encode(self)


class RecordingProof(msgspec.Struct, frozen=True, rename="camel"):
    """Statement of the seal about a recording.

    Attributes
    ----------
    size
        Bytes before the seal.
    header_bytes
        Bytes of the header.
    header, body
        SHA-256 of the header and of what follows it, hexadecimal.
    ranges, chain
        Number of ranges that lines tell of, and the last one's chain.
    begun
        Moment of the first frame, with the time zone.
    seconds
        Length.
    device
        Name of the camera.
    reason
        Reason for which the recording ended.
    software
        Name and version.
    """

    size: int
    header_bytes: int
    header: str
    body: str
    ranges: int
    chain: str
    begun: str
    seconds: float
    device: str
    reason: str
    software: str


class _Seal(msgspec.Struct, frozen=True):
    proof: str
    signature: str = ""


class HashedFile:
    """Unbuffered file that hashes what a muxer appends to it; only the header can be written anew."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._end = 0
        self._header_bytes = 0
        self._body = hashlib.sha256()
        self._range = hashlib.sha256()
        self._first = 0
        self._ranges = 0
        self._chain = ""

    @property
    def size(self) -> int:
        """Bytes that were written."""
        return self._end

    def begin(self) -> None:
        """Take all that was written so far for the header."""
        self._header_bytes = self._first = self._end

    def write(self, data: bytes) -> int:
        """Write at the current position; return the number of bytes, all of them.

        Raises
        ------
        OSError
            The disk fails, or something behind the header would be written anew.
        """
        at = self._file.tell()
        view = memoryview(data)
        if at != self._end and at + len(view) > self._header_bytes:
            raise io.UnsupportedOperation("only the header can be written anew")
        written = 0
        while written < len(view):
            written += self._file.write(view[written:])
        if at == self._end and self._header_bytes:
            self._body.update(view)
            self._range.update(view)
        self._end = max(self._end, at + written)
        return written

    def read(self, size: int = -1) -> bytes:
        """Read from the current position."""
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the current position."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the current position."""
        return self._file.tell()

    def next_range(self, seconds: float) -> RangeProof:
        """End a range: what was appended since the last one."""
        sha256 = self._range.hexdigest()
        self._chain = _chained(self._chain, sha256)
        proof = RangeProof(self._ranges, self._first, self._end, round(seconds, 3), sha256, self._chain)
        self._range = hashlib.sha256()
        self._first = self._end
        self._ranges += 1
        return proof

    def proof(self, begun: str, seconds: float, device: str, reason: str, software: str) -> RecordingProof:
        """Return what the seal is to say, once the muxer is closed."""
        self._file.seek(0)
        header = hashlib.sha256(self._file.read(self._header_bytes)).hexdigest()
        return RecordingProof(
            size=self._end,
            header_bytes=self._header_bytes,
            header=header,
            body=self._body.hexdigest(),
            ranges=self._ranges,
            chain=self._chain,
            begun=begun,
            seconds=round(seconds, 3),
            device=device,
            reason=reason,
            software=software,
        )


def _chained(chain: str, sha256: str) -> str:
    return hashlib.sha256(f"{chain}{sha256}".encode()).hexdigest()


def seal_of(proof: bytes, signature: bytes) -> bytes:
    """Return the seal, to be appended: the proof as JSON, and its signature, maybe empty."""
    content = msgspec.json.encode(_Seal(proof.decode(), base64.b64encode(signature).decode()))
    payload = _MAGIC + content
    return _VOID + len(payload).to_bytes(7) + payload


@dataclass(frozen=True, slots=True)
class Alteration:
    """Part of a recording that is not what was recorded: seconds from and to; `end` is None for all after."""

    begin: float
    end: float | None


@dataclass(frozen=True, slots=True)
class RecordingVerdict:
    """Verdict of the hashes in a file on the file.

    Attributes
    ----------
    proof
        Statement of the seal; None without one that can be read.
    content, signature
        The proof as it was signed, and the signature, maybe empty.
    whole
        True if the bytes are those that were sealed.
    altered
        True if they are others, or the seal cannot be read; False also where nothing was sealed and no line
        is broken.
    alterations
        Parts that are others than were recorded.
    proven_seconds
        Time up to which lines prove the recording from its beginning.
    """

    proof: RecordingProof | None
    content: bytes
    signature: bytes
    whole: bool
    altered: bool
    alterations: tuple[Alteration, ...]
    proven_seconds: float


def is_recording(file: BinaryIO) -> bool:
    """Return whether a file begins as Matroska does."""
    file.seek(0)
    return file.read(4) == b"\x1aE\xdf\xa3"


def verify_recording(file: BinaryIO) -> RecordingVerdict:
    """Compare a recording with what it says of itself; reads all of it.

    Raises
    ------
    imgcore.stopping.WorkStopped
    """
    size = file.seek(0, 2)
    seal, sealed_bytes = _read_seal(file, size)
    content = b"" if seal is None else seal.proof.encode()
    proof = None if seal is None else _decoded(content)
    signature = b"" if seal is None else _signature(seal)
    whole = (
        proof is not None
        and proof.size == sealed_bytes
        and 0 < proof.header_bytes <= proof.size
        and _hash_of(file, 0, proof.header_bytes) == proof.header
        and _hash_of(file, proof.header_bytes, proof.size) == proof.body
    )
    if whole and proof is not None:
        return RecordingVerdict(proof, content, signature, True, False, (), proof.seconds)
    ranges = _ranges(file, sealed_bytes)
    last = ranges[-1].seconds if ranges else 0.0
    broken = _broken(file, ranges)
    if proof is not None and not broken:
        # Behind the last line, or in the header.
        broken = [Alteration(last, None)]
    proven = broken[0].begin if broken else last
    altered = bool(broken) or seal is not None
    return RecordingVerdict(proof, content, signature, False, altered, tuple(broken), proven)


def _read_seal(file: BinaryIO, size: int) -> tuple[_Seal | None, int]:
    """Return the seal, and the bytes before it; None and all bytes without one."""
    first = max(0, size - SEAL_BYTES - 64)
    file.seek(first)
    tail = file.read(size - first)
    at = tail.rfind(_MAGIC)
    begin = at - len(_VOID) - 7
    if at < 0 or begin < 0 or tail[begin : begin + len(_VOID)] != _VOID:
        return None, size
    if int.from_bytes(tail[at - 7 : at]) != len(tail) - at:
        return None, size
    try:
        return msgspec.json.decode(tail[at + len(_MAGIC) :], type=_Seal), first + begin
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None, size


def _decoded(content: bytes) -> RecordingProof | None:
    try:
        return msgspec.json.decode(content, type=RecordingProof)
    except msgspec.MsgspecError:
        return None


def _signature(seal: _Seal) -> bytes:
    try:
        return base64.b64decode(seal.signature, validate=True)
    except (binascii.Error, ValueError):
        # One that cannot be read is none that holds.
        return b"unreadable"


def _hash_of(file: BinaryIO, first: int, end: int) -> str:
    digest = hashlib.sha256()
    file.seek(first)
    left = end - first
    while left > 0 and (piece := file.read(min(_PIECE, left))):
        stop_here()
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest()


def _ranges(file: BinaryIO, size: int) -> list[RangeProof]:
    """Read the lines of a file, each number once, in their order."""
    found: dict[int, RangeProof] = {}
    for text in _lines(file, size):
        try:
            one = msgspec.json.decode(text, type=RangeProof)
        except msgspec.MsgspecError:
            continue
        if 0 <= one.first <= one.end and len(found) < _MOST_RANGES:
            found.setdefault(one.number, one)
    return [found[number] for number in sorted(found)]


def _lines(file: BinaryIO, size: int) -> Iterator[bytes]:
    file.seek(0)
    before = b""
    at = 0
    while at < size and (piece := file.read(min(_PIECE, size - at))):
        stop_here()
        at += len(piece)
        text = before + piece
        end = 0
        for match in _LINE.finditer(text):
            yield match[1]
            end = match.end()
        # What the end of a piece may cut off, and nothing that was found already.
        before = text[max(end, len(text) - _LONGEST_LINE - 32) :]


def _broken(file: BinaryIO, ranges: list[RangeProof]) -> list[Alteration]:
    """Return the parts whose hash, chain or line is another, those that follow each other as one."""
    broken: list[Alteration] = []
    seconds = 0.0
    chain = ""
    number = 0
    end = ranges[0].first if ranges else 0
    for one in ranges:
        # Hashed only where the last one ended, so that lines that overlap cost no more than the file once.
        holds = (
            one.number == number
            and one.first == end
            and _chained(chain, one.sha256) == one.chain
            and _hash_of(file, one.first, one.end) == one.sha256
        )
        if not holds:
            if broken and broken[-1].end == seconds:
                broken[-1] = Alteration(broken[-1].begin, one.seconds)
            else:
                broken.append(Alteration(seconds, one.seconds))
        number = one.number + 1
        seconds = one.seconds
        chain = one.chain
        end = max(end, one.end)
    return broken
