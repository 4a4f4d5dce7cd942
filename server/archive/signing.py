"""Signing and verification, each job in a process of its own: only that of a signature can reach the key."""

from __future__ import annotations

import asyncio
import platform
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import aiohttp
import msgspec

from server.archive.record import DocumentRecord
from server.children.async_child import AsyncChild, ChildEnded, start_child
from server.children.child import ChildSpec
from server.children.confinement import Profile
from server.children.memory import MemoryFile, filled
from server.children.program import ONE_THREAD
from server.config import ArchiveConfig
from server.errors import DecoderUnavailable, LocalizedText, SigningFailed, ToolMissing
from server.protocol.messages.base import redacted_repr

WORKER = "server.archive.worker"
LIBRARY = "pyHanko (gaopai[archive])"
SECONDS = 120.0
"""Time limit for each answer of a job's process, in seconds."""
STAMP_SECONDS = 20.0
"""Time limit for a server of time stamps to answer, in seconds."""
STAMP_BYTES = 64 << 10
"""Limit of the answer of a server of time stamps, in bytes."""
LIMITS = {"AS": 4 << 30, "FSIZE": 2 << 30, "CPU": 100}
"""Limits of a job's process: bytes of address space, bytes of a file that it writes, and seconds of processor
time."""
JOB_BYTES = 96 << 20
"""Memory that a job's process takes, in bytes, most of it data of libraries."""
FILE_BYTES = 512 << 20
"""Limit of a file that is signed or verified, in bytes."""
SUFFIX = ".p7s"
"""Suffix of a signature beside a file that is no PDF."""


class SigningKey(msgspec.Struct, frozen=True):
    """Key and certificate.

    Attributes
    ----------
    path
        File in PEM or PKCS#12, or the library of a PKCS#11 token.
    password
        Of the file; a token's PIN.
    token, label
        Labels of a token, and of its key and certificate; empty for a file.
    """

    path: str
    password: str = ""
    token: str = ""
    label: str = ""

    def __repr__(self) -> str:
        return f"SigningKey({self.path!r})"


class ArchiveJob(msgspec.Struct, frozen=True, tag=True):
    """Work on the file that goes along."""


class Sign(ArchiveJob, frozen=True):
    """Sign the file, a PDF inside it; ask for a time stamp where `stamped`.

    Attributes
    ----------
    record
        Bytes of the record, maybe none, that follows a JPEG which gets content credentials; None for others.
    hand
        Bytes of the `server.archive.handwriting.HandOrder` that follows a PDF, as JSON; 0 for none.
    """

    key: SigningKey
    stamped: bool = False
    record: int | None = None
    hand: int = 0


class Verify(ArchiveJob, frozen=True):
    """Verify a file, a signature beside it, trusted certificates and the record beside it, JSON and XML.

    They come one after the other, of these sizes.
    """

    sizes: tuple[int, int, int, int, int]


class LookAtPlace(ArchiveJob, frozen=True):
    """Tell whether a place of a signed PDF has no signature yet, and refuse one whose signatures do not hold.

    Attributes
    ----------
    page
        Page, from 1.
    place
        Left, top, width and height as shares of the page as it is shown.
    """

    page: int
    place: tuple[float, float, float, float]


class MakeKey(ArchiveJob, frozen=True):
    """Make a key and a certificate for this machine, in a file that nobody has yet."""

    path: str
    name: str


class ArchiveAnswer(msgspec.Struct, frozen=True, tag=True):
    """Message of the worker."""


class StampWanted(ArchiveAnswer, frozen=True):
    """A request of RFC 3161, whose response is to be sent back."""

    request: bytes


class JobDone(ArchiveAnswer, frozen=True):
    """The file that goes along is the result, if there is one."""


class JobFailed(ArchiveAnswer, frozen=True):
    """The job cannot be done; words for people."""

    zh: str
    en: str


class JobRefused(Exception):
    """The job cannot be done; `texts` say why, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.texts = (zh, en)


class HandReport(msgspec.Struct, frozen=True, rename="camel"):
    """Handwriting of a signature, as its record in the file says.

    Attributes
    ----------
    strokes
        True if the strokes are in the file, encrypted.
    """

    __repr__ = redacted_repr

    signer: str
    reason: str
    time: str
    page: int
    device: str
    strokes: bool


class SignatureReport(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Verdict on one signature.

    Attributes
    ----------
    signer
        Common name of the certificate.
    identity
        Unknown where nobody said whom to trust.
    time_source
        Source of the time: a time stamp of a trusted authority proves it, that of any other says it, the
        machine's clock says it.
    problems
        Short names of what does not hold.
    hand
        Handwriting that it seals; None for a signature of the machine alone.
    """

    holds: bool
    signer: str
    identity: Literal["trusted", "unknown"]
    time: str
    time_source: Literal["timestamp", "unproven", "clock", "none"]
    problems: tuple[str, ...] = ()
    hand: HandReport | None = None


class AlteredPart(msgspec.Struct, frozen=True, rename="camel"):
    """Part of a recording that is not what was recorded, in seconds; `end` is None for all that follows."""

    begin: float
    end: float | None


class RecordingReport(msgspec.Struct, frozen=True, rename="camel"):
    """Statement of a recording about itself.

    Attributes
    ----------
    proven_seconds
        Time up to which it is proven from its beginning.
    alterations
        Parts that are others than were recorded.
    seconds
        Length, None without a seal.
    begun
        Moment of the first frame, by the clock of the machine.
    device
        Name of the camera.
    reason
        Reason for which it ended, as `StopRecord` tells.
    software
        Name and version.
    """

    proven_seconds: float
    alterations: tuple[AlteredPart, ...]
    seconds: float | None
    begun: str
    device: str
    reason: str
    software: str


class VerificationReport(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Verdict on a file.

    Attributes
    ----------
    holds
        There is a signature, and all that the file claims holds.
    pdfa, breaches
        Level of PDF/A that it claims, and clauses that it breaks.
    notes
        Short names of what a reader should know, though nothing is wrong.
    record
        Record inside of the file or beside it, see `server.archive.record`; None without one.
    recording
        Statement of a recording about itself; None for other files.
    """

    __repr__ = redacted_repr

    holds: bool
    signatures: tuple[SignatureReport, ...] = ()
    problems: tuple[str, ...] = ()
    pdfa: str = ""
    breaches: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    record: DocumentRecord | None = None
    recording: RecordingReport | None = None


decode_job = msgspec.msgpack.Decoder(Sign | Verify | LookAtPlace | MakeKey).decode
decode_answer = msgspec.msgpack.Decoder(StampWanted | JobDone | JobFailed).decode
encode = msgspec.msgpack.Encoder().encode


def is_there() -> bool:
    """Return whether the library of signatures is installed."""
    return find_spec("pyhanko") is not None


async def sign(
    data: bytes, key: SigningKey, stamps: str = "", record: bytes | None = None, hand: bytes = b""
) -> bytes:
    """Return the signed PDF or JPEG, or the signature of anything else.

    Parameters
    ----------
    stamps
        Address of a server of time stamps; empty for none.
    record
        Record of a JPEG that gets content credentials, as JSON, maybe empty; None for another signature.
    hand
        `server.archive.handwriting.HandOrder` for a PDF, as JSON; empty for none.

    Raises
    ------
    server.errors.SigningFailed
        The key cannot be used, or the server of time stamps; nothing was signed.
    server.errors.DecoderUnavailable
    """
    profile = None if key.token else Profile(reads=(key.path,), programs=True)
    job = Sign(key, bool(stamps), None if record is None else len(record), len(hand))
    return await _run(job, [data, record or b"", hand], profile, stamps)


async def verify(
    data: bytes, signature: bytes = b"", trusted: bytes = b"", record: tuple[bytes, bytes] = (b"", b"")
) -> VerificationReport:
    """Return the verdict on a file.

    Parameters
    ----------
    signature
        Of a file that is no PDF.
    trusted
        Certificates, and lists of revoked ones, in PEM; empty where identities are not judged.
    record
        Record beside the file, as JSON and XML; empty without one.

    Raises
    ------
    server.errors.SigningFailed
        The file cannot be read.
    server.errors.DecoderUnavailable
    """
    pieces = [data, signature, trusted, *record]
    job = Verify(tuple(map(len, pieces)))  # type: ignore[arg-type]
    made = await _run(job, pieces, Profile(programs=True))
    try:
        return msgspec.json.decode(made, type=VerificationReport)
    except msgspec.MsgspecError as exc:
        raise _broken("nonsense") from exc


async def is_free(document: bytes, page: int, place: tuple[float, float, float, float]) -> bool:
    """Return whether a place of a signed PDF has no signature yet; see `LookAtPlace`.

    Raises
    ------
    server.errors.SigningFailed
        A signature of it does not hold.
    server.errors.DecoderUnavailable
    """
    return await _run(LookAtPlace(page, place), [document], Profile(programs=True)) == b"free"


async def signing_key(config: ArchiveConfig, folder: Path) -> SigningKey:
    """Return the key that is configured, else that of this machine, which is made where there is none.

    Parameters
    ----------
    folder
        Folder of the machine's key.
    """
    password = await asyncio.to_thread(_password, config.password_file) if config.password_file else ""
    if config.key:
        return SigningKey(_expanded(config.key), password, config.token, config.label)
    path = folder / "signing.pem"
    await make_key(path, platform.node())
    return SigningKey(str(path))


def _expanded(name: str) -> str:
    return str(Path(name).expanduser())


def _password(name: str) -> str:
    try:
        return Path(name).expanduser().read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise _failed("口令文件无法读取", "the file of the password cannot be read") from exc


async def make_key(path: Path, name: str) -> None:
    """Make a key of this machine where there is none.

    Raises server.errors.SigningFailed, DecoderUnavailable.
    """
    if not await asyncio.to_thread(_is_there, path):
        await _run(MakeKey(str(path), name), [b"-"], Profile(writes=(str(path.parent),)))


def _is_there(path: Path) -> bool:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path.exists()


async def _run(job: ArchiveJob, pieces: list[bytes], profile: Profile | None, stamps: str = "") -> bytes:
    if not is_there():
        raise ToolMissing(tool=LIBRARY)
    spec = ChildSpec(
        WORKER,
        added=ONE_THREAD,
        limits=LIMITS,
        untrusted=profile is not None,
        profile=profile,
        variables=("SOFTHSM2_CONF",),
    )
    try:
        child = await start_child(AsyncChild, spec)
    except OSError as exc:
        raise DecoderUnavailable(reason=exc.strerror or type(exc).__name__) from exc
    try:
        with closing(await asyncio.to_thread(lambda: MemoryFile(filled(pieces)))) as file:
            child.send(encode(job), file.descriptor)
            return await _result(child, stamps)
    except TimeoutError:
        raise _failed(f"{SECONDS:g} 秒内没有完成", f"not done in {SECONDS:g} seconds") from None
    except ChildEnded as ended:
        raise _broken(str(ended.exit)) from None
    finally:
        await child.finish()


async def _result(child: AsyncChild, stamps: str) -> bytes:
    while True:
        answer, content = await child.listen(decode_answer, SECONDS)
        if isinstance(answer, JobFailed):
            raise _failed(answer.zh[:300], answer.en[:300])
        if isinstance(answer, JobDone):
            return b"" if content is None else bytes(content)
        child.send(await _stamp(stamps, answer.request))


async def _stamp(address: str, request: bytes) -> bytes:
    """Ask a server of time stamps; what it answers is judged by the process that signs."""
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        timeout = aiohttp.ClientTimeout(total=STAMP_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(address, data=request, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise _no_stamp(f"HTTP {answer.status}")
            return await answer.content.readexactly(min(answer.content_length or 0, STAMP_BYTES)) or b"-"
    except TimeoutError:
        raise _no_stamp(f"> {STAMP_SECONDS:g} s") from None
    except (aiohttp.ClientError, asyncio.IncompleteReadError, OSError) as exc:
        raise _no_stamp(type(exc).__name__) from exc


def _no_stamp(reason: str) -> SigningFailed:
    return _failed(
        f"时间戳服务器没有给出时间戳（{reason}）", f"the server of time stamps gave none ({reason})"
    )


def _broken(how: str) -> SigningFailed:
    return _failed(f"处理进程终止（{how}）", f"the process that did it ended ({how})")


def _failed(zh: str, en: str) -> SigningFailed:
    return SigningFailed(reason=LocalizedText(zh, en))
