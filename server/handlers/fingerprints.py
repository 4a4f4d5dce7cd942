"""Taking and comparing fingerprints."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pybase64

from server.errors import FingersDiffer
from server.handlers.context import Handler, RequestContext
from server.protocol.messages.base import Answer
from server.protocol.messages.fingerprints import (
    FingerMatchAnswer,
    FingerMatchRequest,
    FingerPressPush,
    FingerReaderEntry,
    GetFingerReaderInfoAnswer,
    GetFingerReaderInfoRequest,
    ReadFingerInfoAnswer,
    ReadFingerInfoRequest,
)
from server.services.fingerprints.reading import (
    EnrolmentOptions,
    EnrolmentProgress,
    FingerprintService,
    MatchOptions,
)
from server.services.fingerprints.uploaded import UploadedFingerprints


class FingerprintHandlers:
    """Requests about fingers, handed to the services."""

    def __init__(self, reading: FingerprintService, given: UploadedFingerprints) -> None:
        self._reading = reading
        self._given = given

    def table(self) -> Mapping[str, Handler]:
        """The handlers by function name."""
        return {"ReadFingerInfo": self.read, "FingerMatch": self.match, "GetFingerReaderInfo": self.sensors}

    async def sensors(self, exchange: RequestContext, request: GetFingerReaderInfoRequest) -> Answer:
        sensors = await self._reading.sensors(exchange.client)
        entries = (FingerReaderEntry(dev_name=info.name, presses=info.presses) for info in sensors)
        return GetFingerReaderInfoAnswer(finger_readers=tuple(entries))

    async def read(self, exchange: RequestContext, request: ReadFingerInfoRequest) -> Answer:
        async def told(progress: EnrolmentProgress) -> None:
            await exchange.answer(_push(exchange, progress), "Notify")

        seconds = None if request.timeout is None else request.timeout / 1000
        wish = EnrolmentOptions(request.presses, seconds, request.dev_num)
        finger = await self._reading.read(exchange.client, wish, told)
        return ReadFingerInfoAnswer(
            finger_image_base64=pybase64.b64encode_as_string(finger.picture),
            finger_feature=";".join(map(pybase64.b64encode_as_string, finger.features)),
        )

    async def match(self, exchange: RequestContext, request: FingerMatchRequest) -> Answer | None:
        given = await self._given.views(request.finger_image_base64, request.finger_feature)
        wish = MatchOptions(request.timeout / 1000, request.threshold, request.dev_num)
        comparison = await self._reading.match(exchange.client, given, wish)
        # Rounded down: what is below the threshold must not read as if it had reached it.
        similarity = math.floor(comparison.similarity * 10_000) / 10_000
        if comparison.similarity >= request.threshold:
            picture = pybase64.b64encode_as_string(comparison.picture)
            return FingerMatchAnswer(finger_image_base64=picture, similarity=similarity)
        differ = FingersDiffer(similarity=f"{similarity:g}", threshold=f"{request.threshold:g}")
        await exchange.refuse(differ, FingerMatchAnswer(similarity=similarity))
        return None


def _push(exchange: RequestContext, progress: EnrolmentProgress) -> FingerPressPush:
    return FingerPressPush(
        event="OnFingerPress",
        pressed=progress.pressed,
        presses=progress.presses,
        reason=progress.flaw.fill(exchange.language, {}) if progress.flaw else None,
    )
