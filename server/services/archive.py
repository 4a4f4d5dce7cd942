"""Signatures of stored files, and the verification of what files claim."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path, PurePath

import msgspec

from server import errors
from server.access.client import Client
from server.archive import RECORD_SUFFIXES, signing
from server.archive.hand_record import HandOrder
from server.archive.record import FileDigest, as_json, document_record
from server.config import ArchiveConfig
from server.documents.recording_proof import RecordingVerdict, verify_recording
from server.documents.recording_report import SUFFIX as RECORDING_SUFFIX
from server.documents.recording_report import recording_report
from server.errors import GaopaiError, LocalizedText
from server.protocol.messages import archive as messages
from server.protocol.messages.base import Answer
from server.runtime.turns import Turns
from server.services.context import RequestContext, handles
from server.services.pictures.resources import PictureResources
from server.services.pictures.uploaded_picture import file_of

PDF = b"%PDF-"
JPEG = b"\xff\xd8"
JPEG_SUFFIXES = ("jpg", "jpeg")
BESIDE = (signing.SUFFIX[1:],)
"""Suffixes of a signature beside its file."""
NEEDING = ("SignFile", "VerifyFile", "RequestSignature")
"""Functions that need the library of signatures."""
_NO_JPEG = LocalizedText("c2pa 只用于 JPEG 文件", "c2pa is for JPEG files alone")


def missing_library() -> Mapping[str, GaopaiError]:
    """Return an error for the functions whose library is missing; blocks for a moment."""
    missing = errors.ToolMissing(tool=signing.LIBRARY)
    return {} if signing.is_there() else dict.fromkeys(NEEDING, missing)


class SigningService:
    """Signs and verifies with the keys of the configuration, for one job of an origin at a time.

    `state`: folder of the machine's own key.
    """

    def __init__(self, config: ArchiveConfig, state: Path) -> None:
        self._config = config
        self._state = state
        self._turns = Turns(2, 1, signing.JOB_BYTES, free=0)

    async def sign(self, data: bytes, record: bytes | None = None) -> bytes:
        """Return what `server.archive.signing.sign` makes.

        Raises server.errors.SigningFailed, ToolMissing, DecoderUnavailable.
        """
        async with self._turns.taken():
            return await signing.sign(
                data, await signing.signing_key(self._config, self._state), self._config.stamps, record
            )

    async def sign_by_hand(self, document: bytes, order: HandOrder) -> bytes:
        """Return a PDF with handwriting, which the signature seals; raises what `sign` does."""
        async with self._turns.taken():
            key = await signing.signing_key(self._config, self._state)
            told = await asyncio.to_thread(msgspec.json.encode, order)
            return await signing.sign(document, key, self._config.stamps, hand=told)

    async def is_free(self, document: bytes, page: int, place: tuple[float, float, float, float]) -> bool:
        """Return whether a place of a signed PDF has no signature yet; raises what `sign` does.

        Parameters
        ----------
        page
            From 1.
        place
            Left, top, width and height as shares of the page as it is shown.
        """
        async with self._turns.taken():
            return await signing.is_free(document, page, place)

    async def verify(
        self, data: bytes, signature: bytes, record: tuple[bytes, bytes]
    ) -> signing.VerificationReport:
        """Return the verdict on a file, and on signature and record beside it; raises what `sign` does."""
        async with self._turns.taken():
            return await signing.verify(data, signature, self._trusted(), record)

    async def verify_recording(self, verdict: RecordingVerdict) -> signing.VerificationReport:
        """Return the verdict on a recording, with that on its signature; raises what `sign` does."""
        async with self._turns.taken():
            return await recording_report(verdict, self._trusted())

    def _trusted(self) -> bytes:
        try:
            return Path(self._config.trust).expanduser().read_bytes() if self._config.trust else b""
        except OSError as exc:
            reason = LocalizedText("无法读取", exc.strerror or type(exc).__name__)
            raise errors.FileUnreadable(name="[archive] trust", reason=reason) from exc


class ArchiveHandlers:
    """Handlers of requests for signatures and verdicts."""

    def __init__(self, signing: SigningService, resources: PictureResources) -> None:
        self._signing = signing
        self._provenance = resources.provenance
        self._storage = resources.storage
        self._pools = resources.pools

    @handles("SignFile")
    async def sign(self, context: RequestContext, request: messages.SignFileRequest) -> Answer:
        client = context.client
        storage = self._storage.of(context.client.origin)
        data = await self._read(client, request.path)
        name = storage.relative(request.path)
        record: bytes | None = None
        suffixes: tuple[str, ...] = BESIDE
        if request.format:
            if not data.startswith(JPEG):
                raise errors.BadParameter(field="format", reason=_NO_JPEG)
            record = await self._record(client, name, data)
            suffixes = JPEG_SUFFIXES
        elif data.startswith(PDF):
            suffixes = ("pdf",)
        signed = f"{PurePath(name).with_suffix('')}-signed.{suffixes[0]}"
        target = request.file_path or (f"{name}{signing.SUFFIX}" if suffixes == BESIDE else signed)
        await self._pools.run(storage.check, target, suffixes)
        made = await self._signing.sign(data, record)
        (path,) = await self._pools.run(storage.save_documents, target, [[made]], suffixes)
        return messages.SignFileAnswer(file_path=str(path))

    @handles("VerifyFile")
    async def verify(self, context: RequestContext, request: messages.VerifyFileRequest) -> Answer:
        stored = not request.file_base64
        signed_beside = request.signature_path or request.signature_base64
        if stored and not signed_beside and PurePath(request.path).suffix == RECORDING_SUFFIX:
            return _told(await self._recording(context.client, request.path))
        if stored:
            data = await self._read(context.client, request.path)
        else:
            data = await self._pools.run(file_of, request.file_base64, "fileBase64")
        signature = await self._signature(context.client, request)
        record = await self._beside(context.client, request.path) if stored else (b"", b"")
        return _told(await self._signing.verify(data, signature, record))

    async def _recording(self, client: Client, name: str) -> signing.VerificationReport:
        storage = self._storage.of(client.origin)

        def verdict() -> RecordingVerdict:
            with storage.opened(name) as file:
                return verify_recording(file)

        return await self._signing.verify_recording(await self._pools.run_heavy(verdict))

    async def _signature(self, client: Client, request: messages.VerifyFileRequest) -> bytes:
        if request.signature_base64:
            return await self._pools.run(file_of, request.signature_base64, "signatureBase64")
        return await self._read(client, request.signature_path) if request.signature_path else b""

    async def _beside(self, client: Client, name: str) -> tuple[bytes, bytes]:
        """Return the record beside a file, as JSON and XML; empty without one."""
        found = []
        for suffix in RECORD_SUFFIXES:
            try:
                found.append(await self._read(client, f"{name}{suffix}"))
            except (errors.FileMissing, errors.FileOfAnotherOrigin, errors.BadName):
                found.append(b"")
        return found[0], found[1]

    async def _record(self, client: Client, name: str, data: bytes) -> bytes:
        """Return the record of a picture as JSON: that beside it, or how it was taken; empty if unknown."""
        kept, _ = await self._beside(client, name)
        if kept:
            return kept
        file = await self._pools.run(FileDigest.of, [data])
        taken = self._provenance.of(client.origin, file.sha256)
        if taken is None:
            return b""
        return as_json(document_record(PurePath(name).stem, 1, file=file, capture=taken))

    async def _read(self, client: Client, name: str) -> bytes:
        return await self._pools.run_document(self._storage.of(client.origin).read, name, signing.FILE_BYTES)


def _told(report: signing.VerificationReport) -> messages.VerifyFileAnswer:
    told = {**msgspec.structs.asdict(report), "record": msgspec.to_builtins(report.record)}
    return msgspec.convert(told, messages.VerifyFileAnswer, from_attributes=True)
