"""Network cameras: listed from the configuration, probed, opened."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from server.devices import hotplug
from server.devices.adapters.network import mjpeg
from server.devices.adapters.network.entry import (
    CONNECT_TIMEOUT,
    Address,
    Link,
    LinkError,
    LinkTimeout,
    NetworkCamera,
    Shot,
)
from server.devices.adapters.network.rtsp import RtspLink
from server.devices.ports.camera import CameraInfo, CameraMode, Frame, MediaType, PixelFormat, Size
from server.errors import NOT_STARTED, DeviceFailed, DeviceGone, DeviceTimeout, LocalizedText


@dataclass(frozen=True, slots=True)
class Patience:
    """Intervals at which a lost camera is called again.

    Attributes
    ----------
    total
        Seconds without a picture and without a lasting connection until it is given up.
    first, longest
        Seconds between tries, doubling from one to the other.
    """

    total: float = 5.0
    first: float = 0.1
    longest: float = 1.6


log = logging.getLogger(__name__)

NOMINAL = Size(1920, 1080)
"""Size that is listed for a camera that never answered."""

ASK_AGAIN = 30.0
"""Seconds in which a camera that cannot be reached is not asked for its size again."""

PROBES = 8
"""Most cameras that are asked for their size at once."""

Media = tuple[MediaType, ...]


class NetworkStream:
    """An opened network camera. What it sends decides size and rate.

    After a short loss of the connection it goes on by itself; while it calls again, a read takes up to
    `CONNECT_TIMEOUT` longer.
    """

    def __init__(self, name: str, connect: Callable[[], Link], link: Link, mode: CameraMode) -> None:
        self._name = name
        self._connect = connect
        self._link: Link | None = link
        self.mode = mode
        """The size of the first picture; the rate asked for."""
        self._started = False
        self._seq = 0
        self.patience = Patience()
        self._lost: float | None = None
        self._pause = 0.0
        self._again = 0.0

    def start(self) -> None:
        """Begin to receive; the connection `open` made is used once."""
        self._started = True
        self._lost = None
        self._again = 0.0

    def read(self, timeout: float) -> Frame | None:
        """Return the next picture; None after `timeout` seconds."""
        if not self._started:
            raise DeviceFailed(device=self._name, reason=NOT_STARTED)
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            shot = self._shot(left)
            if shot is not None:
                self._lost = None
                self._seq += 1
                return Frame(self._seq, time.monotonic(), shot.format, shot.size, shot.data)
        return None

    def _shot(self, timeout: float) -> Shot | None:
        try:
            if self._link is None:
                pause = self._again - time.monotonic()
                if pause > 0:
                    time.sleep(min(pause, timeout))
                    return None
                self._link = self._connect()
            return self._link.picture(timeout)
        except LinkError:  # expected of a network
            self._lose()
            return None

    def _lose(self) -> None:
        """Hang up, to call again after a pause."""
        self._hang_up()
        now = time.monotonic()
        if self._lost is None:
            self._lost = now
            self._pause = self.patience.first
        elif now - self._lost > self.patience.total:
            raise DeviceGone(device=self._name)
        self._again = now + self._pause
        self._pause = min(2 * self._pause, self.patience.longest)

    def _hang_up(self) -> None:
        link = self._link
        self._link = None
        if link is not None:
            link.close()

    def stop(self) -> None:
        """Hang up."""
        if self._started:
            self._started = False
            self._hang_up()

    def close(self) -> None:
        """Hang up."""
        self.stop()
        self._hang_up()


class NetworkCameraDevice:
    """A configured camera, reachable or not."""

    def __init__(self, entry: NetworkCamera, media: Media, learn: Callable[[Media], None]) -> None:
        self._entry = entry
        self._learn = learn
        self.info = CameraInfo(entry.id, entry.name, media)
        """Description with the size that was seen last, or a nominal one."""

    def open(self, mode: CameraMode) -> NetworkStream:
        """Connect and wait for the first picture, 2 seconds each at most."""

        def connected() -> Link:
            return connect(self._entry, mode)

        name = self._entry.name
        try:
            link, shot = _first(connected)
        except LinkTimeout as exc:
            raise DeviceTimeout(device=name, seconds=CONNECT_TIMEOUT) from exc
        except LinkError as exc:
            raise DeviceFailed(device=name, reason=exc.reason) from exc
        self._learn(media_of(shot))
        return NetworkStream(name, connected, link, CameraMode(shot.format, shot.size, mode.fps))


class NetworkCameraFinder(hotplug.WatchedCameras):
    """Lists the configured cameras, whether they answer or not.

    A camera is asked once for its picture size. One that does not answer is listed with
    a nominal size and logged once.
    """

    def __init__(self, cameras: Sequence[NetworkCamera]) -> None:
        self._entries = tuple(cameras)
        self._known: dict[NetworkCamera, Media] = {}
        self._asked: dict[NetworkCamera, float] = {}
        self._reported: set[NetworkCamera] = set()

    def find(self) -> tuple[NetworkCameraDevice, ...]:
        """Return the cameras in the configuration's order, within about 4 s; at once when all are known."""
        self._ask([entry for entry in self._entries if self._worth_asking(entry)])
        return tuple(self._device(entry) for entry in self._entries)

    def _worth_asking(self, entry: NetworkCamera) -> bool:
        return entry not in self._known and time.monotonic() - self._asked.get(entry, -ASK_AGAIN) >= ASK_AGAIN

    def _ask(self, entries: list[NetworkCamera]) -> None:
        if not entries:
            return
        pool = ThreadPoolExecutor(min(PROBES, len(entries)), "network-probe")
        rounds = -(-len(entries) // PROBES)
        # Looking up a name has no timeout of its own, so the wait has one.
        wait([pool.submit(self._probe, entry) for entry in entries], rounds * 2 * CONNECT_TIMEOUT)
        pool.shutdown(wait=False, cancel_futures=True)

    def _probe(self, entry: NetworkCamera) -> None:
        self._asked[entry] = time.monotonic()
        try:
            link, shot = _first(lambda: connect(entry, CameraMode(PixelFormat.MJPG, NOMINAL, 0.0)))
        except LinkError as exc:
            self._report(entry, exc)
            return
        link.close()
        self._known[entry] = media_of(shot)
        self._reported.discard(entry)

    def _report(self, entry: NetworkCamera, reason: LinkError) -> None:
        if entry not in self._reported:
            self._reported.add(entry)
            log.warning(
                "Camera %r gave no picture: %s. It is listed and can be opened later.", entry.name, reason
            )

    def _device(self, entry: NetworkCamera) -> NetworkCameraDevice:
        def learn(media: Media) -> None:
            self._known[entry] = media

        return NetworkCameraDevice(entry, self._known.get(entry) or nominal(entry), learn)


def connect(entry: NetworkCamera, mode: CameraMode) -> Link:
    """A new connection for the entry's protocol."""
    address = Address.parse(entry.url)
    if address.scheme in ("http", "https"):
        return mjpeg.connect(address, mode.fps)
    return RtspLink(entry.url, mode.format)


def nominal(entry: NetworkCamera) -> Media:
    """The formats and sizes listed for a camera that never answered."""
    if entry.url.startswith("rtsp"):
        return MediaType(PixelFormat.YUYV, (NOMINAL,)), MediaType(PixelFormat.BGR, (NOMINAL,))
    return (MediaType(PixelFormat.MJPG, (NOMINAL,)),)


def media_of(shot: Shot) -> Media:
    """The formats and sizes of a camera that sent this picture."""
    if shot.format is PixelFormat.MJPG:
        return (MediaType(PixelFormat.MJPG, (shot.size,)),)
    formats = (PixelFormat.BGR,) if shot.size.width % 2 else (PixelFormat.YUYV, PixelFormat.BGR)
    return tuple(MediaType(each, (shot.size,)) for each in formats)


def _first(connected: Callable[[], Link]) -> tuple[Link, Shot]:
    """A connection and its first picture."""
    link = connected()
    try:
        shot = link.picture(CONNECT_TIMEOUT)
        if shot is None:
            raise LinkTimeout(LocalizedText("没有发来可用的图片", "it sends no picture that can be used"))
    except LinkError:
        link.close()
        raise
    return link, shot
