"""The next page by itself: made minutes of a counter, with the truth of when a new page lies ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from imgcore.outline.desk.memory import DeskMemory
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.services.cameras.owned_work import PACE, NextPageSearch
from synthetic.datasets.page_sequences import PageSequence, make_sequence
from synthetic.scene.clerk import Rest

GRACE = 0.3
"""Seconds before the truth calls a page ready in which it may be taken: it moves by less than a pixel."""


@dataclass
class Watched:
    """Captures of one sequence against its truth.

    Attributes
    ----------
    due
        Numbers of the pages that are to be taken.
    delays
        Seconds from rest to shot, by page.
    repeated, hands, nothing
        Captures of a page that was taken, with a hand in them, and where no page lay ready.
    """

    due: Sequence[int]
    delays: dict[int, float] = field(default_factory=dict)
    repeated: int = 0
    hands: int = 0
    nothing: int = 0


def watch(seed: int) -> Watched:
    """Show one sequence to a search, five times a second, and compare what it takes with the truth."""
    sequence = make_sequence(seed)
    size = Size(*sequence.clip.size)
    search = NextPageSearch(DeskMemory())
    watched = Watched([rest.page for rest in sequence.due])
    taken: dict[int, float] = {}
    for number in range(int(sequence.seconds / PACE.seconds)):
        now = number * PACE.seconds
        frame = Frame(number, now, PixelFormat.MJPG, size, sequence.jpeg(now))
        if search.look(frame, now).wait is None:
            _judge(watched, sequence, taken, now)
    for rest in sequence.due:
        if rest.page in taken:
            watched.delays[rest.page] = max(0.0, taken[rest.page] - rest.start)
    return watched


def _judge(watched: Watched, sequence: PageSequence, taken: dict[int, float], now: float) -> None:
    shown = int(now * sequence.fps) / sequence.fps
    watched.hands += sequence.clip.shows_hand(shown)
    rest = _rest_at(sequence.rests, now)
    if rest is None:
        watched.nothing += 1
    elif rest.page in taken:
        watched.repeated += 1
    else:
        taken[rest.page] = now


def _rest_at(rests: Sequence[Rest], now: float) -> Rest | None:
    lying = [rest for rest in rests if rest.start - GRACE <= now <= rest.end + GRACE]
    return lying[-1] if lying else None
