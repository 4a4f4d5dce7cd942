"""Cards, faces and fingers for dialects: read within the few seconds that their pages wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pybase64

from imgcore.face import LivenessVerdict
from server.access.client import Client
from server.devices.ports.card_reader import Card, CardKind, ResidentCard
from server.dialects.device_session import DeviceSession
from server.errors import DeviceBusy, FaceNotLive, GaopaiError, InternalError, LivenessUnclear, NoSuchDevice
from server.services.cards.reading import CardReadOptions
from server.services.faces.cameras import FaceCamera
from server.services.faces.matching import LiveMatchOptions, UploadedFace
from server.services.faces.monitoring import FaceObservation
from server.services.fingerprints.reading import (
    EnrolledFingerprint,
    EnrolmentOptions,
    EnrolmentProgress,
    MatchOptions,
)

CARD_SECONDS = 2.0
"""Wait for a card, in seconds: pages expect to be told within three of them that there is none."""
BUSY_SECONDS = 0.5
"""Pause before a reader that is in use is asked once more, in seconds."""


@dataclass(frozen=True, slots=True)
class ReadResident:
    """Resident ID card that was read, and its portrait as base64, empty if there is none."""

    card: ResidentCard = field(repr=False)
    portrait: str = field(repr=False)


async def read_resident(session: DeviceSession, seconds: float = CARD_SECONDS) -> ReadResident:
    """Read the resident ID card at a reader; raises errors as `read_card`."""
    card = await read_card(session, CardKind.RESIDENT, seconds)
    if not isinstance(card, ResidentCard):
        raise InternalError(incident="-")
    portrait = await session.services.cards.portraits.portrait(card)
    return ReadResident(card, pybase64.b64encode_as_string(portrait.picture))


async def read_card(session: DeviceSession, kind: CardKind, seconds: float = CARD_SECONDS) -> Card:
    """Read the card at a reader, waiting for it for so many seconds.

    Raises
    ------
    server.errors.GaopaiError
        As `server.services.cards.reading.CardReadService.read`.
    """
    options = CardReadOptions(kind, seconds=seconds)
    reading = session.services.cards.readers
    try:
        return await reading.read(session.client, options)
    except DeviceBusy:
        await asyncio.sleep(BUSY_SECONDS)
        return await reading.read(session.client, options)


def parts_of(card: ResidentCard, date: Callable[[str], str] | None = None) -> tuple[str, ...]:
    """Return name, gender, nation, birth, address, number, issuer and both days of validity."""
    birth, start, end = map(date or plain, (card.birth, card.start, card.end))
    holder = (card.name or card.english_name, card.gender, card.nation, birth, card.address)
    return (*holder, card.number, card.issuer, start, end)


def plain(date: str) -> str:
    """Return a date of a card as ``YYYYMMDD``; what is none, such as 长期, as it is."""
    return date.replace("-", "")


def dotted(date: str) -> str:
    """Return a date of a card as ``YYYY.MM.DD``; what is none, such as 长期, as it is."""
    return date.replace("-", ".")


def gender_code(gender: str) -> str:
    """Return the code of GB/T 2261 for 男 and 女; 9 for any other."""
    return {"男": "1", "女": "2"}.get(gender, "9")


THRESHOLD = 0.7
"""Similarity from which two faces are one person's, as in our own protocol."""
SAME_FINGER = 0.9
"""Similarity from which two fingerprints are one finger's, as in our own protocol."""


def score(similarity: float, best: int, limit: int, threshold: float = THRESHOLD) -> int:
    """Return a similarity on a scale up to `best`, on which `limit` and less is another person.

    Examples
    --------
    >>> score(0.7, 100, 50), score(0.699, 100, 50), score(1.0, 100, 50)
    (51, 49, 100)
    """
    if similarity < threshold:
        return max(0, int(limit * similarity / threshold))
    above = (similarity - threshold) / (1 - threshold)
    return limit + 1 + round((best - limit - 1) * min(1.0, above))


async def face_on(session: DeviceSession, path: str) -> UploadedFace:
    """Return the face on a file of the page's; raises errors as `UploadedFaces.file`."""
    return await session.services.faces.uploaded.file(session.client, await session.files.name(path))


def similarity(session: DeviceSession, one: UploadedFace, other: UploadedFace) -> float:
    """Return the similarity of two faces, 0 to 1."""
    return session.services.faces.matching.compare(one, other, THRESHOLD).similarity or 0.0


@asynccontextmanager
async def face_camera(session: DeviceSession) -> AsyncIterator[tuple[Client, FaceCamera]]:
    """Open the first face camera for a client of its own until the end of the ``with`` block.

    The camera of faces is closed then, other cameras of the page are not.
    """
    services = session.services
    client = session.new_client()
    cameras = await services.faces.cameras.list(client)
    if not cameras:
        raise NoSuchDevice(device=0)
    # One that is in use may be the document camera: it is watched as it is, if there is no other.
    idle = [face for face in cameras if not any(map(services.cameras.leases.is_open, face.cameras))]
    face = (idle or cameras)[0]
    await services.faces.matching.load_liveness(face.infrared is not None)
    if idle:
        await services.faces.cameras.open(client, face, face.choice(0, 0, 15.0))
    try:
        yield client, face
    finally:
        await services.release(client)


async def is_live(session: DeviceSession, seconds: float) -> bool | None:
    """Return whether the person before the first face camera is alive; None if it cannot be told in time."""
    async with face_camera(session) as (client, face):
        watcher = session.services.faces.monitor.new_watcher(client, face, liveness=True)
        verdict = _Verdict()
        watcher.subscribe(verdict)
        try:
            async with asyncio.timeout(seconds):
                return await verdict.result
        except TimeoutError:
            return None
        finally:
            watcher.unsubscribe(verdict)


async def live_similarity(
    session: DeviceSession, uploaded: UploadedFace, seconds: float, liveness: bool
) -> float:
    """Return the similarity, 0 to 1, of a face with the person before the first face camera.

    Raises
    ------
    server.errors.FaceNotLive, LivenessUnclear
        With `liveness`, where the person is not alive for certain.
    server.errors.NoFace, FaceTooSmall, FaceTooDark, SeveralPeople
    server.errors.NoSuchDevice, DeviceBusy, DeviceGone, DeviceFailed, FaceModelMissing
    """
    async with face_camera(session) as (client, face):
        options = LiveMatchOptions(THRESHOLD, seconds, liveness)
        comparison = await session.services.faces.matching.compare_live(client, face, uploaded, options)
    if isinstance(comparison.error, FaceNotLive | LivenessUnclear):
        raise comparison.error
    return comparison.similarity or 0.0


FACE_SECONDS = 8.0
"""Wait for a face before the camera, in seconds, unless a page asks for another."""
FINGER_SECONDS = 10.0
"""Wait for a finger on the sensor, in seconds."""


async def press(session: DeviceSession, seconds: float = FINGER_SECONDS) -> EnrolledFingerprint:
    """Read a finger by one press; raises errors as `FingerprintService.enrol`."""
    options = EnrolmentOptions(seconds=seconds)
    return await session.services.fingerprints.sensors.enrol(session.client, options, _unreported)


async def finger_similarity(session: DeviceSession, picture: str, features: str) -> float:
    """Return the similarity, 0 to 1, of an enrolled finger in base64 with the one that is pressed now.

    Raises
    ------
    server.errors.GaopaiError
        As `UploadedFingerprints.views` and `FingerprintService.match`.
    """
    views = await session.services.fingerprints.uploaded.views(picture, features)
    options = MatchOptions(FINGER_SECONDS, SAME_FINGER)
    return (await session.services.fingerprints.sensors.match(session.client, views, options)).similarity


async def _unreported(progress: EnrolmentProgress) -> None:
    """Report nothing: a single press has no progress."""


class _Verdict:
    """`FaceSubscriber` that waits for a verdict."""

    def __init__(self) -> None:
        self.result: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def update(self, observation: FaceObservation) -> None:
        liveness = observation.liveness
        if liveness is None or liveness.verdict is LivenessVerdict.CANNOT_TELL or self.result.done():
            return
        self.result.set_result(liveness.verdict is LivenessVerdict.LIVE)

    def end(self, error: GaopaiError) -> None:
        if not self.result.done():
            self.result.set_exception(error)
