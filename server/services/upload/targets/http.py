"""Target: a web server that takes forms, as `UploadHttpFile` sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from server.config.targets import HttpTarget
from server.errors import UploadRejected
from server.services.upload import form
from server.services.upload.form import UploadForm
from server.services.upload.post import HttpReply, post
from server.services.upload.targets.connecting import tls_of
from server.services.upload.targets.port import DeliveredFile, Delivery, Reach, Receipt


@dataclass(frozen=True, slots=True)
class WebServer:
    """Server that knows a delivery that it has already by the number in ``Idempotency-Key``."""

    config: HttpTarget
    reach: Reach

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post a form with the parameters and the file."""
        destination = await self.reach.url(self.config.url)
        parts = [
            *form.text_parts(delivery.params),
            form.delivered_part(delivery.file.name, delivery.file.size),
        ]
        body = UploadForm(parts)
        reply = HttpReply()
        tls = await tls_of(self.reach, self.config.authorities)
        headers = form.headers_of(delivery.id, body)
        await post(destination, headers, pieces(body, delivery.file), reply, tls)
        if reply.status is None or not 200 <= reply.status < 300:
            raise UploadRejected(status=reply.status)
        return Receipt(delivery.file.name, status=reply.status, response=reply.text)

    def close(self) -> None:
        """Do nothing: each delivery has a connection of its own."""


async def pieces(body: UploadForm, file: DeliveredFile) -> AsyncIterator[bytes]:
    """Yield the body of a form with one file."""
    for frame, content in body.frames():
        yield frame
        if isinstance(content, bytes):
            yield content
            continue
        async for data in file.pieces():
            yield data


def target(config: HttpTarget, reach: Reach) -> WebServer:
    """Return the target of a configuration."""
    return WebServer(config, reach)
