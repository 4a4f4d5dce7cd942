"""The process that libfprint runs in: GLib's loop, the sensors, and a channel to the service.

It runs under any Python from 3.8 on, with nothing installed but the bindings of libfprint.
The main thread is in GLib's loop, where a driver may hold it; a second one listens, so that the process
ends when the service does.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections import deque
from typing import Any

import gi

gi.require_version("FPrint", "2.0")
from gi.repository import FPrint, Gio, GLib  # noqa: E402 - the version comes first

from server.children.channel import Channel  # noqa: E402

LAST_SECONDS = 1.0
"""Seconds that drivers have to switch their sensors off when the service has gone."""
OPEN_SECONDS = 10
"""Seconds after which a sensor that nobody uses is closed, so that other programs may use it."""
LIFT_SECONDS = 10
"""Seconds that a press goes on for a finger that lies on the sensor: most drivers give the picture when it is
lifted."""

_FPRINT_ERROR = "fp - device - error - quark"
"""Domain of libfprint's errors."""
_FPRINT_RETRY = "fp - device - retry - quark"
"""Domain of libfprint's reasons to press once more."""
_USB_ERROR = "g-usb-device-error-quark"
"""Domain of the errors of GUsb, by which libfprint reaches USB."""
_IO_ERROR = "g-io-error-quark"
"""Domain of the errors of GIO."""
_FAULTS = {
    (_FPRINT_ERROR, 4): "busy",
    (_FPRINT_ERROR, 256): "gone",
    (_USB_ERROR, 4): "gone",
    (_USB_ERROR, 9): "denied",
    (_USB_ERROR, 10): "busy",
    (_IO_ERROR, 14): "denied",
    (_IO_ERROR, 26): "busy",
}
"""Faults by the domain and the number of a GError."""
_REMOVE_FINGER = "3"
"""Number of ``FP_DEVICE_RETRY_REMOVE_FINGER``: the finger has to be lifted first."""
_NEEDED = 1
"""Flag of ``FpFingerStatusFlags`` of a sensor that waits for a finger."""
_PRESENT = 2
"""Flag of ``FpFingerStatusFlags`` of a sensor on which a finger lies."""


class Answers:
    """Answers on their way to the service."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def send(self, number: int, pixels: bytes = b"", **answer: Any) -> None:
        """Answer a question; pixels go along as a file in memory."""
        text = json.dumps({"number": number, **answer}).encode()
        if pixels:
            self._channel.send_file(text, [pixels])
        else:
            self._channel.send(text)


class Press:
    """A finger that is waited for."""

    def __init__(self, number: int, seconds: float) -> None:
        self.number = number
        self.seconds = seconds
        self.cancellable = Gio.Cancellable()
        self.expired = False
        self.lies = False
        self.told = False


class Sensor:
    """One device of libfprint, which does one thing at a time: open, capture, close."""

    def __init__(self, device: Any, answers: Answers) -> None:
        self.device = device
        self._answers = answers
        self._waiting: deque[Press] = deque()
        self._press: Press | None = None
        self._open = False
        self._busy = False
        self._timer = 0
        self.gone = False
        """True once it was unplugged; plugged in again it is another device."""
        if hasattr(device, "get_finger_status"):  # from 1.92 on
            device.connect("notify::finger-status", self._tell)

    def press(self, press: Press) -> None:
        """Serve it when those before are served."""
        self._waiting.append(press)
        self._next()

    def drop(self, number: int | None = None) -> None:
        """Forget the press of that number, or all."""
        for press in [press for press in self._waiting if number in (None, press.number)]:
            self._waiting.remove(press)
        if self._press is not None and number in (None, self._press.number):
            self._press.cancellable.cancel()

    def _next(self) -> None:
        if self._busy:
            return
        self._stop_timer()
        if not self._waiting:
            if self._open:
                self._timer = GLib.timeout_add_seconds(OPEN_SECONDS, self._leave)
            return
        self._busy = True
        self._press = self._waiting.popleft()
        if self._open:
            self._capture(self._press)
        else:
            self.device.open(self._press.cancellable, self._opened, self._press)

    def _opened(self, device: Any, result: Any, press: Press) -> None:
        try:
            device.open_finish(result)
        except GLib.Error as error:
            self._fail(press, error)
            self._done()
            return
        self._open = True
        self._capture(press)

    def _capture(self, press: Press) -> None:
        self._timer = GLib.timeout_add(max(1, int(press.seconds * 1000)), self._expire, press)
        self.device.capture(True, press.cancellable, self._captured, press)

    def _tell(self, device: Any, _: Any) -> None:
        if self._press is not None and not self._press.told and _finger_status(device) == _NEEDED:
            self._press.told = True
            self._answers.send(self._press.number, waiting=True)

    def _expire(self, press: Press) -> bool:
        self._timer = 0
        if _finger_status(self.device) & _PRESENT and not press.lies:
            press.lies = True
            self._timer = GLib.timeout_add_seconds(LIFT_SECONDS, self._expire, press)
        else:
            press.expired = True
            press.cancellable.cancel()
        return False

    def _captured(self, device: Any, result: Any, press: Press) -> None:
        self._stop_timer()
        try:
            image = device.capture_finish(result)
        except GLib.Error as error:
            self._fail(press, error)
            if error.domain == _FPRINT_RETRY:
                self._done()
            else:  # whatever it was, the next press begins with a device that is opened anew
                self._close()
            return
        self._answers.send(
            press.number,
            bytes(image.get_data()),
            width=image.get_width(),
            height=image.get_height(),
            per_mm=image.get_ppmm(),
        )
        self._done()

    def _fail(self, press: Press, error: Any) -> None:
        fault = _FAULTS.get((error.domain, error.code), "failed")
        detail = str(error.code) if error.domain in (_FPRINT_ERROR, _FPRINT_RETRY) else ""
        if error.domain == _FPRINT_RETRY:
            fault = "unclear"
        elif press.expired:
            fault, detail = ("unclear", _REMOVE_FINGER) if press.lies else ("no finger", "")
        self.gone = self.gone or fault == "gone"
        self._answers.send(press.number, fault=fault, detail=detail)

    def _leave(self) -> bool:
        self._timer = 0
        self._busy = True
        self._close()
        return False

    def _close(self) -> None:
        self._press = None
        self._open = False
        self.device.close(None, self._closed)

    def _closed(self, device: Any, result: Any) -> None:
        with contextlib.suppress(GLib.Error):  # one that has gone cannot be closed, and is closed
            device.close_finish(result)
        self._done()

    def _done(self) -> None:
        self._busy = False
        self._press = None
        self._next()

    def _stop_timer(self) -> None:
        if self._timer:
            GLib.source_remove(self._timer)
            self._timer = 0


class FingerprintWorker:
    """Answers the service's questions."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._answers = Answers(channel)
        self._context = FPrint.Context()
        self._sensors: dict[str, Sensor] = {}
        self._loop = GLib.MainLoop()

    def run(self) -> None:
        """Serve until the service hangs up; that ends the process."""
        threading.Thread(target=self._listen, daemon=True).start()
        self._loop.run()

    def _listen(self) -> None:
        with contextlib.suppress(EOFError):
            while True:
                GLib.idle_add(self._serve, json.loads(self._channel.receive().data))
        GLib.idle_add(self._drop_all)
        time.sleep(LAST_SECONDS)
        os._exit(0)

    def _serve(self, question: dict[str, Any]) -> bool:
        number = question["number"]
        do = question["do"]
        if do == "list":
            self._answers.send(number, sensors=[_described(key, one) for key, one in self._listed().items()])
        elif do == "drop":
            for sensor in self._sensors.values():
                sensor.drop(number)
        else:
            self._press(number, question["sensor"], question.get("seconds", 0.0))
        return False

    def _press(self, number: int, key: str, seconds: float) -> None:
        sensor = self._listed().get(key)
        if sensor is None:
            self._answers.send(number, fault="gone")
        else:
            sensor.press(Press(number, seconds))

    def _drop_all(self) -> bool:
        for sensor in self._sensors.values():
            sensor.drop()
        return False

    def _listed(self) -> dict[str, Sensor]:
        """The sensors present now, those known before as they are."""
        known = {sensor.device: sensor for sensor in self._sensors.values()}
        self._sensors = {}
        for device in self._context.get_devices():
            sensor = known.get(device) or Sensor(device, self._answers)
            self._sensors[_key(device, self._sensors)] = sensor
        return {key: sensor for key, sensor in self._sensors.items() if not sensor.gone}


def _key(device: Any, taken: dict[str, Sensor]) -> str:
    """A name for it that no other has; libfprint gives devices of one kind the same."""
    wanted = f"{device.get_driver()}:{device.get_device_id()}"
    key = wanted
    count = 1
    while key in taken:
        count += 1
        key = f"{wanted}#{count}"
    return key


def _described(key: str, sensor: Sensor) -> dict[str, Any]:
    device = sensor.device
    return {
        "id": key,
        "driver": device.get_driver(),
        "name": device.get_name(),
        "presses": device.get_nr_enroll_stages(),
        "captures": _captures(device),
    }


def _captures(device: Any) -> bool:
    if hasattr(FPrint, "DeviceFeature"):  # from 1.92 on
        return bool(device.has_feature(FPrint.DeviceFeature.CAPTURE))
    return bool(device.supports_capture())


def _finger_status(device: Any) -> int:
    return int(device.get_finger_status()) if hasattr(device, "get_finger_status") else 0


def main(channel: Channel) -> None:
    """Serve until the service hangs up."""
    FingerprintWorker(channel).run()
