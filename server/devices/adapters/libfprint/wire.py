"""Messages between the service and its worker: one a packet, in JSON, which the worker's Python has."""

from __future__ import annotations

from typing import Literal

import msgspec

Do = Literal["list", "press", "drop"]


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question of the service.

    Attributes
    ----------
    number
        The answer has it too; several questions may be open at a time.
    do
        ``list``: list the sensors. ``press``: wait for a finger at `sensor`, for so many `seconds`.
        ``drop``: the question of this number needs no answer any more.
    """

    number: int
    do: Do
    sensor: str = ""
    seconds: float = 0.0


class SensorMessage(msgspec.Struct, frozen=True):
    """One sensor as libfprint lists it.

    Attributes
    ----------
    id
        Stable while the devices plugged in stay the same.
    name
        In libfprint's words.
    presses
        The number that an enrolment takes.
    captures
        True if it gives pictures at all; others compare fingers themselves.
    """

    id: str
    driver: str
    name: str
    presses: int
    captures: bool


class WorkerAnswer(msgspec.Struct, frozen=True):
    """An answer of the worker.

    Attributes
    ----------
    fault
        Empty, or a word of `faults`; `detail` is the library's number for it.
    waiting
        This is no answer yet: the sensor is ready, and the finger may come.
    width, height, per_mm
        Of the picture, whose grey bytes are the file that comes along; dots a millimetre, 0 where the
        driver does not say.
    """

    number: int
    fault: str = ""
    detail: str = ""
    waiting: bool = False
    sensors: tuple[SensorMessage, ...] = ()
    width: int = 0
    height: int = 0
    per_mm: float = 0.0


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(WorkerAnswer).decode
