"""Requests about recordings."""

from __future__ import annotations

from server.config import RecordingConfig
from server.errors import GaopaiError
from server.handlers.context import RequestContext, handles
from server.protocol.messages.base import Answer
from server.protocol.messages.recording import (
    RecordFinished,
    StartRecordAnswer,
    StartRecordRequest,
    StopRecordAnswer,
    StopRecordRequest,
)
from server.services.cameras.desk import CameraDesk
from server.services.cameras.recording import RecordedFile, RecordingLimits
from server.services.cameras.recordings import RecordingService

MIB = 1024 * 1024


class RecordingHandlers:
    """Handlers of requests about recordings."""

    def __init__(self, desk: CameraDesk, recordings: RecordingService) -> None:
        self._desk = desk
        self._recordings = recordings

    @handles("StartRecord")
    async def start(self, context: RequestContext, request: StartRecordRequest) -> Answer:
        camera = self._desk.camera(context.client, request.dev_num)
        wanted = RecordingLimits(request.seconds or float("inf"), request.max_bytes or 2**63, 0)

        def ended(result: RecordedFile | GaopaiError) -> None:
            context.notify(_finished(result))

        path = await self._recordings.start(context.client, camera, request.file_path, wanted, ended)
        return StartRecordAnswer(file_path=str(path))

    @handles("StopRecord")
    async def stop(self, context: RequestContext, request: StopRecordRequest) -> Answer:
        camera = self._desk.camera(context.client, request.dev_num)
        file = await self._recordings.stop(context.client, camera)
        return StopRecordAnswer(
            file_path=str(file.path),
            seconds=file.seconds,
            size=file.size_bytes,
            captures=file.captures,
            reason=file.end.value,
        )


def recording_limits(config: RecordingConfig) -> RecordingLimits:
    """Return the limits of the configuration."""
    return RecordingLimits(config.seconds, config.mib * MIB, config.free_mib * MIB)


def _finished(result: RecordedFile | GaopaiError) -> RecordFinished:
    if isinstance(result, GaopaiError):
        return RecordFinished(event="OnRecordFinished", kind="record", reason=result.message("en"))
    return RecordFinished(
        event="OnRecordFinished", kind="record", file_path=str(result.path), reason=result.end.value
    )
