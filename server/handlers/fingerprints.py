"""Fingerprint requests."""

from __future__ import annotations

import math

import pybase64

from server.errors import FingersDiffer
from server.handlers.context import RequestContext, handles
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
    """Handlers of requests about fingerprints."""

    def __init__(self, fingerprints: FingerprintService, uploaded: UploadedFingerprints) -> None:
        self._fingerprints = fingerprints
        self._uploaded = uploaded

    @handles("GetFingerReaderInfo")
    async def sensors(self, context: RequestContext, request: GetFingerReaderInfoRequest) -> Answer:
        sensors = await self._fingerprints.sensors(context.client)
        entries = (FingerReaderEntry(dev_name=info.name, presses=info.presses) for info in sensors)
        return GetFingerReaderInfoAnswer(finger_readers=tuple(entries))

    @handles("ReadFingerInfo")
    async def read(self, context: RequestContext, request: ReadFingerInfoRequest) -> Answer:
        async def report(progress: EnrolmentProgress) -> None:
            await context.answer(_push(context, progress), "Notify")

        seconds = None if request.timeout is None else request.timeout / 1000
        options = EnrolmentOptions(request.presses, seconds, request.dev_num)
        enrolled = await self._fingerprints.enrol(context.client, options, report)
        return ReadFingerInfoAnswer(
            finger_image_base64=pybase64.b64encode_as_string(enrolled.picture),
            finger_feature=";".join(map(pybase64.b64encode_as_string, enrolled.features)),
        )

    @handles("FingerMatch")
    async def match(self, context: RequestContext, request: FingerMatchRequest) -> Answer | None:
        enrolled = await self._uploaded.views(request.finger_image_base64, request.finger_feature)
        options = MatchOptions(request.timeout / 1000, request.threshold, request.dev_num)
        comparison = await self._fingerprints.match(context.client, enrolled, options)
        # Rounded down: a similarity below the threshold must not read as if it had reached it.
        similarity = math.floor(comparison.similarity * 10_000) / 10_000
        if comparison.similarity >= request.threshold:
            picture = pybase64.b64encode_as_string(comparison.picture)
            return FingerMatchAnswer(finger_image_base64=picture, similarity=similarity)
        differ = FingersDiffer(similarity=f"{similarity:g}", threshold=f"{request.threshold:g}")
        await context.refuse(differ, FingerMatchAnswer(similarity=similarity))
        return None


def _push(context: RequestContext, progress: EnrolmentProgress) -> FingerPressPush:
    return FingerPressPush(
        event="OnFingerPress",
        pressed=progress.pressed,
        presses=progress.presses,
        reason=progress.flaw.fill(context.language, {}) if progress.flaw else None,
    )
