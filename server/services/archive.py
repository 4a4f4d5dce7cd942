"""Signatures of stored files, and the verification of what files claim."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from server.access.client import Client
from server.archive.signing import (
    FILE_BYTES,
    JOB_BYTES,
    LIBRARY,
    SUFFIX,
    VerificationReport,
    is_there,
    sign,
    signing_key,
    verify,
)
from server.config import ArchiveConfig
from server.errors import FileUnreadable, GaopaiError, LocalizedText, ToolMissing
from server.protocol.messages import archive as messages
from server.protocol.messages.base import Answer
from server.runtime.turns import Turns
from server.services.context import RequestContext, handles
from server.services.pictures.uploaded_picture import file_of
from server.services.pools import ThreadPools
from server.storage.root import Storage

PDF = b"%PDF-"


def missing_library() -> Mapping[str, GaopaiError]:
    """Return an error for the functions whose library is missing; blocks for a moment."""
    missing = ToolMissing(tool=LIBRARY)
    return {} if is_there() else {"SignFile": missing, "VerifyFile": missing}


class SigningService:
    """Signs and verifies with the keys of the configuration, for one job of an origin at a time.

    `state`: folder of the machine's own key.
    """

    def __init__(self, config: ArchiveConfig, state: Path) -> None:
        self._config = config
        self._state = state
        self._turns = Turns(2, 1, JOB_BYTES, free=0)

    async def sign(self, data: bytes) -> bytes:
        """Return the signed PDF, or the signature of anything else.

        Raises server.errors.SigningFailed, ToolMissing, DecoderUnavailable.
        """
        async with self._turns.taken():
            return await sign(data, await signing_key(self._config, self._state), self._config.stamps)

    async def verify(self, data: bytes, signature: bytes) -> VerificationReport:
        """Return the verdict on a file, and on the signature beside it; raises what `sign` does."""
        async with self._turns.taken():
            return await verify(data, signature, self._trusted() if self._config.trust else b"")

    def _trusted(self) -> bytes:
        try:
            return Path(self._config.trust).expanduser().read_bytes()
        except OSError as exc:
            reason = LocalizedText("无法读取", exc.strerror or type(exc).__name__)
            raise FileUnreadable(name="[archive] trust", reason=reason) from exc


class ArchiveHandlers:
    """Handlers of requests for signatures and verdicts."""

    def __init__(self, signing: SigningService, storage: Storage, pools: ThreadPools) -> None:
        self._signing = signing
        self._storage = storage
        self._pools = pools

    @handles("SignFile")
    async def sign(self, context: RequestContext, request: messages.SignFileRequest) -> Answer:
        storage, data = (
            self._storage.of(context.client.origin),
            await self._read(context.client, request.path),
        )
        is_pdf = data.startswith(PDF)
        suffixes = ("pdf",) if is_pdf else (SUFFIX[1:],)
        name = storage.relative(request.path)
        target = request.file_path or (f"{name[:-4]}-signed.pdf" if is_pdf else f"{name}{SUFFIX}")
        await self._pools.run(storage.check, target, suffixes)
        made = await self._signing.sign(data)
        (path,) = await self._pools.run(storage.save_documents, target, [[made]], suffixes)
        return messages.SignFileAnswer(file_path=str(path))

    @handles("VerifyFile")
    async def verify(self, context: RequestContext, request: messages.VerifyFileRequest) -> Answer:
        if request.file_base64:
            data = await self._pools.run(file_of, request.file_base64, "fileBase64")
        else:
            data = await self._read(context.client, request.path)
        signature = await self._signature(context.client, request)
        made = await self._signing.verify(data, signature)
        fields = {name: getattr(made, name) for name in ("holds", "problems", "pdfa", "breaches", "notes")}
        signatures = msgspec.convert(
            made.signatures, tuple[messages.FileSignature, ...], from_attributes=True
        )
        record = None if made.record is None else msgspec.to_builtins(made.record)
        return messages.VerifyFileAnswer(signatures=signatures, record=record, **fields)

    async def _signature(self, client: Client, request: messages.VerifyFileRequest) -> bytes:
        if request.signature_base64:
            return await self._pools.run(file_of, request.signature_base64, "signatureBase64")
        return await self._read(client, request.signature_path) if request.signature_path else b""

    async def _read(self, client: Client, name: str) -> bytes:
        return await self._pools.run_document(self._storage.of(client.origin).read, name, FILE_BYTES)
