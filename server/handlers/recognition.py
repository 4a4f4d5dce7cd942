"""Recognising barcodes."""

from __future__ import annotations

from collections.abc import Mapping

from server.handlers.codes import code_info
from server.handlers.exchange import Exchange, Handler
from server.protocol.messages.base import Answer
from server.protocol.messages.recognition import RecogBarCodeAnswer, RecogBarCodeRequest
from server.services.given_picture import GIVEN, decoded
from server.services.recognition import Recognition
from server.services.workers import Workers


class RecognitionHandlers:
    """Requests to read codes, handed to the service."""

    def __init__(self, recognition: Recognition, workers: Workers) -> None:
        self._recognition = recognition
        self._workers = workers

    def table(self) -> Mapping[str, Handler]:
        """The handlers by function name."""
        return {"RecogBarCode": self.read}

    async def read(self, exchange: Exchange, request: RecogBarCodeRequest) -> Answer:
        # The standard: the picture in the message first, files only where it is empty.
        if request.image_base64:
            data = await self._workers.run(decoded, request.image_base64)
            seen = await self._recognition.read_given(data, GIVEN)
        else:
            seen = await self._recognition.read_files(request.image_path)
        return RecogBarCodeAnswer(code_infos=tuple(code_info(one.code, one.page, one.path) for one in seen))
