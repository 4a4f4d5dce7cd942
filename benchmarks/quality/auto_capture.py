"""The next page by itself: made minutes of a counter, with the truth of when a new page lies ready."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field

import cv2
import numpy as np

from benchmarks import report
from imgcore.outline.desk_memory import DeskMemory
from server.devices.adapters.demo import DemoCameraFinder
from server.devices.ports.camera import CameraMode, Frame, PixelFormat, Size
from server.errors import GaopaiError
from server.services.cameras.owned_work import PACE, NextPageSearch
from server.streaming.broadcast import Broadcast
from server.streaming.hub import Hub
from server.streaming.painter import Overlay, PreviewPicture, Variant
from synthetic.datasets.page_sequences import PageSequence, make_sequence
from synthetic.scene.clerk import Rest

FIRST_SEED = 920_000
LATEST = 1.0
"""Seconds after which a page is late."""
GRACE = 0.3
"""A page may be taken so long before the truth calls it ready: its last movement is below a pixel."""
PREVIEW = CameraMode(PixelFormat.MJPG, Size(1280, 960), 15.0)
PREVIEW_SECONDS = 5.0
PREVIEW_TURNS = 7
"""Length of a preview, and how often it is shown without and with automatic capture, in turn."""


@dataclass
class Outcome:
    """Captures of one sequence against its truth.

    Attributes
    ----------
    looks, spent
        Number of frames looked at, and processor time of that in seconds.
    """

    size: Size
    due: int = 0
    missed: int = 0
    repeated: int = 0
    hands: int = 0
    nothing: int = 0
    glimpsed: int = 0
    told: int = 0
    delays: list[float] = field(default_factory=list)
    looks: int = 0
    spent: float = 0.0


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="auto_capture", description=__doc__)
    parser.add_argument("--sequences", type=int, default=80)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--quick", action="store_true", help="6 sequences, and nothing is written")
    options = parser.parse_args(arguments)
    seeds = range(options.first, options.first + (6 if options.quick else options.sequences))
    with ProcessPoolExecutor() as processes:
        outcomes = list(processes.map(watch, seeds))
    shown = _previews(1 if options.quick else PREVIEW_TURNS)
    report.publish("auto_capture", "The next page by itself", _section(outcomes, shown), options.quick)
    return 0


def watch(seed: int) -> Outcome:
    """Show one sequence to a search, five times a second, and compare what it takes with the truth."""
    cv2.setNumThreads(1)
    sequence = make_sequence(seed)
    size = Size(*sequence.clip.size)
    search = NextPageSearch(DeskMemory())
    outcome = Outcome(size, due=len(sequence.due), glimpsed=len(sequence.glimpsed))
    taken: dict[int, float] = {}
    for number in range(int(sequence.seconds / PACE.seconds)):
        now = number * PACE.seconds
        frame = Frame(number, now, PixelFormat.MJPG, size, sequence.jpeg(now))
        begun = time.thread_time()
        seen = search.look(frame, now)
        outcome.spent += time.thread_time() - begun
        outcome.looks += 1
        outcome.told += seen.missed
        if seen.wait is None:
            _judge(outcome, sequence, taken, now)
    for rest in sequence.due:
        if rest.page in taken:
            outcome.delays.append(max(0.0, taken[rest.page] - rest.start))
        else:
            outcome.missed += 1
    return outcome


def _judge(outcome: Outcome, sequence: PageSequence, taken: dict[int, float], now: float) -> None:
    shown = int(now * sequence.fps) / sequence.fps
    outcome.hands += sequence.clip.shows_hand(shown)
    rest = _rest_at(sequence.rests, now)
    if rest is None:
        outcome.nothing += 1
    elif rest.page in taken:
        outcome.repeated += 1
    else:
        taken[rest.page] = now


def _rest_at(rests: Sequence[Rest], now: float) -> Rest | None:
    lying = [rest for rest in rests if rest.start - GRACE <= now <= rest.end + GRACE]
    return lying[-1] if lying else None


class _Viewer:
    """`FrameSink` that keeps up, and counts."""

    started = True

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.times: list[float] = []

    def ready(self) -> bool:
        return True

    def show(self, picture: PreviewPicture) -> None:
        self.numbers.append(picture.frame)
        self.times.append(time.monotonic())

    def discard(self) -> None:
        pass

    def end(self, error: GaopaiError) -> None:
        raise error


@dataclass
class Shown:
    """Frames that a camera made, those of them that a viewer got, and the seconds between these."""

    made: int = 0
    got: int = 0
    intervals: list[float] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Part of the frames that were shown."""
        return self.got / max(self.made, 1)


def _previews(turns: int) -> tuple[Shown, Shown]:
    """Show the same camera without and with automatic capture in turn, each first as often as the other."""
    both = Shown(), Shown()
    for turn in range(turns):
        for watched in (False, True) if turn % 2 else (True, False):
            viewer = asyncio.run(_preview(watched))
            both[watched].made += viewer.numbers[-1] - viewer.numbers[0] + 1
            both[watched].got += len(viewer.numbers)
            both[watched].intervals += np.diff(viewer.times).tolist()
    return both


async def _preview(watched: bool) -> _Viewer:
    hub = Hub(DemoCameraFinder().find()[0])
    await hub.open(PREVIEW)
    one, two, three, four = (ThreadPoolExecutor(1) for _ in range(4))
    broadcast = Broadcast(hub, one, two, three, lambda: None)
    viewer = _Viewer()
    broadcast.add(viewer, Variant(0, Overlay.OUTLINE, None, True))
    looking = asyncio.create_task(_look(hub, four)) if watched else None
    await asyncio.sleep(PREVIEW_SECONDS)
    if looking is not None:
        looking.cancel()
    broadcast.remove(viewer)
    await hub.close()
    for pool in (one, two, three, four):
        pool.shutdown(wait=False)
    return viewer


async def _look(hub: Hub, pool: ThreadPoolExecutor) -> None:
    search = NextPageSearch(DeskMemory())
    loop = asyncio.get_running_loop()
    with hub.watch() as frames:
        while True:
            frame = await frames.next(10.0)
            begun = time.monotonic()
            await loop.run_in_executor(pool, search.look, frame, begun)
            pause = min(PACE.rest * (time.monotonic() - begun), PACE.longest_rest)
            await asyncio.sleep(max(PACE.seconds, pause))


ABOUT = """Made sequences of some half a minute, SYNTHETIC, of other seeds than those it was tuned on: pages
laid down by hand, pushed in, taken off a stack and turned over, lifted and put back, moved and
pointed at; one form with other handwriting; light that flickers, dims or is shaded, bands of lamps
on mains, lamps beside, automatic exposure and white balance, lenses that look for their focus; bare
arms and sleeves of any cloth, coloured papers, slow clerks and quick ones; 5 to 30 frames a second,
any desk, noise and JPEG quality. A page is due when it lies still and sharp for 1.2 s with no hand in the
picture, once in a sequence, also where it is seen again. *Repeated*: captures of a page that was
taken; *of no page*: where none lay ready."""
HEAD = (
    *("camera", "sequences", "pages", "taken once", "missed", "repeated", "with a hand", "of no page"),
    *("rest to shot, median s", "95% s", "later than 1 s", "ms a look"),
)


PREVIEWED = """The preview of a demo camera, 1280x960 at 15 frames a second with an outline, shown to one
viewer in {turns} turns of {seconds:g} s without and with automatic capture, in one run and one process.
*Beside without*: the share of frames that were shown against that without automatic capture."""
PREVIEW_HEAD = ("preview", "frames made", "shown", "beside without", "median ms between", "95% ms between")


def _section(outcomes: Sequence[Outcome], shown: tuple[Shown, Shown]) -> str:
    sizes = sorted({outcome.size for outcome in outcomes})
    rows = [_row(str(size), [one for one in outcomes if one.size == size]) for size in sizes]
    told, glimpsed = (sum(getattr(one, name) for one in outcomes) for name in ("told", "glimpsed"))
    machine = report.machine(("opencv-contrib-python", "numpy"))
    seen = f"Of {glimpsed} pages that were taken away too soon or under a hand, {told} were told as missed."
    captures = report.table(HEAD, [*rows, _row("all", outcomes)])
    names = ("without", "with automatic capture")
    frames = report.table(
        PREVIEW_HEAD, [_shown(name, one, shown[0]) for name, one in zip(names, shown, strict=True)]
    )
    about = PREVIEWED.format(turns=PREVIEW_TURNS, seconds=PREVIEW_SECONDS)
    return "\n\n".join([f"{machine} {ABOUT} {seen}", captures, about, frames])


def _shown(name: str, one: Shown, without: Shown) -> tuple[str, ...]:
    middle, most = 1e3 * np.percentile(one.intervals, (50, 95))
    beside = f"{one.share / without.share:.1%}"
    return (name, str(one.made), f"{one.share:.1%}", beside, f"{middle:.0f}", f"{most:.0f}")


def _row(name: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    def total(what: str) -> int:
        return sum(getattr(one, what) for one in outcomes)

    due = total("due")
    delays = np.array([delay for one in outcomes for delay in one.delays])
    middle, most = np.percentile(delays, (50, 95)) if len(delays) else (float("nan"), float("nan"))
    looks = sum(one.looks for one in outcomes)
    return (
        *(name, str(len(outcomes)), str(due), f"{1 - total('missed') / max(due, 1):.1%}"),
        *(str(total("missed")), f"{total('repeated')} ({total('repeated') / max(due, 1):.1%})"),
        *(str(total("hands")), str(total("nothing"))),
        *(f"{middle:.2f}", f"{most:.2f}", str(int((delays > LATEST).sum()))),
        f"{1e3 * sum(one.spent for one in outcomes) / looks:.1f}",
    )
