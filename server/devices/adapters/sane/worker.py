"""The process that a driver runs in: libsane, one device, and a socket to the service.

The main thread is in the driver and may stay there for minutes; a second one listens, so that
a scan can be stopped and the process ends when the service does.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import queue
import socket
import sys
import threading
from typing import Any

import sane

from server.devices.adapters.sane import faults, wire
from server.devices.adapters.sane.area import dots
from server.devices.adapters.sane.listing import list_devices
from server.devices.adapters.sane.options import Options, Refused
from server.devices.adapters.sane.reading import Reader, hand_over
from server.devices.adapters.sane.settings import apply, describe

LAST_SECONDS = 3.0
"""How long a driver may take to stop its motor when the service has gone."""
HELD_SECONDS = 60.0
"""How long setting options or closing may take where the service has gone: no other thread runs meanwhile."""


class Line:
    """The socket to the service, used by both threads."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._lock = threading.Lock()

    def send(self, message: wire.FromDriver, memory: int | None = None) -> None:
        with self._lock:
            socket.send_fds(self._line, [wire.encode(message)], [] if memory is None else [memory])

    def receive(self) -> wire.ToDriver | None:
        """The next message; None when the service has gone."""
        try:
            packet = self._line.recv(wire.PACKET_BYTES)
        except ConnectionError:  # it went without reading all that we said
            return None
        return wire.decode_for_driver(packet) if packet else None


class Worker:
    """Serves one request after the other."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._orders: queue.SimpleQueue[wire.ToDriver] = queue.SimpleQueue()
        self._room = threading.Semaphore(0)
        self._stopped = threading.Event()
        self._scanning: Any = None
        self._cancelling = threading.Lock()

    def run(self) -> None:
        """Serve until the service closes the line; that ends the process."""
        threading.Thread(target=self._listen, daemon=True).start()
        sane.init()
        while True:
            order = self._orders.get()
            if not isinstance(order, wire.List):  # which may take as long as the configuration allows
                _end_later()
            # Answered before the device is closed: a driver that hangs there has done its work.
            with contextlib.ExitStack() as opened:
                self._line.send(self._answer(order, opened))
            faulthandler.cancel_dump_traceback_later()
            self._line.send(wire.AtRest())

    # Listening ---------------------------------------------------------------------------------

    def _listen(self) -> None:
        while (message := self._line.receive()) is not None:
            match message:
                case wire.More():
                    self._room.release()
                case wire.Stop():
                    self._stop()
                case _:
                    # Here and not where it is served: a stop may follow at once.
                    self._stopped.clear()
                    self._room = threading.Semaphore(0)
                    self._orders.put(message)
        threading.Timer(LAST_SECONDS, os._exit, (1,)).start()
        self._stop()
        os._exit(0)

    def _stop(self) -> None:
        self._stopped.set()
        self._room.release()
        with self._cancelling, contextlib.suppress(Exception):
            if self._scanning is not None:
                self._scanning.cancel()

    # Serving -----------------------------------------------------------------------------------

    def _answer(self, order: wire.ToDriver, opened: contextlib.ExitStack) -> wire.FromDriver:
        try:
            return self._serve(order, opened)
        except Refused as refused:
            return wire.Failed(refused.fault, refused.detail)
        except Exception as exc:  # noqa: BLE001 - python-sane's errors have no common class that it exports
            return wire.Failed(faults.word(exc))

    def _serve(self, order: wire.ToDriver, opened: contextlib.ExitStack) -> wire.FromDriver:
        if isinstance(order, wire.List):
            return wire.Listed(list_devices())
        assert isinstance(order, wire.Describe | wire.Scan)
        device = opened.enter_context(contextlib.closing(sane.open(order.device)))
        if isinstance(order, wire.Describe):
            return describe(Options(device), order.sheetfed)
        return self._scan(device, order, opened)

    def _scan(self, device: Any, order: wire.Scan, opened: contextlib.ExitStack) -> wire.Done:
        options = Options(device)
        source = apply(options, order)
        reader = Reader(device, order.limit_pixels, lambda: self._line.send(wire.Alive()), self._stop)
        self._line.send(wire.Started())
        opened.callback(device.cancel)
        self._scanning = device
        resolution = dots(options)
        faulthandler.cancel_dump_traceback_later()
        try:
            self._feed(device, reader, resolution, source.feeder)
        finally:
            _end_later()
            # A cancel that is under way ends before the device is closed.
            with self._cancelling:
                self._scanning = None
        return wire.Done()

    def _feed(self, device: Any, reader: Reader, resolution: float, feeder: bool) -> None:
        """Page after page until the feeder is empty or the scan is stopped."""
        first = True
        while self._has_room() and self._start(device, first):
            page = self._read(reader, resolution)
            if page is None:
                return
            self._deliver(*page)
            if not feeder:
                return
            first = False

    def _has_room(self) -> bool:
        self._room.acquire()
        return not self._stopped.is_set()

    def _start(self, device: Any, first: bool) -> bool:
        """Whether there is a page to read."""
        try:
            device.start()
        except Exception as exc:
            if self._stopped.is_set() or (faults.word(exc) == faults.EMPTY and not first):
                return False
            raise
        return True

    def _read(self, reader: Reader, resolution: float) -> tuple[wire.Page, bytearray] | None:
        """A page, or None when the scan was stopped in the middle of it."""
        try:
            page = reader.read(resolution)
        except Exception as exc:
            too_large = isinstance(exc, Refused) and exc.fault == faults.TOO_LARGE
            if self._stopped.is_set() and not too_large:
                return None
            raise
        # Drivers that end a page when they are cancelled do not say that it is only a part.
        return None if self._stopped.is_set() and not reader.length_known else page

    def _deliver(self, page: wire.Page, data: bytearray) -> None:
        memory = hand_over(data)
        try:
            self._line.send(page, memory)
        finally:
            os.close(memory)


def _end_later() -> None:
    """End this process unless that is called off, even where no thread can run Python."""
    faulthandler.dump_traceback_later(HELD_SECONDS, exit=True)


def main() -> None:
    """Serve on the socket whose descriptor is the only argument."""
    # Drivers print what they like: it is nobody's log, and a full pipe would stop them.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    Worker(Line(socket.socket(fileno=int(sys.argv[1])))).run()


if __name__ == "__main__":
    main()
