"""Cards, faces and fingers for dialects: read within the few seconds that their pages wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pybase64

from imgcore.face import LivenessVerdict
from server.access.client import Client
from server.devices.ports.card_reader import Card, CardKind, ResidentCard
from server.dialects.services import DialectServices
from server.errors import DeviceBusy, GaopaiError, InternalError, NoSuchDevice
from server.services.cards.reading import CardReadOptions
from server.services.faces.uploaded import UploadedFace
from server.services.faces.watcher import FaceObservation

CARD_SECONDS = 2.0
"""Wait for a card: pages expect to be told within three seconds that there is none."""
BUSY_SECONDS = 0.5
"""Pause before a reader that is in use is asked once more."""


@dataclass(frozen=True, slots=True)
class ReadResident:
    """Resident ID card that was read, and its portrait as base64, empty if there is none."""

    card: ResidentCard = field(repr=False)
    portrait: str = field(repr=False)


async def read_resident(
    services: DialectServices, client: Client, seconds: float = CARD_SECONDS
) -> ReadResident:
    """Read the resident ID card at a reader; raises errors as `read_card`."""
    card = await read_card(services, client, CardKind.RESIDENT, seconds)
    if not isinstance(card, ResidentCard):
        raise InternalError(incident="-")
    portrait = await services.portraits.portrait(card)
    return ReadResident(card, pybase64.b64encode_as_string(portrait.picture))


async def read_card(
    services: DialectServices, client: Client, kind: CardKind, seconds: float = CARD_SECONDS
) -> Card:
    """Read the card at a reader, waiting for it for so many seconds.

    Raises
    ------
    server.errors.GaopaiError
        As `server.services.cards.reading.CardReadService.read`.
    """
    options = CardReadOptions(kind, seconds=seconds)
    try:
        return await services.cards.read(client, options)
    except DeviceBusy:
        await asyncio.sleep(BUSY_SECONDS)
        return await services.cards.read(client, options)


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


def score(similarity: float, best: int, limit: int) -> int:
    """Return a similarity on a scale up to `best`, on which `limit` and less is another person.

    Examples
    --------
    >>> score(0.7, 100, 50), score(0.699, 100, 50), score(1.0, 100, 50)
    (51, 49, 100)
    """
    if similarity < THRESHOLD:
        return max(0, int(limit * similarity / THRESHOLD))
    above = (similarity - THRESHOLD) / (1 - THRESHOLD)
    return limit + 1 + round((best - limit - 1) * min(1.0, above))


def similarity(services: DialectServices, one: UploadedFace, other: UploadedFace) -> float:
    """Return the similarity of two faces, 0 to 1."""
    return services.face_matching.compare(one, other, THRESHOLD).similarity or 0.0


async def is_live(services: DialectServices, client: Client, seconds: float) -> bool | None:
    """Return whether the person before the first face camera is alive; None if that cannot be told in time.

    Raises
    ------
    server.errors.NoSuchDevice, DeviceBusy, DeviceGone, DeviceFailed, FaceModelMissing
    """
    cameras = await services.face_cameras.list(client)
    if not cameras:
        raise NoSuchDevice(device=0)
    # One that is in use may be the document camera: it is watched as it is, if there is no other.
    idle = [face for face in cameras if not any(map(services.desk.is_open, face.cameras))]
    face = (idle or cameras)[0]
    await services.face_matching.load_liveness(face.infrared is not None)
    if idle:
        await services.face_cameras.open(client, face, face.choice(0, 0, 15.0))
    watcher = services.face_monitor.new_watcher(client, face, liveness=True)
    verdict = _Verdict()
    watcher.subscribe(verdict)
    try:
        async with asyncio.timeout(seconds):
            return await verdict.result
    except TimeoutError:
        return None
    finally:
        watcher.unsubscribe(verdict)
        await services.release(client)


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
