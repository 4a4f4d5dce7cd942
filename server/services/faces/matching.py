"""Face matching: of two uploaded faces, or of one with the person before a camera."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imgcore import codec
from imgcore.face import Face, FaceQualityIssue, LivenessVerdict, quality_issue
from imgcore.face.action import Action
from imgcore.face.net import Floats
from imgcore.face.quality import SMALLEST
from imgcore.types import Image
from server import errors
from server.access.client import Client
from server.devices.ports.camera import PixelFormat
from server.errors import FaceTooDark, FaceTooSmall, GaopaiError, LocalizedText, NoFace
from server.services.faces.cameras import FaceCamera
from server.services.faces.engine import REASONS, FaceEngine, LivenessMethod
from server.services.faces.monitoring import FaceMonitor, FaceObservation, FaceWatcher
from server.services.page_source import PageSource
from server.services.pictures.uploaded_picture import decoded
from server.services.pools import ThreadPools
from server.streaming.pixels import encode

PICTURE = "faceImageBase64"
INPUT_BYTES = 64 << 20
"""Limit of a stored file with a face, in bytes."""
QUALITY = 92
"""JPEG quality of pictures of faces that do not come as JPEGs."""
SEVERAL = LocalizedText(
    "{picture}中有多张人脸，已取最大的一张", "of several faces in {picture} the largest was taken"
)

_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True, eq=False)
class UploadedFace:
    """Largest face of a picture.

    Attributes
    ----------
    vector
        Embedding of the face.
    jpeg
        The picture as JPEG.
    notice
        Remark on the picture, such as several faces in it.
    """

    vector: Floats = field(repr=False)
    jpeg: bytes = field(repr=False)
    notice: LocalizedText | None


class UploadedFaces:
    """Detects and embeds the faces of pictures."""

    def __init__(self, engine: FaceEngine, source: PageSource, pools: ThreadPools) -> None:
        self._engine = engine
        self._source = source
        self._pools = pools

    async def picture(self, text: str) -> UploadedFace:
        """Return the largest face of a picture in base64."""
        return await self._face(PICTURE, await self._pools.run_heavy(decoded, text, PICTURE))

    async def file(self, client: Client, name: str) -> UploadedFace:
        """Return the largest face of a file below the storage root, on its first page.

        Raises
        ------
        server.errors.FileMissing, FileUnreadable, FileOfAnotherOrigin, PathOutside, BadName
            Beside those of `picture`.
        """
        return await self._face(*await self._source.read(client, name, limit_bytes=INPUT_BYTES))

    async def _face(self, label: str, data: bytes) -> UploadedFace:
        async with self._source.decoders.file(label, data) as file:
            image = (await self._source.decoders.raster(file, 0)).image
        return await self._pools.run_heavy(self._find, label, data, image)

    def _find(self, label: str, data: bytes, image: Image) -> UploadedFace:
        faces = self._engine.find(image)
        issue = quality_issue(image, faces)
        if issue not in (None, FaceQualityIssue.SEVERAL):
            raise quality_error(issue, label)
        notice = SEVERAL.filled(picture=label) if issue is FaceQualityIssue.SEVERAL else None
        return UploadedFace(self._engine.embed(image, faces[0]), _as_jpeg(data, image), notice)


def quality_error(issue: FaceQualityIssue, label: str | LocalizedText) -> GaopaiError:
    """Return the error for a quality issue of the picture `label`."""
    if issue is FaceQualityIssue.TOO_SMALL:
        return FaceTooSmall(picture=label, pixels=f"{SMALLEST:g}")
    return FaceTooDark(picture=label) if issue is FaceQualityIssue.TOO_DARK else NoFace(picture=label)


def _as_jpeg(data: bytes, image: Image) -> bytes:
    """Return the picture as JPEG, the original data if that is one."""
    return data if data.startswith(_JPEG) else codec.encode(image, "JPEG", QUALITY)


MIN_OBSERVATIONS = 5
"""Observations of a person before a match is accepted; the best of them counts."""
MAX_OBSERVATIONS = 10
"""Observations after which a face below the threshold is another person's."""
SAME_PERSON = 0.3
"""Similarity of consecutive observations below which they show two people, and matching starts again."""
RIVAL = 0.7
"""Area of the second largest face, relative to the largest, from which the person is ambiguous."""
LIVE_PICTURE = LocalizedText("摄像头画面", "the camera's picture")


@dataclass(frozen=True, slots=True)
class FaceComparison:
    """Result of a comparison.

    Attributes
    ----------
    similarity
        0 to 1; None where there was nothing to compare.
    picture
        The live or the second picture, as JPEG.
    error
        Reason why it is no match, None for a match.
    notice
        Remark that does not change the result, such as several faces in a picture.
    """

    similarity: float | None
    picture: bytes = field(repr=False, default=b"")
    error: GaopaiError | None = None
    notice: LocalizedText | None = None


@dataclass(frozen=True, slots=True)
class LiveMatchOptions:
    """Options of a comparison with the person before a camera.

    Attributes
    ----------
    threshold
        Similarity from which it is a match.
    seconds
        Timeout of the wait for the person; None as configured.
    liveness
        True to require a live face.
    action
        Challenge of liveness detection that the person has to perform.
    """

    threshold: float
    seconds: float | None = None
    liveness: bool = False
    action: Action | None = None


class FaceMatchService:
    """Compares faces.

    Parameters
    ----------
    seconds
        Default timeout of the wait for a person.
    """

    def __init__(self, monitor: FaceMonitor, engine: FaceEngine, pools: ThreadPools, seconds: float) -> None:
        self._monitor = monitor
        self._engine = engine
        self._pools = pools
        self._seconds = seconds

    async def load_liveness(self, paired: bool) -> tuple[LivenessMethod, ...]:
        """Load the models of liveness detection; return the means by which it will tell.

        Raises
        ------
        server.errors.FaceModelMissing
            There is no model to find faces.
        """
        return await self._pools.run(self._engine.liveness_methods, paired)

    async def missing_models(self) -> Mapping[str, GaopaiError]:
        """Return an error for each function of the protocol whose model is missing."""
        return await self._pools.run(self._missing_models)

    def _missing_models(self) -> Mapping[str, GaopaiError]:
        found = {
            "FaceMatch": self._engine.missing_model(liveness=False),
            "SetFaceLivingBodyState": self._engine.missing_model(liveness=True),
        }
        return {name: error for name, error in found.items() if error is not None}

    def compare(self, one: UploadedFace, other: UploadedFace, threshold: float) -> FaceComparison:
        """Compare two uploaded faces."""
        similarity = self._engine.similarity(one.vector, other.vector)
        error = _differ(similarity, threshold)
        return FaceComparison(similarity, other.jpeg, error, other.notice or one.notice)

    async def person_before(self, client: Client, face: FaceCamera, seconds: float | None) -> UploadedFace:
        """Return the largest face before a camera, as soon as one is fit to be compared.

        Raises
        ------
        server.errors.DeviceNotOpen, DeviceBusy, DeviceGone, DeviceFailed, DeviceTimeout, FaceModelMissing
        server.errors.NoFace, FaceTooSmall, FaceTooDark
            There was none before the timeout.
        """
        newest = _NextObservation()
        watcher = self._monitor.new_watcher(client, face, False, None)
        watcher.subscribe(newest)
        issue: FaceQualityIssue | None = FaceQualityIssue.NO_FACE
        try:
            async with asyncio.timeout(self._seconds if seconds is None else seconds):
                while issue not in (None, FaceQualityIssue.SEVERAL):
                    seen = await newest.next()
                    issue = await self._pools.run(quality_issue, seen.image, seen.faces)
        except TimeoutError:
            raise quality_error(issue or FaceQualityIssue.NO_FACE, LIVE_PICTURE) from None
        finally:
            watcher.unsubscribe(newest)
        notice = SEVERAL.filled(picture=LIVE_PICTURE) if issue is FaceQualityIssue.SEVERAL else None
        return await self._pools.run_heavy(self._seen, seen, notice)

    def _seen(self, seen: FaceObservation, notice: LocalizedText | None) -> UploadedFace:
        vector = self._engine.embed(seen.image, seen.faces[0])
        return UploadedFace(vector, codec.encode(seen.image, "JPEG", QUALITY), notice)

    async def compare_live(
        self, client: Client, face: FaceCamera, uploaded: UploadedFace, options: LiveMatchOptions
    ) -> FaceComparison:
        """Compare an uploaded face with the best of several observations of the person before a camera.

        Raises
        ------
        server.errors.DeviceNotOpen, DeviceBusy, DeviceGone, DeviceFailed, DeviceTimeout, FaceModelMissing
        server.errors.NoFace, FaceTooSmall, FaceTooDark, SeveralPeople
            No person could be compared before the timeout.
        """
        match = _LiveMatch(self._engine, self._pools, uploaded, options)
        try:
            async with asyncio.timeout(self._seconds if options.seconds is None else options.seconds):
                while not match.decided:
                    # A new watcher for another person: liveness of one says nothing of the next.
                    watcher = self._monitor.new_watcher(client, face, options.liveness, options.action)
                    await _observe_person(watcher, match)
        except TimeoutError:
            pass
        return await self._pools.run(match.comparison)


async def _observe_person(watcher: FaceWatcher, match: _LiveMatch) -> None:
    """Add observations of one person until the match is decided or another person appears."""
    newest = _NextObservation()
    watcher.subscribe(newest)
    try:
        while not match.decided:
            if not await match.update(await newest.next()):
                return
    finally:
        watcher.unsubscribe(newest)


class _NextObservation:
    """`FaceSubscriber` that waits for the next observation."""

    def __init__(self) -> None:
        self._fresh = asyncio.Event()
        self._observation: FaceObservation | None = None
        self._error: GaopaiError | None = None

    def update(self, observation: FaceObservation) -> None:
        self._observation = observation
        self._fresh.set()

    def end(self, error: GaopaiError) -> None:
        self._error = error
        self._fresh.set()

    async def next(self) -> FaceObservation:
        await self._fresh.wait()
        self._fresh.clear()
        if self._error is not None:
            raise self._error
        assert self._observation is not None
        return self._observation


class _LiveMatch:
    """Comparison of an uploaded face with observations of the person before a camera."""

    def __init__(
        self, engine: FaceEngine, pools: ThreadPools, uploaded: UploadedFace, options: LiveMatchOptions
    ) -> None:
        self._engine = engine
        self._pools = pools
        self._uploaded = uploaded
        self._options = options
        self._failure: GaopaiError = errors.NoFace(picture=LIVE_PICTURE)
        self._restart()

    def _restart(self) -> None:
        self._count = 0
        self._similarity = -1.0
        self._best: FaceObservation | None = None
        self._newest: FaceObservation | None = None
        self._vector: Floats | None = None

    @property
    def decided(self) -> bool:
        """True if more observations would change nothing."""
        liveness = self._verdict
        if self._count < MIN_OBSERVATIONS or liveness is LivenessVerdict.CANNOT_TELL:
            return False
        match = self._similarity >= self._options.threshold and liveness is LivenessVerdict.LIVE
        return match or self._count >= MAX_OBSERVATIONS

    async def update(self, observation: FaceObservation) -> bool:
        """Add an observation; return False if it shows another person than those before."""
        issue = quality_issue(observation.image, observation.faces)
        if issue not in (None, FaceQualityIssue.SEVERAL):
            self._failure = quality_error(issue, LIVE_PICTURE)
            return True
        if _rivals(observation.faces):
            self._failure = errors.SeveralPeople()
            return True
        vector = await self._pools.run(self._engine.embed, observation.image, observation.faces[0])
        if self._vector is not None and self._engine.similarity(self._vector, vector) < SAME_PERSON:
            self._restart()
            return False
        similarity = self._engine.similarity(self._uploaded.vector, vector)
        self._count += 1
        self._newest = observation
        self._vector = vector
        if similarity > self._similarity:
            self._similarity = similarity
            self._best = observation
        return True

    def comparison(self) -> FaceComparison:
        """Return the result of all observations so far."""
        if self._best is None or self._newest is None:
            raise self._failure
        several = len(self._best.faces) > 1
        notice = SEVERAL.filled(picture=LIVE_PICTURE) if several else self._uploaded.notice
        return FaceComparison(self._similarity, _jpeg(self._best), self._error(), notice)

    @property
    def _verdict(self) -> LivenessVerdict:
        if not self._options.liveness:
            return LivenessVerdict.LIVE
        if self._newest is None or self._newest.liveness is None:
            return LivenessVerdict.CANNOT_TELL
        return self._newest.liveness.verdict

    def _error(self) -> GaopaiError | None:
        verdict = self._verdict
        if verdict is not LivenessVerdict.LIVE:
            assert self._newest is not None
            assert self._newest.liveness is not None
            reason = REASONS[self._newest.liveness.reason]
            undecided = verdict is LivenessVerdict.CANNOT_TELL
            return errors.LivenessUnclear(reason=reason) if undecided else errors.FaceNotLive(reason=reason)
        return _differ(self._similarity, self._options.threshold)


def _differ(similarity: float, threshold: float) -> errors.FacesDiffer | None:
    if similarity >= threshold:
        return None
    return errors.FacesDiffer(similarity=format_similarity(similarity), threshold=f"{threshold:g}")


def format_similarity(similarity: float) -> str:
    """Round down to 4 digits, as one below the threshold must not read as if it had reached it."""
    return f"{int(similarity * 10_000) / 10_000:g}"


def _rivals(faces: Sequence[Face]) -> bool:
    return len(faces) > 1 and faces[1].area >= RIVAL * faces[0].area


def _jpeg(observation: FaceObservation) -> bytes:
    frame = observation.frame
    return frame.data if frame.format is PixelFormat.MJPG else encode(observation.image, QUALITY)
