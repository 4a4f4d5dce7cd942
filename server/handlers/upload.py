"""Upload requests."""

from __future__ import annotations

from server.handlers.context import RequestContext, handles
from server.protocol.codec import push
from server.protocol.messages.base import Answer
from server.protocol.messages.files import UploadHttpFileAnswer, UploadHttpFileRequest
from server.protocol.messages.service import NotifyPush
from server.services.pools import ThreadPools
from server.services.upload.service import FinishedUpload, UploadService
from server.services.upload.transfer import Upload
from server.services.uploaded_picture import decoded


class UploadHandlers:
    """Handlers of requests to upload files."""

    def __init__(self, uploads: UploadService, pools: ThreadPools) -> None:
        self._uploads = uploads
        self._pools = pools

    @handles("UploadHttpFile")
    async def send(self, context: RequestContext, request: UploadHttpFileRequest) -> Answer | None:
        upload = await self._upload(context, request)
        outcome = await self._uploads.send(upload)
        if outcome.error is None:
            return UploadHttpFileAnswer(status=outcome.status, response=outcome.response)
        queued = await self._uploads.queue(upload, outcome) if request.retry else None
        known = UploadHttpFileAnswer(status=outcome.status, response=outcome.response, queued=queued)
        await context.refuse(outcome.error, known)
        return None

    async def _upload(self, context: RequestContext, request: UploadHttpFileRequest) -> Upload:
        # The standard: the picture in the message first, files only where it is empty.
        coded = request.image_base64
        return Upload(
            url=request.url,
            page=context.client.origin,
            params=request.params,
            files=() if coded else request.image_path,
            picture=await self._pools.run(decoded, coded) if coded else None,
            req_id=context.head.req_id,
        )


def notice(finished: FinishedUpload) -> bytes:
    """Return the notice of an upload that left the queue."""
    message = NotifyPush(
        event="OnUploadFinished", kind="upload", uploaded=finished.uploaded, status=finished.status
    )
    return push("Notify", message, finished.req_id)
