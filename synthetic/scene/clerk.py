"""A clerk at work: pages that are laid down, moved and taken away, one act after another, with the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Random
from synthetic.documents.filled import SCALE, any_page, filled_again, form_by_another
from synthetic.geometry import Pose
from synthetic.noise import smooth_noise
from synthetic.scene.arm import arm, reaching
from synthetic.scene.clip import LIGHT_SIZE, Actor, Curve, Key, Lamp
from synthetic.scene.sheet import Sheet, rectangle
from synthetic.scene.surfaces import tint

ENOUGH = 1.2
"""Seconds of rest from which a page is to be taken."""
AWAY = 480.0
"""Millimetres that a hand is drawn back until it is out of any picture."""


class Rest(NamedTuple):
    """Time during which a page lies still and sharp with no hand in the picture."""

    page: int
    start: float
    end: float


def _shifted(pose: Pose, away: Floats) -> Pose:
    return Pose(pose.x + float(away[0]), pose.y + float(away[1]), pose.angle)


class _Placed:
    """A page on the desk, and its way so far."""

    def __init__(self, number: int, sheet: Sheet, pose: Pose, time: float) -> None:
        self.number = number
        self.sheet = sheet
        self.pose = pose
        self.keys = [Key(time, pose)]
        self.gone = False

    def move(self, start: float, end: float, pose: Pose, fold: float = 1.0, grown: float = 1.0) -> None:
        last = self.keys[-1]
        self.keys += [last._replace(time=start), Key(end, pose, fold, grown)]
        self.pose = pose


class Clerk:
    """Writes down what happens, one act after another."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.time = 0.0
        self.rests: list[Rest] = []
        self.blur: tuple[list[float], list[float]] = ([0.0], [0.0])
        self._gain: tuple[list[float], list[float]] = ([0.0], [1.0])
        self._warmth: tuple[list[float], list[float]] = ([0.0], [0.0])
        self._shade: tuple[list[float], list[float]] = ([0.0], [0.0])
        self._pages: list[_Placed] = []
        self._arms: list[Actor] = []
        self._blank: Image | None = None
        self._count = 0
        self._drawn: set[int] = set()
        self._arm = arm(random)
        self._side = float(random.choice([0.0, -90.0, -60.0, -120.0, 180.0], p=[0.3, 0.3, 0.15, 0.1, 0.15]))
        self._refocuses = random.random() < 0.35
        self._adapts = random.random() < 0.3
        self._balances = random.random() < 0.2
        self._slow = random.random() < 0.25
        self._papers = [
            tint(random, 205, 245) for _ in range(int(random.choice([0, 1, 3], p=[0.7, 0.15, 0.15])))
        ]
        self._forms = random.random() < 0.45
        self._spread = float(random.choice([4.0, 15.0]))
        self._ripple = float(random.choice([0.0, 0.006, 0.02, 0.05], p=[0.4, 0.3, 0.2, 0.1]))

    # Results ---------------------------------------------------------------------------

    def actors(self) -> list[Actor]:
        """Return all things; arms are over pages."""
        last = self.time + 60
        pages = [
            Actor(it.sheet, (*it.keys, it.keys[-1]._replace(time=it.keys[-1].time if it.gone else last)))
            for it in self._pages
        ]
        return pages + self._arms

    def lamp(self) -> Lamp:
        """Return the light of the room."""
        random = self.random
        fall = 1 + random.uniform(0, 0.22) * smooth_noise(random, LIGHT_SIZE, (2, 2))
        tints = random.uniform((0.8, 0.93, 0.95), (1.05, 1.0, 1.05))
        field = fall[:, :, None] * tints * random.uniform(0.6, 1.0) * self._spot()
        shade = cv2.GaussianBlur((smooth_noise(random, LIGHT_SIZE, (3, 2)) > 0).astype(np.float32), (0, 0), 4)
        pitch = float(random.uniform(0.15, 0.8))
        speed = float(random.uniform(-1.5, 1.5))
        return Lamp(
            *(np.asarray(field, np.float32), Curve(*self._gain), Curve(*self._warmth)),
            *(self._ripple, pitch, speed),
            (np.asarray(shade, np.float32), Curve(*self._shade)),
        )

    def _spot(self) -> Floats:
        """Return the light of a lamp that stands beside, of a tint of its own, or none."""
        random = self.random
        (cols, rows) = LIGHT_SIZE
        if random.random() < 0.7:
            return np.ones((rows, cols, 1), np.float32)
        y, x = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : cols * 1j]
        at = random.uniform(-0.2, 1.2, 2)
        wide = random.uniform(0.4, 0.9)
        near = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * wide**2))[:, :, None]
        lit = random.uniform(0.6, 0.85) + random.uniform(0.25, 0.5) * near * random.uniform(0.8, 1.0, 3)
        return np.asarray(lit.clip(0.4, 1.15), np.float32)

    def due(self) -> tuple[tuple[Rest, ...], tuple[int, ...]]:
        """Return the first long rest of each page, and the pages that have none."""
        due: dict[int, Rest] = {}
        for rest in self.rests:
            if rest.end - rest.start >= ENOUGH:
                due.setdefault(rest.page, rest)
        glimpsed = tuple(sorted({rest.page for rest in self.rests} - set(due)))
        return tuple(due.values()), glimpsed

    # Acts ------------------------------------------------------------------------------

    def stack(self, count: int) -> None:
        """Begin with a stack, whose pages are seen from the uppermost on."""
        for _ in range(count):
            self._add(self._pose(), 0.0)
        self._rest(self.random.uniform(1.6, 2.5))

    def wait(self, seconds: float) -> None:
        """Let time pass without a page that is new."""
        self.time += float(seconds)

    def act(self) -> None:
        """Do one thing of many."""
        choices: list[tuple[float, Callable[[], None]]] = [(3.0, self._lay), (1.0, self._slide)]
        if self._top() is not None:
            choices += [(2.0, self._take), (0.9, self._turn), (0.9, self._lift), (0.5, self._nudge)]
            choices += [(0.7, self._point), (0.5, self._light), (0.4, self._glimpse)]
        else:
            choices += [(0.4, self._pass)]
        weights = np.array([weight for weight, _ in choices])
        choices[int(self.random.choice(len(choices), p=weights / weights.sum()))][1]()

    def _lay(self) -> None:
        """Lay a new page down by hand."""
        start = self.time
        moving = self._lasting(0.5, 1.1)
        page = self._new(start)
        self._carry_in(page, start, start + moving)
        self.time = start + moving
        self._withdraw(page, float(self.random.choice([0.05, 0.4, 1.2])))
        self._rest(self.random.uniform(1.6, 2.8))

    def _slide(self) -> None:
        """Push a new page in, with no hand in the picture, now and then while the old one leaves."""
        start = self.time
        moving = self._lasting(0.35, 0.9)
        old = self._top()
        page = self._new(start)
        rest = page.pose
        angle = np.deg2rad(self.random.uniform(0, 360))
        far = 700 * np.array([np.cos(angle), np.sin(angle)])
        page.keys = [
            Key(start, Pose(rest.x + far[0], rest.y + far[1], rest.angle)),
            Key(start + moving, rest),
        ]
        if old is not None and self.random.random() < 0.5:
            self._send_away(old, start, start + moving, -far)
        self.time = start + moving
        self._rest(self.random.uniform(1.6, 2.8))

    def _take(self) -> None:
        """Take the uppermost page away by hand; what is below is seen."""
        page = self._require()
        self._reach(page)
        start = self.time
        moving = float(self.random.uniform(0.4, 0.9))
        back = AWAY * self._along()
        self._send_away(page, start, start + moving, back)
        self._arm_keys(page.keys[-2].pose, [(start, 0.0), (start + moving, AWAY)])
        self.time = start + moving
        self._rest(self.random.uniform(1.6, 2.6))

    def _turn(self) -> None:
        """Turn the uppermost page over, as a leaf of a pad."""
        page = self._require()
        start = self.time
        moving = self._lasting(0.4, 0.9)
        width = page.sheet.corners[1, 0] * 1.0 if page.sheet.corners is not None else 100.0
        side = Pose(0, 0, page.pose.angle).matrix[:2, :2] @ np.array([-width, 0.0])
        edge = Pose(page.pose.x + float(side[0]), page.pose.y + float(side[1]), page.pose.angle)
        page.move(start, start + moving, edge, fold=0.02)
        page.gone = True
        if self.random.random() < 0.5:
            self._arm_keys(page.keys[-2].pose, [(start - 0.3, AWAY), (start, 0.0), (start + moving, AWAY)])
            self.time = start + moving
        self.time = start + moving
        self._rest(self.random.uniform(1.6, 2.6))

    def _lift(self) -> None:
        """Lift the uppermost page and put it back, not quite where it was."""
        page = self._require()
        self._reach(page)
        start = self.time
        up = self._near(page.pose, 60, 8)
        down = self._near(page.pose, self._spread, 3)
        half = start + float(self.random.uniform(0.3, 0.7))
        end = half + float(self.random.uniform(0.4, 0.8))
        page.move(start, half, up, grown=float(self.random.uniform(1.05, 1.25)))
        page.move(half, end, down)
        self._follow(page, start, end)
        self._withdraw(page, 0.1)
        self._rest(self.random.uniform(1.4, 2.0))

    def _nudge(self) -> None:
        """Move the uppermost page a little."""
        page = self._require()
        self._reach(page)
        start = self.time
        end = self.time + float(self.random.uniform(0.3, 0.7))
        page.move(start, end, self._near(page.pose, self._spread, 6))
        self._follow(page, start, end)
        self._withdraw(page, 0.1)
        self._rest(self.random.uniform(1.4, 2.0))

    def _point(self) -> None:
        """Point at the page, or hold it, for a while."""
        page = self._require()
        self._reach(page)
        self._withdraw(page, float(self.random.uniform(0.5, 2.5)))
        self._rest(self.random.uniform(1.2, 2.0))

    def _pass(self) -> None:
        """Reach over the empty desk."""
        pose = self._pose()
        start = self.time
        self._arm_keys(pose, [(start, AWAY), (start + 0.4, 0.0), (start + 1.2, 0.0), (start + 1.6, AWAY)])
        self.wait(2.2)

    def _light(self) -> None:
        """Let the light flicker, dim or be shaded while the page lies."""
        random = self.random
        start = self.time
        if random.random() < 0.6:
            times = start + np.arange(1, int(random.integers(4, 20))) * random.uniform(0.05, 0.3)
            levels = (
                random.uniform(0.75, 1.12) if random.random() < 0.3 else random.uniform(0.85, 1.1, len(times))
            )
            values = np.broadcast_to(levels, times.shape)
            last = float(values[-1]) if random.random() < 0.5 else 1.0
            self._gain[0].extend([start, *times.tolist(), float(times[-1]) + 0.1])
            self._gain[1].extend([self._gain[1][-1], *values.tolist(), last])
            end = float(times[-1]) + 0.1
        else:
            depth = float(random.uniform(0.05, 0.35))
            end = start + float(random.uniform(0.3, 1.5))
            self._shade[0].extend([start, end])
            self._shade[1].extend([self._shade[1][-1], depth if self._shade[1][-1] < 0.03 else 0.0])
        self.time = end
        self._rest(random.uniform(1.0, 2.0))

    def _glimpse(self) -> None:
        """Lay a new page down and take it away before it can be taken."""
        start = self.time
        moving = float(self.random.uniform(0.4, 0.8))
        page = self._new(start)
        self._carry_in(page, start, start + moving)
        shown = float(self.random.uniform(0.5, 1.2))
        self.rests.append(Rest(page.number, start + moving, start + moving))
        self._arm_keys(page.pose, [(start + moving, 0.0), (start + moving + shown, 0.0)])
        self.time = start + moving + shown
        begun = self.time
        self._send_away(page, begun, begun + moving, AWAY * self._along())
        self._arm_keys(page.keys[-2].pose, [(begun, 0.0), (begun + moving, AWAY)])
        self.time = begun + moving
        self._rest(self.random.uniform(1.4, 2.2))

    def _lasting(self, least: float, most: float) -> float:
        """Return how long a movement takes; some clerks take their time."""
        return float(self.random.uniform(least, most)) * (
            2.5 if self._slow and self.random.random() < 0.6 else 1
        )

    # Parts -----------------------------------------------------------------------------

    def _rest(self, seconds: float) -> None:
        ready = self.time
        page = self._top()
        if page is not None and self._refocuses and self.random.random() < 0.6:
            ready = self._refocus()
        if page is not None and self._adapts:
            level = float(self.random.uniform(0.8, 1.15))
            self._gain[0].extend([self.time, self.time + 0.7])
            self._gain[1].extend([self._gain[1][-1], level])
        if page is not None and self._balances:
            self._warmth[0].extend([self.time, self.time + float(self.random.uniform(0.3, 0.8))])
            self._warmth[1].extend([self._warmth[1][-1], float(self.random.uniform(-0.12, 0.12))])
        self.time = ready + float(seconds)
        if page is not None:
            self.rests.append(Rest(page.number, ready, self.time))

    def _refocus(self) -> float:
        """Let the lens look for its focus; return when it has it."""
        wide = float(self.random.uniform(1.5, 6))
        wait = float(self.random.uniform(0.0, 0.3))
        begun = self.time + wait
        times = [self.time - 0.25, begun, begun + 0.3, begun + 0.45, begun + 0.65]
        self.blur[0].extend(times)
        self.blur[1].extend([self.blur[1][-1], wide, 0.0, 0.25 * wide, 0.0])
        return times[-1]

    def _new(self, time: float) -> _Placed:
        return self._add(self._pose(), time)

    def _add(self, pose: Pose, time: float) -> _Placed:
        placed = _Placed(self._count, rectangle(self._tinted(self._picture()), SCALE), pose, time)
        self._count += 1
        self._pages.append(placed)
        return placed

    def _picture(self) -> Image:
        random = self.random
        if not self._forms or random.random() < 0.25:
            return any_page(random, self._drawn)
        if self._blank is None:
            self._blank = (
                any_page(random, self._drawn) if random.random() < 0.6 else np.zeros((0, 0), np.uint8)
            )
        return filled_again(random, self._blank) if self._blank.size else form_by_another(random)

    def _tinted(self, page: Image) -> Image:
        """Return a page on one of the clerk's coloured papers, or as it is."""
        if not self._papers or self.random.random() < 0.4:
            return page
        paper = self._papers[int(self.random.integers(len(self._papers)))]
        return np.asarray(cv2.multiply(page, (*paper.tolist(), 0.0), scale=1 / 255), np.uint8)

    def _pose(self) -> Pose:
        x, y = self.random.normal(size=2) * (12, 6)
        turn = float(self.random.choice([0.0, 90.0, 180.0], p=[0.86, 0.07, 0.07]))
        return Pose(float(x), float(y), turn + float(self.random.normal() * 2.5))

    def _near(self, pose: Pose, away: float, degrees: float) -> Pose:
        x, y, turn = self.random.normal(size=3) * (away, away / 2, degrees)
        return Pose(pose.x + float(x), pose.y + float(y), pose.angle + float(turn))

    def _top(self) -> _Placed | None:
        return next((it for it in reversed(self._pages) if not it.gone), None)

    def _require(self) -> _Placed:
        page = self._top()
        assert page is not None
        return page

    def _along(self) -> Floats:
        return np.asarray(Pose(0, 0, self._side).matrix[:2, :2] @ np.array([1.0, 0.0]))

    def _held(self, pose: Pose) -> Floats:
        """Return the place where the arm holds a page: towards where it comes from."""
        return np.array([pose.x, pose.y]) + 70 * self._along()

    def _arm_keys(self, pose: Pose, steps: list[tuple[float, float]]) -> None:
        keys = [Key(time, reaching(self._held(pose), self._side, away)) for time, away in steps]
        self._arms.append(Actor(self._arm, tuple(keys), hand=True))

    def _carry_in(self, page: _Placed, start: float, end: float) -> None:
        rest = page.pose
        far = AWAY * self._along()
        page.keys = [
            Key(start, Pose(rest.x + float(far[0]), rest.y + float(far[1]), rest.angle)),
            Key(end, rest),
        ]
        self._arm_keys(rest, [(start, AWAY), (end, 0.0)])

    def _send_away(self, page: _Placed, start: float, end: float, far: Floats) -> None:
        pose = page.pose
        page.move(start, end, _shifted(pose, far))
        page.gone = True

    def _reach(self, page: _Placed) -> None:
        start = self.time
        moving = float(self.random.uniform(0.25, 0.6))
        wait = float(self.random.choice([0.02, 0.3]))
        self._arm_keys(page.pose, [(start, AWAY), (start + moving, 0.0), (start + moving + wait, 0.0)])
        self.time = start + moving + wait

    def _follow(self, page: _Placed, start: float, end: float) -> None:
        times = np.linspace(start, end, 12)
        actor = Actor(page.sheet, tuple(page.keys))
        poses = [(float(time), key.pose) for time in times if (key := actor.at(float(time)))]
        keys = [Key(time, reaching(self._held(pose), self._side)) for time, pose in poses]
        self._arms.append(Actor(self._arm, tuple(keys), hand=True))
        self.time = end

    def _withdraw(self, page: _Placed, wait: float) -> None:
        start = self.time
        moving = float(self.random.uniform(0.25, 0.6))
        self._arm_keys(page.pose, [(start, 0.0), (start + wait, 0.0), (start + wait + moving, AWAY)])
        self.time = start + wait + moving
