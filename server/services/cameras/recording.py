"""Recording: the frames of an open camera, written to a file as they come."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import cv2

from server.access.client import Client
from server.config import RecordingConfig
from server.devices.ports.camera import Camera, Frame, PixelFormat, Size
from server.documents.proven_recording import ProvenRecording
from server.documents.recording_proof import SEAL_BYTES
from server.errors import (
    DeviceBusy,
    DeviceTimeout,
    GaopaiError,
    LocalizedText,
    NotRecording,
    RecordingCut,
    StorageFailed,
    StorageFull,
    ToolMissing,
)
from server.protocol.messages import recording as messages
from server.protocol.messages.base import Answer
from server.runtime.background import supervise
from server.services.cameras.leases import CameraLeases
from server.services.context import RequestContext, handles
from server.storage.root import Storage
from server.streaming.hub import FrameSubscription, Hub, HubClosed
from server.streaming.pixels import BrokenFrame, pixels

log = logging.getLogger(__name__)

Signer = Callable[[bytes], Awaitable[bytes]]
"""Returns the CMS signature of bytes; raises `GaopaiError` where it cannot."""

SUFFIXES = ("mkv",)
FRAME_SECONDS = 8.0
"""Time limit for the next frame, in seconds, after which a recording ends."""
SIGN_SECONDS = 30.0
"""Time limit for the signature of a recording, in seconds, after which it stays without one."""
CLOSE_SECONDS = 50.0
"""Time limit for a recording to end, in seconds."""
DISK_SECONDS = 1.0
"""Pause between two looks at the free disk, in seconds."""
INDEX_BYTES = 64 * 1024 + SEAL_BYTES
"""Room for what is written at the end of a recording, in bytes."""
RAW_QUALITY = 90
"""JPEG quality of frames that do not come as JPEGs."""


class RecordingEnd(StrEnum):
    """Reason for which a recording ended; values are the protocol's."""

    STOPPED = "stopped"
    SECONDS = "seconds"
    BYTES = "bytes"
    DISK = "disk"
    DEVICE = "device"
    MODE = "mode"


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """Limits of a recording, which ends at the first that is reached.

    Attributes
    ----------
    free_bytes
        Bytes that stay free on the disk.
    """

    seconds: float
    size_bytes: int
    free_bytes: int

    def within(self, wanted: RecordingLimits) -> RecordingLimits:
        """Return the narrower of both."""
        return RecordingLimits(
            min(self.seconds, wanted.seconds),
            min(self.size_bytes, wanted.size_bytes),
            max(self.free_bytes, wanted.free_bytes),
        )


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """File of a recording, the reason for which that ended, and whether it has a signature."""

    path: Path
    seconds: float
    size_bytes: int
    captures: int
    end: RecordingEnd
    signed: bool


@dataclass(eq=False, repr=False)
class Recording:
    """Recording of one camera, from `start` until it is stopped or reaches a limit.

    Each frame is on the disk before the next two are taken: what is killed leaves a file that plays. Frames
    that come while the disk is slow are left out.

    Parameters
    ----------
    ended
        Called in the event loop once it ended by itself.
    """

    _hub: Hub
    _storage: Storage
    _name: str
    _limits: RecordingLimits
    _sign: Signer
    _tell: Callable[[RecordedFile | GaopaiError], None]
    _files: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, init=False)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _film: ProvenRecording | None = field(default=None, init=False)
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _result: RecordedFile | GaopaiError | None = field(default=None, init=False)
    _begun: float = field(default=0.0, init=False)
    _size: Size | None = field(default=None, init=False)
    _seconds: float = field(default=0.0, init=False)
    _captures: list[float] = field(default_factory=list, init=False)
    _looked: float = field(default=0.0, init=False)

    @property
    def ended(self) -> bool:
        """True once its file is complete."""
        return self._result is not None

    async def start(self) -> None:
        """Make the file and begin.

        Raises
        ------
        server.errors.GaopaiError
            The file cannot be made.
        """
        opening = self._storage.growing(self._name, self._limits.size_bytes, SUFFIXES)
        file = await asyncio.to_thread(self._files.enter_context, opening)
        self._task = supervise("recording", lambda: self._run(file), restart=False)

    async def stop(self) -> RecordedFile:
        """End it if it runs; return its file, which is complete then.

        Raises
        ------
        server.errors.RecordingCut
            The disk failed; what it took before is kept.
        server.errors.DeviceTimeout
            It did not end in time.
        """
        self._stopped.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=CLOSE_SECONDS)
        if self._result is None:
            raise DeviceTimeout(device=self._hub.name, seconds=int(CLOSE_SECONDS))
        if isinstance(self._result, GaopaiError):
            raise self._result
        return self._result

    def mark_capture(self) -> None:
        """Begin a chapter at a capture that is made now."""
        if self._begun:
            self._captures.append(time.monotonic() - self._begun)

    async def _run(self, file: BinaryIO) -> None:
        end = RecordingEnd.DEVICE
        failure = None
        try:
            with self._hub.watch() as watch:
                end = await self._write_frames(file, watch)
        except (HubClosed, GaopaiError):
            pass  # the camera is gone: what it sent is kept
        except OSError as exc:
            failure = exc
        try:
            self._result = await self._finish(file, end, failure)
        except (StorageFull, StorageFailed) as error:
            # The file is there, unlike one that was saved at once.
            self._result = RecordingCut(name=self._name, reason=_reason(error))
        except GaopaiError as error:
            self._result = error
        if not self._stopped.is_set():
            self._tell(self._result)

    async def _finish(self, file: BinaryIO, end: RecordingEnd, failure: OSError | None) -> RecordedFile:
        signature = b""
        film = self._film
        if film is not None and failure is None:
            try:
                proof = await asyncio.to_thread(film.close, self._captures, end.value)
                signature = await self._signature_of(proof)
                await asyncio.to_thread(film.seal, proof, signature)
            except OSError as exc:
                failure = exc
        return await asyncio.to_thread(self._close, file, end, failure, bool(signature))

    async def _signature_of(self, proof: bytes) -> bytes:
        """Return the signature, or nothing where none can be made: a recording is kept all the same."""
        try:
            async with asyncio.timeout(SIGN_SECONDS):
                return await self._sign(proof)
        except ToolMissing:
            pass  # without the extra nobody expects one
        except GaopaiError as error:
            log.warning("a recording was not signed: %s", error.message("en"))
        except TimeoutError:
            log.warning("a recording was not signed within %g s", SIGN_SECONDS)
        return b""

    async def _write_frames(self, file: BinaryIO, watch: FrameSubscription) -> RecordingEnd:
        while not self._stopped.is_set():
            frame = await watch.next(FRAME_SECONDS)
            end = await asyncio.to_thread(self._write, file, frame)
            if end is not None:
                return end
        return RecordingEnd.STOPPED

    # In threads, one after the other ---------------------------------------------------

    def _write(self, file: BinaryIO, frame: Frame) -> RecordingEnd | None:
        """Write a frame; return the reason to end, if there is one."""
        try:
            jpeg = _jpeg(frame)
        except BrokenFrame:
            return None
        if self._film is None:
            begun = datetime.datetime.now().astimezone()
            self._film = ProvenRecording(file, frame.size, self._hub.name, begun)
            self._begun = frame.time
            self._size = frame.size
        if frame.size != self._size:
            return RecordingEnd.MODE
        self._seconds = frame.time - self._begun
        end = self._reached(self._film.size_bytes + len(jpeg) + INDEX_BYTES)
        if end is None:
            self._film.write(jpeg, self._seconds)
        return end

    def _reached(self, size_bytes: int) -> RecordingEnd | None:
        if self._seconds >= self._limits.seconds:
            return RecordingEnd.SECONDS
        if size_bytes > self._limits.size_bytes:
            return RecordingEnd.BYTES
        if time.monotonic() >= self._looked + DISK_SECONDS:
            self._looked = time.monotonic()
            if self._storage.free_bytes(self._name) < self._limits.free_bytes:
                return RecordingEnd.DISK
        return None

    def _close(
        self, file: BinaryIO, end: RecordingEnd, failure: OSError | None, signed: bool
    ) -> RecordedFile:
        # Within the file, so that an error of its disk is told as one.
        with self._files:
            if failure is not None:
                raise failure
            size = os.fstat(file.fileno()).st_size
        path = self._storage.located(self._name)
        return RecordedFile(path, round(self._seconds, 3), size, len(self._captures), end, signed)


def _reason(error: StorageFull | StorageFailed) -> LocalizedText | str:
    if isinstance(error, StorageFull):
        return LocalizedText("磁盘已满", "it is full")
    reason = error.values["reason"]
    return reason if isinstance(reason, LocalizedText) else str(reason)


def _jpeg(frame: Frame) -> bytes:
    if frame.format is PixelFormat.MJPG:
        return frame.data
    return cv2.imencode(".jpg", pixels(frame), [cv2.IMWRITE_JPEG_QUALITY, RAW_QUALITY])[1].tobytes()


BUSY = LocalizedText("正在进行的录像", "a recording")


class RecordingService:
    """Recordings of the cameras that clients have opened, one of each camera."""

    def __init__(self, leases: CameraLeases, storage: Storage, limits: RecordingLimits, sign: Signer) -> None:
        self._leases = leases
        self._storage = storage
        self._limits = limits
        self._sign = sign
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
        """
        present = self._leases.owned(client, camera)
        key = (client.origin, camera.info.id)
        if any(one == key[1] and not running.ended for (_, one), running in self._recordings.items()):
            raise DeviceBusy(device=camera.info.name, holder=BUSY)
        storage = self._storage.of(client.origin)
        name = name or storage.default_name(".mkv", datetime.datetime.now(), SUFFIXES)
        recording = Recording(present.hub, storage, name, self._limits.within(wanted), self._sign, ended)
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
        """End the recording of a camera, or tell how it ended."""
        key = (client.origin, camera.info.id)
        recording = self._recordings.get(key)
        if recording is None:
            raise NotRecording(device=camera.info.name)
        if not recording.ended and self._leases.is_open(camera):
            self._leases.owned(client, camera)
        file = await recording.stop()
        self._recordings.pop(key, None)
        return file

    async def close(self) -> None:
        """End all, at the end of the service."""
        recordings = self._recordings
        self._recordings = {}
        await asyncio.gather(*(one.stop() for one in recordings.values()), return_exceptions=True)


MIB = 1024 * 1024
"""Bytes in a mebibyte."""


class RecordingHandlers:
    """Handlers of requests about recordings."""

    def __init__(self, leases: CameraLeases, recordings: RecordingService) -> None:
        self._leases = leases
        self._recordings = recordings

    @handles("StartRecord")
    async def start(self, context: RequestContext, request: messages.StartRecordRequest) -> Answer:
        camera = self._leases.numbered(context.client, request.dev_num)
        wanted = RecordingLimits(request.seconds or float("inf"), request.max_bytes or 2**63, 0)

        def ended(result: RecordedFile | GaopaiError) -> None:
            context.notify(_finished(result))

        path = await self._recordings.start(context.client, camera, request.file_path, wanted, ended)
        return messages.StartRecordAnswer(file_path=str(path))

    @handles("StopRecord")
    async def stop(self, context: RequestContext, request: messages.StopRecordRequest) -> Answer:
        camera = self._leases.numbered(context.client, request.dev_num)
        file = await self._recordings.stop(context.client, camera)
        return messages.StopRecordAnswer(
            file_path=str(file.path),
            seconds=file.seconds,
            size=file.size_bytes,
            captures=file.captures,
            reason=file.end.value,
            signed=file.signed,
        )


def recording_limits(config: RecordingConfig) -> RecordingLimits:
    """Return the limits of the configuration."""
    return RecordingLimits(config.seconds, config.mib * MIB, config.free_mib * MIB)


def _finished(result: RecordedFile | GaopaiError) -> messages.RecordFinished:
    if isinstance(result, GaopaiError):
        return messages.RecordFinished(event="OnRecordFinished", kind="record", reason=result.message("en"))
    return messages.RecordFinished(
        event="OnRecordFinished", kind="record", file_path=str(result.path), reason=result.end.value
    )
