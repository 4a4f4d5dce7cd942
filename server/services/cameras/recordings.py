"""Recordings of the cameras that clients have opened."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from pathlib import Path

from server.access.client import Client
from server.config import RecordingConfig
from server.devices.ports.camera import Camera
from server.errors import DeviceBusy, GaopaiError, LocalizedText, NotRecording
from server.protocol.messages.base import Answer
from server.protocol.messages.recording import (
    RecordFinished,
    StartRecordAnswer,
    StartRecordRequest,
    StopRecordAnswer,
    StopRecordRequest,
)
from server.services.cameras.desk import CameraDesk
from server.services.cameras.recording import SUFFIXES, RecordedFile, Recording, RecordingLimits
from server.services.context import RequestContext, handles
from server.storage.root import Storage

BUSY = LocalizedText("正在进行的录像", "a recording")


class RecordingService:
    """Recordings of the cameras that clients have opened, one of each camera."""

    def __init__(self, desk: CameraDesk, storage: Storage, limits: RecordingLimits) -> None:
        self._desk = desk
        self._storage = storage
        self._limits = limits
        self._recordings: dict[tuple[str | None, str], Recording] = {}
        """By origin and camera: only pages of the origin that began one are told of it."""

    async def start(
        self,
        client: Client,
        camera: Camera,
        name: str,
        wanted: RecordingLimits,
        ended: Callable[[RecordedFile | GaopaiError], None],
    ) -> Path:
        """Begin to record a camera; return the file, which grows from now on.

        Parameters
        ----------
        name
            Name below the storage root; empty for one by date and time.
        wanted
            Limits below those of the configuration.
        ended
            Called once it ended by itself.

        Raises
        ------
        DeviceNotOpen, DeviceBusy, BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed
        """
        present = self._desk.owned(client, camera)
        key = (client.origin, camera.info.id)
        if any(one == key[1] and not running.ended for (_, one), running in self._recordings.items()):
            raise DeviceBusy(device=camera.info.name, holder=BUSY)
        storage = self._storage.of(client.origin)
        name = name or storage.default_name(".mkv", datetime.datetime.now(), SUFFIXES)
        recording = Recording(present.hub, storage, name, self._limits.within(wanted), ended)
        # Before it runs, so that a second request meanwhile finds it.
        self._recordings[key] = recording
        try:
            await recording.start()
        except BaseException:
            del self._recordings[key]
            raise
        present.recording = recording
        return storage.located(name)

    async def stop(self, client: Client, camera: Camera) -> RecordedFile:
        """End the recording of a camera, or tell how it ended.

        Raises
        ------
        DeviceBusy, NotRecording, StorageFull, StorageFailed
        """
        key = (client.origin, camera.info.id)
        recording = self._recordings.get(key)
        if recording is None:
            raise NotRecording(device=camera.info.name)
        if not recording.ended and self._desk.is_open(camera):
            self._desk.owned(client, camera)
        file = await recording.stop()
        self._recordings.pop(key, None)
        return file

    async def close(self) -> None:
        """End all, at the end of the service."""
        recordings, self._recordings = self._recordings, {}
        await asyncio.gather(*(one.stop() for one in recordings.values()), return_exceptions=True)


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
