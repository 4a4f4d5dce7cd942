"""Fingers: taken once, enrolled by several presses, and compared with one that was given."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from imgcore import codec
from imgcore.types import ImageError
from server.devices.ports.fingerprint_sensor import FingerprintScan, FingerprintSensor, FingerprintSensorInfo
from server.errors import DeviceFailed, FingerUnclear, LocalizedText, NoFinger, NoSuchDevice
from server.services.client import Client
from server.services.desk import DeviceDesk
from server.services.fingerprints.matcher import FingerprintMatcher, FingerprintView
from server.services.pools import ThreadPools

ANOTHER_PRESS = LocalizedText("另一次指纹采集", "another reading")
OTHER_FINGER = LocalizedText("与此前按压的不是同一手指", "it is not the finger that was pressed before")
SAME_FINGER = 0.68
"""While a finger is enrolled, a press less like all before is another's; 1 in 100 others passes."""
MOST_REFUSED = 5
"""Presses refused while a finger is enrolled, before it is given up."""


@dataclass(frozen=True, slots=True, eq=False)
class Acquisition:
    """A press, and what the matcher makes of it."""

    press: FingerprintScan
    view: FingerprintView


@dataclass(frozen=True, slots=True)
class EnrolmentProgress:
    """How far an enrolment is.

    Attributes
    ----------
    flaw
        Why the last press was not taken; None where it was.
    """

    pressed: int
    presses: int
    flaw: LocalizedText | None


@dataclass(frozen=True, slots=True)
class EnrolledFingerprint:
    """A finger that was taken: its clearest picture as PNG, and an ISO 19794-2 record of each press."""

    picture: bytes = field(repr=False)
    features: Sequence[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class FingerprintComparison:
    """The best similarity of all presses of a live finger, and that press as PNG."""

    similarity: float
    picture: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EnrolmentOptions:
    """Presses that a page wants.

    Attributes
    ----------
    seconds
        How long to wait for each; None as configured.
    number
        The sensor's place in the client's list; None for the first.
    """

    presses: int = 1
    seconds: float | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class MatchOptions:
    """A comparison that a page wants.

    Attributes
    ----------
    seconds
        How long the finger may be pressed again without a match.
    threshold
        Similarity from which it is a match.
    number
        The sensor's place in the client's list; None for the first.
    """

    seconds: float
    threshold: float
    number: int | None = None


Told = Callable[[EnrolmentProgress], Awaitable[None]]


class FingerprintService:
    """Takes and compares fingers.

    Parameters
    ----------
    seconds
        How long a press is waited for where a page does not say.
    """

    def __init__(
        self,
        desk: DeviceDesk[FingerprintSensor],
        matcher: FingerprintMatcher,
        pools: ThreadPools,
        seconds: float,
    ) -> None:
        self._desk = desk
        self._matcher = matcher
        self._pools = pools
        self._seconds = seconds

    async def sensors(self, client: Client) -> Sequence[FingerprintSensorInfo]:
        """The sensors present now.

        Raises
        ------
        server.errors.DriverMissing
        """
        return [sensor.info for sensor in await self._desk.list(client)]

    async def read(self, client: Client, wish: EnrolmentOptions, told: Told) -> EnrolledFingerprint:
        """Take a finger, pressed as often as wished.

        A single press that is unclear is refused. Of several, one that is unclear or of another finger
        is asked for again.

        Parameters
        ----------
        told
            Called after each of several presses.

        Raises
        ------
        server.errors.NoSuchDevice, DriverMissing
            Beside those of `server.devices.ports.fingerprint_sensor.FingerprintSensor`.
        """
        sensor = await self._sensor(client, wish.number)
        with self._desk.lend((sensor,)):
            taken = await self._presses(sensor, wish, told)
        clearest = max(taken, key=lambda one: one.view.quality)
        return await self._pools.run(self._finger, clearest.press, taken)

    async def match(
        self, client: Client, given: Sequence[FingerprintView], wish: MatchOptions
    ) -> FingerprintComparison:
        """Compare live presses with views of one finger until one matches or the time is over.

        Raises
        ------
        server.errors.NoFinger
            None was pressed.
        server.errors.FingerUnclear
            None was clear enough to say anything.
        server.errors.NoSuchDevice, DriverMissing
            Beside those of `server.devices.ports.fingerprint_sensor.FingerprintSensor`.
        """
        sensor = await self._sensor(client, wish.number)
        with self._desk.lend((sensor,)):
            similarity, press = await self._best(sensor, given, wish)
        return FingerprintComparison(similarity, await self._pools.run(_png, press))

    async def _sensor(self, client: Client, number: int | None) -> FingerprintSensor:
        if number is not None:
            return await self._desk.numbered(client, number)
        sensors = await self._desk.present()
        if not sensors:
            self._desk.refuse_without_driver()
            raise NoSuchDevice(device=0)
        return sensors[0]

    async def _presses(
        self, sensor: FingerprintSensor, wish: EnrolmentOptions, told: Told
    ) -> list[Acquisition]:
        seconds = self._seconds if wish.seconds is None else wish.seconds
        taken: list[Acquisition] = []
        refused = 0
        while True:
            try:
                taken.append(await self._clear(sensor, seconds, taken))
                flaw = None
            except FingerUnclear as unclear:
                refused += 1
                if wish.presses == 1 or refused > MOST_REFUSED:
                    raise
                flaw = _reason(unclear)
            if wish.presses > 1:
                await told(EnrolmentProgress(len(taken), wish.presses, flaw))
            if len(taken) == wish.presses:
                return taken
            await sensor.lifted(seconds)

    async def _clear(
        self, sensor: FingerprintSensor, seconds: float, before: Sequence[Acquisition]
    ) -> Acquisition:
        """A clear press of the finger that was pressed before.

        Raises
        ------
        FingerUnclear
        """
        one = await self._taken(sensor, seconds)
        flaw = one.view.flaw
        if flaw is None and before:
            views = [earlier.view for earlier in before]
            similarity = await self._pools.run(self._matcher.compare, one.view, views)
            flaw = OTHER_FINGER if similarity < SAME_FINGER else None
        if flaw is not None:
            raise FingerUnclear(reason=flaw)
        return one

    async def _best(
        self, sensor: FingerprintSensor, given: Sequence[FingerprintView], wish: MatchOptions
    ) -> tuple[float, FingerprintScan]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wish.seconds
        best: tuple[float, FingerprintScan] | None = None
        unclear: FingerUnclear | None = None
        left = wish.seconds
        while True:
            try:
                one = await self._taken(sensor, left)
            except FingerUnclear as error:
                unclear = error
            except NoFinger:
                break
            else:
                similarity = await self._pools.run(self._matcher.compare, one.view, given)
                if similarity >= wish.threshold:
                    return similarity, one.press
                if one.view.flaw is not None:
                    unclear = FingerUnclear(reason=one.view.flaw)
                elif best is None or similarity > best[0]:
                    best = similarity, one.press
            await sensor.lifted(max(0.0, deadline - loop.time()))
            if (left := deadline - loop.time()) <= 0:
                break
        if best is not None:
            return best
        raise unclear or NoFinger(device=sensor.info.name, seconds=f"{wish.seconds:g}")

    async def _taken(self, sensor: FingerprintSensor, seconds: float) -> Acquisition:
        press = await sensor.press(seconds)
        try:
            return Acquisition(press, await self._pools.run(self._matcher.extract, press.image, press.dots))
        except ImageError as exc:
            reason = LocalizedText("它的图片不是指纹的大小或格式", str(exc))
            raise DeviceFailed(device=sensor.info.name, reason=reason) from exc

    def _finger(self, clearest: FingerprintScan, taken: Sequence[Acquisition]) -> EnrolledFingerprint:
        return EnrolledFingerprint(_png(clearest), tuple(self._matcher.write(one.view) for one in taken))


def _reason(unclear: FingerUnclear) -> LocalizedText:
    reason = unclear.values["reason"]
    return reason if isinstance(reason, LocalizedText) else LocalizedText(str(reason), str(reason))


def _png(press: FingerprintScan) -> bytes:
    return codec.encode(press.image, "png", dots=press.dots)
