"""The process that a driver runs in: libsane, one device, and a channel to the service.

The main thread is in the driver and may stay there for minutes; a second one listens, so that
a scan can be stopped and the process ends when the service does.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import queue
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import sane

from server.children.channel import LONGEST, Channel
from server.devices.adapters.sane import faults, wire
from server.devices.adapters.sane.area import Options, Refused, dots
from server.devices.adapters.sane.reader import Reader, libsane
from server.devices.adapters.sane.sensors import Sensors
from server.devices.adapters.sane.settings import SHEET_SIZE, SourceSetting, apply, describe
from server.devices.ports.scan_notice import ScanNotice

WAKE_SECONDS = 20.0
"""Seconds that a scanner that sleeps has to wake once it was asked to scan: lamps take up to 15."""
ASK_SECONDS = 0.25
"""Seconds between two questions whether it is awake."""
WARM_SECONDS = 60.0
"""Seconds that a lamp has to warm up: those of old flatbeds take half a minute."""
AGAIN_SECONDS = 1.0
"""Seconds between two starts of a scanner that warms up."""
LAST_SECONDS = 3.0
"""Seconds that a driver has to stop its motor when the service has gone."""
HELD_SECONDS = 60.0
"""Seconds that setting options or closing may take where the service has gone: no other thread runs
meanwhile."""


class ScanWorker:
    """Serves one request after the other."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._orders: queue.SimpleQueue[wire.ToDriver] = queue.SimpleQueue()
        self._credits = threading.Semaphore(0)
        self._stopped = threading.Event()
        self._scanning: Any = None
        self._cancelling = threading.Lock()

    def run(self) -> None:
        """Serve until the service hangs up; that ends the process."""
        threading.Thread(target=self._listen, daemon=True).start()
        sane.init()
        while True:
            order = self._orders.get()
            if not isinstance(order, wire.List):  # which may take as long as the configuration allows
                _end_later()
            # Answered before the device is closed: a driver that hangs there has done its work.
            with contextlib.ExitStack() as opened:
                self._send(self._answer(order, opened))
            faulthandler.cancel_dump_traceback_later()
            self._send(wire.DeviceClosed())

    # Listening ---------------------------------------------------------------------------------

    def _listen(self) -> None:
        with contextlib.suppress(EOFError):
            while True:
                self._take(wire.decode_for_driver(self._channel.receive().data))
        threading.Timer(LAST_SECONDS, os._exit, (1,)).start()
        self._stop()
        os._exit(0)

    def _take(self, message: wire.ToDriver) -> None:
        match message:
            case wire.PageCredit():
                self._credits.release()
            case wire.Stop():
                self._stop()
            case _:
                # Here and not where it is served: a stop may follow at once.
                self._stopped.clear()
                self._credits = threading.Semaphore(0)
                self._orders.put(message)

    def _stop(self) -> None:
        self._stopped.set()
        self._credits.release()
        with self._cancelling, contextlib.suppress(Exception):
            if self._scanning is not None:
                self._scanning.cancel()

    # Serving -----------------------------------------------------------------------------------

    def _answer(self, order: wire.ToDriver, opened: contextlib.ExitStack) -> wire.FromDriver:
        try:
            return self._serve(order, opened)
        except Refused as refused:
            return wire.FailedMessage(refused.fault, refused.detail)
        except Exception as exc:  # noqa: BLE001 - python-sane's errors have no common class that it exports
            return wire.FailedMessage(faults.word(exc))

    def _serve(self, order: wire.ToDriver, opened: contextlib.ExitStack) -> wire.FromDriver:
        if isinstance(order, wire.List):
            return wire.Listed(list_devices())
        assert isinstance(order, wire.Describe | wire.ScanCommand)
        device = opened.enter_context(contextlib.closing(sane.open(order.device)))
        if isinstance(order, wire.Describe):
            return describe(Options(device), order.sheetfed)
        return self._scan(device, order, opened)

    def _scan(self, device: Any, order: wire.ScanCommand, opened: contextlib.ExitStack) -> wire.ScanFinished:
        options = Options(device)
        source = apply(options, order)
        sensors = Sensors(options, told_of_double=source.feeder and order.detect)
        show = self._show if order.rows else None
        reader = Reader(device, order.limit_pixels, self._beat, _finds_ends(options), show)
        self._send(wire.Started())
        opened.callback(device.cancel)
        self._scanning = device
        resolution = dots(options)
        faulthandler.cancel_dump_traceback_later()
        try:
            self._tell(sensors, source)
            self._feed(device, reader, resolution, source.feeder, sensors)
        except Exception as exc:
            if (fault := _explained(exc, sensors)) is not None:
                raise Refused(fault) from exc
            raise
        finally:
            _end_later()
            # A cancel that is under way ends before the device is closed.
            with self._cancelling:
                self._scanning = None
        return wire.ScanFinished()

    def _tell(self, sensors: Sensors, source: SourceSetting) -> None:
        """Tell what people have to know before the first sheet moves."""
        noticed = set(sensors.notices())
        if "card" in source.own.casefold():
            noticed.discard(ScanNotice.CARD_SLOT)
        if "carrier" in source.own.casefold():
            noticed.add(ScanNotice.CARRIER_SHEET)
        for notice in ScanNotice:
            if notice in noticed:
                self._send(wire.Noticed(notice))

    def _feed(self, device: Any, reader: Reader, resolution: float, feeder: bool, sensors: Sensors) -> None:
        """Page after page until the feeder is empty or the scan is stopped."""
        first = True
        while self._has_credit() and self._start(device, first, sensors):
            page = self._read(reader, resolution)
            if page is None:
                return
            # Some scanners deliver what they drew in double, and tell of it by a sensor alone.
            if sensors.tell_double and sensors.is_on(faults.DOUBLE):
                raise Refused(faults.DOUBLE)
            self._deliver(*page)
            if not feeder:
                return
            first = False

    def _has_credit(self) -> bool:
        self._credits.acquire()
        return not self._stopped.is_set()

    def _start(self, device: Any, first: bool, sensors: Sensors) -> bool:
        """Start a page; False where there is none, or the scan was stopped."""
        try:
            try:
                self._start_warm(device)
            except Exception:
                if not first or not self._woken(sensors):
                    raise
                self._start_warm(device)
        except Exception as exc:
            if self._stopped.is_set() or (faults.word(exc) == faults.EMPTY and not first):
                return False
            if faults.word(exc) == faults.LOCKED:
                self._send(wire.Noticed(ScanNotice.LOCKED))
            raise
        # A cancel that came before the start has not ended what was started after it.
        return not self._stopped.is_set()

    def _start_warm(self, device: Any) -> None:
        """Start a page, again and again while the lamp is not ready."""
        until = time.monotonic() + WARM_SECONDS
        while True:
            try:
                device.start()
            except Exception as exc:
                if faults.word(exc) != faults.WARMING or time.monotonic() > until:
                    raise
            else:
                return
            self._send(wire.Noticed(ScanNotice.WARMING_UP))
            if self._stopped.wait(AGAIN_SECONDS):
                return
            self._beat()

    def _woken(self, sensors: Sensors) -> bool:
        """Wait until a scanner wakes that sleeps; False where it does not sleep, or goes on sleeping."""
        if not sensors.is_on(faults.ASLEEP):
            return False
        self._send(wire.Noticed(ScanNotice.ASLEEP))
        until = time.monotonic() + WAKE_SECONDS
        while time.monotonic() < until and not self._stopped.wait(ASK_SECONDS):
            self._beat()
            if not sensors.is_on(faults.ASLEEP):
                return True
        return False

    def _read(self, reader: Reader, resolution: float) -> tuple[wire.PageMessage, bytearray] | None:
        """Read a page; None when the scan was stopped in the middle of it."""
        try:
            page = reader.read(resolution)
        except Exception as exc:
            too_large = isinstance(exc, Refused) and exc.fault == faults.TOO_LARGE
            if self._stopped.is_set() and not too_large:
                return None
            raise
        # Drivers that end a page when they are cancelled do not say that it is only a part.
        return None if self._stopped.is_set() and not reader.length_known else page

    def _deliver(self, page: wire.PageMessage, data: bytearray) -> None:
        self._channel.send_file(wire.encode(page), [data])

    def _show(self, message: wire.RowsMessage, data: bytes) -> None:
        # Nobody waits for a look at a page: where the service is behind, there is one less.
        with contextlib.suppress(OSError):
            self._channel.send_file(wire.encode(message), [data], socket.MSG_DONTWAIT)

    def _send(self, message: wire.FromDriver) -> None:
        self._channel.send(wire.encode(message))

    def _beat(self) -> None:
        # The page does not wait for a service that is behind.
        with contextlib.suppress(OSError):
            self._channel.send(wire.encode(wire.Heartbeat()), flags=socket.MSG_DONTWAIT)


_VAGUE = frozenset(
    {
        faults.JAM,
        faults.IO,
        faults.INVALID,
        faults.CANCELLED,
        faults.END,
        faults.CUT_SHORT,
        faults.OTHER,
        faults.BUSY,
    }
)
"""Faults that drivers use for whatever they have no word for, and that sensors explain."""


def _explained(exc: Exception, sensors: Sensors) -> str | None:
    """Return the word of a fault that a sensor tells more of than the driver's error; None if none does."""
    word = exc.fault if isinstance(exc, Refused) else faults.word(exc)
    if word not in _VAGUE:
        return None
    # A scanner that has gone answers no question; what it said first is told.
    with contextlib.suppress(Exception):
        return sensors.fault()
    return None


def _finds_ends(options: Options) -> bool:
    return any(options.has(name) and options.is_switch(name) and options.get(name) for name in SHEET_SIZE)


def _end_later() -> None:
    """End this process unless that is called off, even where no thread can run Python."""
    faulthandler.dump_traceback_later(HELD_SECONDS, exit=True)


def main(channel: Channel) -> None:
    """Serve until the service hangs up."""
    ScanWorker(channel).run()


class _Device(ctypes.Structure):
    """``SANE_Device`` of the standard."""

    _fields_ = tuple((name, ctypes.c_char_p) for name in ("name", "vendor", "model", "kind"))


OF_NETWORK = ("airscan:", "escl:", "net:")
"""Beginnings of the names of scanners of other machines."""
LISTED_BYTES = LONGEST // 2
"""Limit of all devices that are listed, in bytes: half a packet, some hundred devices."""


def list_devices() -> tuple[wire.DeviceMessage, ...]:
    """List devices, those of this machine first; asks the buses and the network, which takes seconds."""
    try:
        found = [wire.DeviceMessage(*device) for device in sane.get_devices()]
    except SystemError:
        # python-sane gives up all devices where one is not called in UTF-8.
        found = list(_in_any_encoding())
    return tuple(_as_many_as_fit(sorted(found, key=lambda one: one.name.startswith(OF_NETWORK))))


def _as_many_as_fit(devices: Sequence[wire.DeviceMessage]) -> Iterator[wire.DeviceMessage]:
    """Yield devices as long as there is room: anybody in the network announces as many as they like."""
    room = LISTED_BYTES
    for device in devices:
        size = len(wire.encode(device))
        if size <= room:
            room -= size
            yield device


def _in_any_encoding() -> Iterator[wire.DeviceMessage]:
    library = libsane()
    devices = ctypes.POINTER(ctypes.POINTER(_Device))()
    if library.sane_get_devices(ctypes.byref(devices), 0) != 0:
        return
    at = 0
    while devices[at]:
        told = devices[at].contents
        at += 1
        try:
            name = told.name.decode()
        except UnicodeDecodeError:
            continue  # nobody could open it
        yield wire.DeviceMessage(name, *map(_readable, (told.vendor, told.model, told.kind)))


def _readable(text: bytes | None) -> str:
    """Decode as drivers write today, or else as drivers for Chinese systems used to."""
    try:
        return (text or b"").decode()
    except UnicodeDecodeError:
        return (text or b"").decode("gb18030", "replace")
