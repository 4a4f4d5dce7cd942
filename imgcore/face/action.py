"""What a person may be asked to do, and whether it was done: a picture of a person does nothing."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What is asked for; left and right are the person's own."""

    BLINK = "blink"
    TURN_LEFT = "turn left"
    TURN_RIGHT = "turn right"
