"""Fingerprints: capture of one press, enrolment by several, and matching with an enrolled finger."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import pybase64

from imgcore import codec
from imgcore.types import ImageError
from server.access.client import Client
from server.config import Config, FingerprintsConfig
from server.decoding.decoders import Decoders
from server.devices.ports.fingerprint_sensor import (
    FingerprintScan,
    FingerprintSensor,
    FingerprintSensorFinder,
)
from server.errors import DeviceFailed, FingersDiffer, FingerUnclear, LocalizedText, NoFinger, NoSuchDevice
from server.protocol.messages import fingerprints as messages
from server.protocol.messages.base import Answer
from server.services.context import DomainServices, RequestContext, handles
from server.services.fingerprints.matcher import FingerprintView, MinutiaeMatcher, UploadedFingerprints
from server.services.leases import DeviceLeases
from server.services.pools import ThreadPools

ANOTHER_PRESS = LocalizedText("另一次指纹采集", "another reading")
OTHER_FINGER = LocalizedText("与此前按压的不是同一手指", "it is not the finger that was pressed before")
SAME_FINGER = 0.68
"""Similarity during enrolment below which a press is another finger's; 1 in 100 other fingers passes."""
MOST_REFUSED = 5
"""Refused presses during an enrolment before it fails."""


@dataclass(frozen=True, slots=True, eq=False)
class Acquisition:
    """Scan of one press, and its features."""

    scan: FingerprintScan
    view: FingerprintView


@dataclass(frozen=True, slots=True)
class EnrolmentProgress:
    """Progress of an enrolment.

    Attributes
    ----------
    pressed, presses
        Number of accepted presses, and of requested ones.
    flaw
        Reason for refusing the last press; None where it was accepted.
    """

    pressed: int
    presses: int
    flaw: LocalizedText | None


@dataclass(frozen=True, slots=True)
class EnrolledFingerprint:
    """Enrolled finger.

    Attributes
    ----------
    picture
        The clearest scan as PNG.
    features
        An ISO 19794-2 record of each press.
    """

    picture: bytes = field(repr=False)
    features: Sequence[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class FingerprintComparison:
    """Best similarity of all presses, and the scan of that press as PNG."""

    similarity: float
    picture: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EnrolmentOptions:
    """Options of an enrolment.

    Attributes
    ----------
    presses
        Number of presses.
    seconds
        Timeout of each press; None as configured.
    number
        Position of the sensor in the client's list; None for the first.
    """

    presses: int = 1
    seconds: float | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class MatchOptions:
    """Options of matching a live finger.

    Attributes
    ----------
    seconds
        Timeout, within which the finger may be pressed again without a match.
    threshold
        Similarity from which it is a match.
    number
        Position of the sensor in the client's list; None for the first.
    """

    seconds: float
    threshold: float
    number: int | None = None


ReportProgress = Callable[[EnrolmentProgress], Awaitable[None]]


class FingerprintService(DeviceLeases[FingerprintSensor]):
    """Lists and lends fingerprint sensors; enrols and matches fingers."""

    def __init__(
        self,
        finders: Sequence[FingerprintSensorFinder],
        matcher: MinutiaeMatcher,
        pools: ThreadPools,
        config: FingerprintsConfig,
    ) -> None:
        super().__init__("fingerprint sensors", finders, config.find_seconds, ANOTHER_PRESS)
        self._matcher = matcher
        self._pools = pools
        self._seconds = config.wait_seconds

    async def enrol(
        self, client: Client, options: EnrolmentOptions, report: ReportProgress
    ) -> EnrolledFingerprint:
        """Enrol a finger by one or several presses.

        A single press that is unclear is refused. Of several, one that is unclear or of another finger
        has to be repeated.

        Parameters
        ----------
        report
            Called after each of several presses.

        Raises
        ------
        server.errors.NoSuchDevice, DriverMissing
            Beside those of `server.devices.ports.fingerprint_sensor.FingerprintSensor`.
        """
        sensor = await self._sensor(client, options.number)
        with self.lend((sensor,)):
            acquisitions = await self._acquire_presses(sensor, options, report)
        return await self._pools.run(self._enrolled, acquisitions)

    async def match(
        self, client: Client, enrolled: Sequence[FingerprintView], options: MatchOptions
    ) -> FingerprintComparison:
        """Compare live presses with the views of an enrolled finger until one matches or the timeout.

        Raises
        ------
        server.errors.NoFinger
            No finger was pressed.
        server.errors.FingerUnclear
            No press was clear enough to compare.
        server.errors.NoSuchDevice, DriverMissing
            Beside those of `server.devices.ports.fingerprint_sensor.FingerprintSensor`.
        """
        sensor = await self._sensor(client, options.number)
        with self.lend((sensor,)):
            similarity, scan = await self._best_match(sensor, enrolled, options)
        return FingerprintComparison(similarity, await self._pools.run(_png, scan))

    async def _sensor(self, client: Client, number: int | None) -> FingerprintSensor:
        if number is not None:
            return await self.numbered(client, number)
        sensors = await self.present()
        if not sensors:
            self.refuse_without_driver()
            raise NoSuchDevice(device=0)
        return sensors[0]

    async def _acquire_presses(
        self, sensor: FingerprintSensor, options: EnrolmentOptions, report: ReportProgress
    ) -> list[Acquisition]:
        seconds = self._seconds if options.seconds is None else options.seconds
        accepted: list[Acquisition] = []
        refused = 0
        while True:
            try:
                accepted.append(await self._acquire_clear(sensor, seconds, accepted))
                flaw = None
            except FingerUnclear as unclear:
                refused += 1
                if options.presses == 1 or refused > MOST_REFUSED:
                    raise
                flaw = _reason(unclear)
            if options.presses > 1:
                await report(EnrolmentProgress(len(accepted), options.presses, flaw))
            if len(accepted) == options.presses:
                return accepted
            await sensor.lifted(seconds)

    async def _acquire_clear(
        self, sensor: FingerprintSensor, seconds: float, before: Sequence[Acquisition]
    ) -> Acquisition:
        """Acquire a clear press of the same finger as those before."""
        acquired = await self._acquire(sensor, seconds)
        flaw = acquired.view.flaw
        if flaw is None and before:
            views = [earlier.view for earlier in before]
            similarity = await self._pools.run(self._matcher.compare, acquired.view, views)
            flaw = OTHER_FINGER if similarity < SAME_FINGER else None
        if flaw is not None:
            raise FingerUnclear(reason=flaw)
        return acquired

    async def _best_match(
        self, sensor: FingerprintSensor, enrolled: Sequence[FingerprintView], options: MatchOptions
    ) -> tuple[float, FingerprintScan]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + options.seconds
        best: tuple[float, FingerprintScan] | None = None
        unclear: FingerUnclear | None = None
        left = options.seconds
        while True:
            try:
                acquired = await self._acquire(sensor, left)
            except FingerUnclear as error:
                unclear = error
            except NoFinger:
                break
            else:
                similarity = await self._pools.run(self._matcher.compare, acquired.view, enrolled)
                if similarity >= options.threshold:
                    return similarity, acquired.scan
                if acquired.view.flaw is not None:
                    unclear = FingerUnclear(reason=acquired.view.flaw)
                elif best is None or similarity > best[0]:
                    best = similarity, acquired.scan
            await sensor.lifted(max(0.0, deadline - loop.time()))
            if (left := deadline - loop.time()) <= 0:
                break
        if best is not None:
            return best
        raise unclear or NoFinger(device=sensor.info.name, seconds=f"{options.seconds:g}")

    async def _acquire(self, sensor: FingerprintSensor, seconds: float) -> Acquisition:
        scan = await sensor.press(seconds)
        try:
            return Acquisition(scan, await self._pools.run(self._matcher.extract, scan.image, scan.dots))
        except ImageError as exc:
            reason = LocalizedText("它的图片不是指纹的大小或格式", str(exc))
            raise DeviceFailed(device=sensor.info.name, reason=reason) from exc

    def _enrolled(self, acquisitions: Sequence[Acquisition]) -> EnrolledFingerprint:
        clearest = max(acquisitions, key=lambda one: one.view.quality)
        records = tuple(self._matcher.write(one.view) for one in acquisitions)
        return EnrolledFingerprint(_png(clearest.scan), records)


def _reason(unclear: FingerUnclear) -> LocalizedText:
    reason = unclear.values["reason"]
    return reason if isinstance(reason, LocalizedText) else LocalizedText(str(reason), str(reason))


def _png(scan: FingerprintScan) -> bytes:
    return codec.encode(scan.image, "png", dots=scan.dots)


class FingerprintHandlers:
    """Handlers of requests about fingerprints."""

    def __init__(self, fingerprints: FingerprintService, uploaded: UploadedFingerprints) -> None:
        self._fingerprints = fingerprints
        self._uploaded = uploaded

    @handles("GetFingerReaderInfo")
    async def sensors(self, context: RequestContext, request: messages.GetFingerReaderInfoRequest) -> Answer:
        infos = [sensor.info for sensor in await self._fingerprints.list(context.client)]
        entries = (messages.FingerReaderEntry(dev_name=info.name, presses=info.presses) for info in infos)
        return messages.GetFingerReaderInfoAnswer(finger_readers=tuple(entries))

    @handles("ReadFingerInfo")
    async def read(self, context: RequestContext, request: messages.ReadFingerInfoRequest) -> Answer:
        async def report(progress: EnrolmentProgress) -> None:
            await context.answer(_push(context, progress), "Notify")

        seconds = None if request.timeout is None else request.timeout / 1000
        options = EnrolmentOptions(request.presses, seconds, request.dev_num)
        enrolled = await self._fingerprints.enrol(context.client, options, report)
        return messages.ReadFingerInfoAnswer(
            finger_image_base64=pybase64.b64encode_as_string(enrolled.picture),
            finger_feature=";".join(map(pybase64.b64encode_as_string, enrolled.features)),
        )

    @handles("FingerMatch")
    async def match(self, context: RequestContext, request: messages.FingerMatchRequest) -> Answer | None:
        enrolled = await self._uploaded.views(request.finger_image_base64, request.finger_feature)
        options = MatchOptions(request.timeout / 1000, request.threshold, request.dev_num)
        comparison = await self._fingerprints.match(context.client, enrolled, options)
        # Rounded down: a similarity below the threshold must not read as if it had reached it.
        similarity = math.floor(comparison.similarity * 10_000) / 10_000
        if comparison.similarity >= request.threshold:
            picture = pybase64.b64encode_as_string(comparison.picture)
            return messages.FingerMatchAnswer(finger_image_base64=picture, similarity=similarity)
        differ = FingersDiffer(similarity=f"{similarity:g}", threshold=f"{request.threshold:g}")
        await context.refuse(differ, messages.FingerMatchAnswer(similarity=similarity))
        return None


def _push(context: RequestContext, progress: EnrolmentProgress) -> messages.FingerPressPush:
    return messages.FingerPressPush(
        event="OnFingerPress",
        pressed=progress.pressed,
        presses=progress.presses,
        reason=progress.flaw.fill(context.language, {}) if progress.flaw else None,
    )


class Fingerprints(DomainServices):
    """The sensors of fingerprints, and pictures of prints that pages send."""

    def __init__(
        self,
        config: Config,
        finders: Sequence[FingerprintSensorFinder],
        matcher: MinutiaeMatcher,
        pools: ThreadPools,
        decoders: Decoders,
    ) -> None:
        self.sensors = FingerprintService(finders, matcher, pools, config.fingers)
        self.uploaded = UploadedFingerprints(matcher, pools, decoders)
        super().__init__(FingerprintHandlers(self.sensors, self.uploaded))
