"""Selection of the round spots near a side that form a punch pattern: alike, in line, at its distances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Places = npt.NDArray[np.float64]

_PITCH = (19.0, 41.0)
"""Least and greatest pitch of punched holes in radii: ISO 838 has 80 mm and 6 mm holes, 26.7; US 108 mm and 6
to 8, 27 on."""
_SHEETS = (297.0, 279.4, 210.0, 257.0, 355.6, 420.0)
"""Long sides of A4, Letter, A5, B5, Legal and A3 in millimetres."""
_WIDTHS = (4.8, 9.2)
"""Least and greatest width of a hole in millimetres."""
_PITCHES = (80.0, 70.0, 108.0, 112 / 3)
"""Pitches of common punches in millimetres, the last the mean of three that are unlike."""
_SCANDINAVIAN = (0.0, 21 / 112, 91 / 112, 1.0)
"""Places of four holes 21, 70 and 21 mm apart, as shares of the way from the first to the last."""
_PUNCHES = (tuple(k / 3 for k in range(4)), _SCANDINAVIAN, (0.0, 0.5, 1.0), (0.0, 1.0))
"""Places of a punch's holes as shares of the way from the first to the last: four, four unlike, three,
two."""
_EXACT = 0.015
"""Largest relative difference of a pitch from a known punch's, as crops are exact to a percent."""
_KNOWN = 0.4
"""Merit of a pitch that is a known punch's, where a whole hole has 1."""
_OFF_CENTRE = 0.045
"""Largest offset of a punch from the middle of a side, as a share of it."""
_ROW = (2.6, 5.4)
"""Least and greatest pitch in radii of the rows of loose-leaf and spiral binding: 9.5 mm with 5.5 mm holes,
3.5."""
_ROW_COUNT = 6
"""Least number of spots in a row."""
_LONG = 12
"""Least number of spots in a long row, most of which print may touch."""
_FULL = 0.6
"""Least share of a long row's places that are taken."""
_CLEAR = 0.2
"""Least share of a long row's spots that are clear of print, or cut by the picture."""
_ROW_SPAN = 0.65
"""Least share of the side that a binding's row takes: a list of bullets takes less."""
_ROW_OFF = 0.1
"""Largest offset of a binding's row from the middle of its side, as a share of the side."""
_OTHERS = 2
"""Number of further spots in line with a punch's and like them from which all are bullets or marks."""
_SAME = 0.15
"""Largest relative difference between the radii of a punch's spots and a further one that is like them."""
_OTHER_GROUND = 60.0
"""Difference in levels from which what is seen through two holes is not one ground."""
_SKEW = 0.02
"""Slope of a punch against its side that costs as much merit as another ground."""
_UNLIKE = 0.35
"""Weight of what is unlike in holes, their radii, grounds and slope, where a whole hole has 1."""
_MOST = 40
"""Most spots along a side that are combined to groups, the roundest first."""
_MOST_IN_ROW = 90
"""Most spots along a side of which a row is selected, the roundest first."""
_OUT_OF_STEP = 0.3
"""Largest distance of a row's hole from its place, in radii."""
_ALIKE = 0.22
"""Largest relative difference between the radii of a punch's holes."""
_TORN_ALIKE = 0.34
"""Largest relative difference between the radii of a punch's holes if some are torn, touched or cut."""
_SAME_WIDTH = 0.1
"""Largest relative difference between the radii of holes in paper and those in a printed band."""
_SAME_GROUND = 40.0
"""Largest difference in levels between the grounds of holes in paper and of those in a printed band."""
_LEVEL = 0.7
"""Largest difference of a punch's insets, in radii for each step from hole to hole: 1.5 degrees."""
_SLANT = 1.2
"""Largest difference of the insets of whole holes clear of print, in radii for each step: 2.5 degrees."""
_EVEN = 0.55
"""Largest difference of a pitch from the punch's own, in radii."""
_UNEVEN = 1.0
"""Largest difference of a pitch from the punch's own where all holes are whole, in radii, as perspective may
be left."""
_ROUGHLY = 1.5
"""Largest factor between the mean radius of a punch's first and last hole and that of all."""
_WHOLE = 0.93
"""Least roundness of a spot whose radius is measured well."""
_SURE = 0.72
"""Least roundness of the roundest spot of a group, as of torn ones."""
_TOUCHED = 0.69
"""Least roundness of all spots of a group if print touches each."""
_FAINT = 0.58
"""Least roundness of all spots at a known punch's distance, if of each rim a part is as light as paper."""
_FEW = 6
"""Most round spots along a side where print may touch all of a punch's: dense print has dozens."""
_DENSE = 10
"""Most round spots along a side where print may touch half of a punch's."""
_INK = 0.35
"""Brightness up to which a square may be ink, as a share of the paper's."""
_NEUTRAL = 0.08
"""Largest difference between the channels of what may be ink, as a share, either as seen or relative to the
paper."""


@dataclass(frozen=True, slots=True)
class RoundSpot:
    """Round spot near a side.

    Attributes
    ----------
    x, y, radius
        Pixels of the picture that was searched.
    along, inset
        Position along the side from its start, and distance from it.
    roundness
        0..1, visible share of a circular edge.
    torn
        True if its edge is open on one side.
    clear
        True without print in it or all around.
    ground
        Colour that is seen through it, BGR or grey; empty if not known.
    """

    x: float
    y: float
    radius: float
    along: float
    inset: float
    roundness: float
    torn: bool
    clear: bool = False
    ground: tuple[float, ...] = ()


def select_punch_holes(
    spots: list[RoundSpot], length: float, longest: float | None = None
) -> list[RoundSpot]:
    """Select the spots at one side that a punch made, in order along it; none if they fit no punch.

    Parameters
    ----------
    length
        Length of the side in pixels.
    longest
        Length of the page's long side in pixels, by default this one's.
    """
    row = select_row(spots)
    if row and is_binding(row, length):
        return row
    ordered = _ordered(_distinct(spots)[:_MOST])
    groups = [group for group in _groups(ordered, length) if _certain(group, len(ordered), longest or length)]
    groups = [group for group in groups if not _listed(group, ordered)]
    merits = [merit(group, longest or length) for group in groups]
    return list(groups[int(np.argmax(merits))]) if groups else []


def select_row(spots: list[RoundSpot]) -> list[RoundSpot]:
    """Select the longest row of spots at one pitch, in order along the side; none if all are short."""
    row = _longest_row(_ordered(_distinct(spots)[:_MOST_IN_ROW]))
    return row if len(row) >= _ROW_COUNT else []


def _ordered(spots: list[RoundSpot]) -> list[RoundSpot]:
    return sorted(spots, key=lambda spot: spot.along)


def expected_places(group: list[RoundSpot], length: float) -> Places:
    """Places where a punch that made a group has more holes, in its gaps and beyond its ends.

    Returns
    -------
    ndarray
        float64 ``(n, 3)``: position along the side, inset and radius.
    """
    values = np.array([(spot.along, spot.inset, spot.radius) for spot in group])
    number = _numbers(values[:, 0])
    if (
        np.abs(np.polyval(np.polyfit(number, values[:, 0], 1), number) - values[:, 0]).max()
        > _EVEN * values[0, 2]
    ):
        return np.zeros((0, 3))
    wanted = np.setdiff1d(np.arange(-1, number[-1] + 2), number)
    along, inset = (np.polyval(np.polyfit(number, column, 1), wanted) for column in values.T[:2])
    places = np.column_stack([along, inset, np.full(len(wanted), np.median(values[:, 2]))])
    return np.asarray(places[(along > 0) & (along < length)], np.float64)


def _numbers(along: Places) -> Places:
    """Number of each spot in its row, from 0, gaps counted."""
    steps = np.diff(along)
    pitch = float(np.median(steps[steps < 1.5 * steps.min()]))
    return np.concatenate([[0.0], np.cumsum(np.rint(steps / pitch))])


def belongs(spot: RoundSpot, group: Sequence[RoundSpot]) -> bool:
    """Return whether a spot at a punch's place shows what one of its holes shows."""
    return min(_apart((spot, other)) for other in group) < _OTHER_GROUND


def are_alike(group: Sequence[RoundSpot]) -> bool:
    """Return whether holes are of one width and over one ground, whatever paper or print is around them."""
    radii = np.array([spot.radius for spot in group])
    return bool(np.ptp(radii) < _SAME_WIDTH * radii.mean() and _apart(group) < _SAME_GROUND)


def same_punch(one: list[RoundSpot], other: list[RoundSpot]) -> bool:
    """Return whether the holes of two sides are of one width and pitch, over one ground."""
    width = [float(np.median([spot.radius for spot in group])) for group in (one, other)]
    alike = abs(width[0] - width[1]) < _ALIKE * width[0] and _apart((one[0], other[0])) < _OTHER_GROUND
    return alike and abs(_pitch(one) - _pitch(other)) < _EXACT * _pitch(one)


def _pitch(group: Sequence[RoundSpot]) -> float:
    return float(np.mean(np.diff([spot.along for spot in group])))


def merit(group: Sequence[RoundSpot], longest: float) -> float:
    """Number of a group's spots, less for what each lacks of its edge, and for what tells them apart.

    More at a known punch's distance, were the page's long side that of a sheet of paper.
    """
    radii = np.array([spot.radius for spot in group])
    along, inset = (np.array([getattr(spot, key) for spot in group]) for key in ("along", "inset"))
    skew = float(np.ptp(inset) / max(1.0, np.ptp(along)))
    unlike = float(np.ptp(radii) / radii.mean()) + _apart(group) / _OTHER_GROUND + skew / _SKEW
    known = _KNOWN * is_known(group, longest)
    return sum(spot.roundness for spot in group) - _UNLIKE * unlike + known


def is_known(group: Sequence[RoundSpot], longest: float) -> bool:
    """Return whether a group's pitch, as a share of the long side, is a punch's on a common sheet."""
    pitch = _pitch(group) / longest
    radius = float(np.mean([spot.radius for spot in group])) / longest
    return any(
        abs(pitch * side / punch - 1) < _EXACT and _WIDTHS[0] < 2 * radius * side < _WIDTHS[1]
        for side in _SHEETS
        for punch in _PITCHES
    )


def _apart(group: Sequence[RoundSpot]) -> float:
    """Largest difference in levels between what is seen through holes."""
    grounds = [spot.ground for spot in group if spot.ground]
    return float(np.ptp(np.array(grounds), axis=0).max()) if grounds else 0.0


def _certain(group: tuple[RoundSpot, ...], count: int, longest: float) -> bool:
    """Return whether a spot is round, all are clear of print, or all round where few others are.

    Three or four at a known punch's distance may be less so. In print up to the side, of which any
    piece may be a circle somewhere, all have to be round, or most at such a distance, over one ground.
    """
    roundness = [spot.roundness for spot in group]
    if count > _DENSE:
        sure = sum(share >= _SURE for share in roundness)
        most = 2 * sure > len(group) if is_known(group, longest) else sure == len(group)
        return most and _apart(group) < _OTHER_GROUND
    clear = all(spot.clear for spot in group)
    least = _FAINT if len(group) > 2 and is_known(group, longest) else _TOUCHED
    return max(roundness) >= _SURE or clear or (min(roundness) >= least and count <= _FEW)


def is_binding(row: list[RoundSpot], length: float) -> bool:
    """Return whether a row takes a side of `length` pixels as a binding, and print touches less than half.

    It may touch most of a long one without large gaps, as nothing in print is in step for so long, and
    the picture may cut all of one.
    """
    sure = sum(spot.roundness >= _SURE for spot in row)
    middle = (row[0].along + row[-1].along) / 2
    along = row[-1].along - row[0].along > _ROW_SPAN * length and abs(middle - length / 2) < _ROW_OFF * length
    places = 1 + _numbers(np.array([spot.along for spot in row]))[-1]
    cut = sum(spot.inset < spot.radius for spot in row)
    long = len(row) >= max(_LONG, _FULL * places) and sure + cut >= _CLEAR * len(row)
    return along and (2 * sure > len(row) or bool(long))


def _listed(group: tuple[RoundSpot, ...], spots: list[RoundSpot]) -> bool:
    """Return whether a group is part of a column of bullets."""
    radius, inset = (float(np.mean([getattr(spot, key) for spot in group])) for key in ("radius", "inset"))
    others = (
        spot not in group
        and abs(spot.radius - radius) < _SAME * radius
        and abs(spot.inset - inset) < 0.5 * radius
        and _apart((group[0], spot)) < _OTHER_GROUND
        for spot in spots
    )
    return sum(others) >= _OTHERS


def _distinct(spots: list[RoundSpot]) -> list[RoundSpot]:
    """Keep the roundest spot of each place, the roundest first."""
    kept: list[RoundSpot] = []
    for spot in sorted(spots, key=lambda spot: -spot.roundness):
        apart = (abs(spot.along - other.along) + abs(spot.inset - other.inset) for other in kept)
        if all(distance > spot.radius for distance in apart):
            kept.append(spot)
    return kept


def _groups(spots: list[RoundSpot], length: float) -> Iterator[tuple[RoundSpot, ...]]:
    """Yield groups of four, three or two spots, spaced as a punch's about the middle of the side."""
    for shares in _PUNCHES:
        widest = max(float(step) for step in np.diff(shares))
        for first, last in combinations(spots, 2):
            if not _may_end(first, last, widest, length):
                continue
            group = _between(spots, (first, last), shares)
            if _spaced(group, shares, length) and _alike(group):
                yield group


def _may_end(first: RoundSpot, last: RoundSpot, widest: float, length: float) -> bool:
    """Return whether two spots may be a punch's first and last, whatever lies between: most pairs are not."""
    radius = (first.radius + last.radius) / 2
    pitch = widest * (last.along - first.along) / radius
    off = abs(first.along + last.along - length) / 2
    near = _PITCH[0] / _ROUGHLY < pitch < _PITCH[1] * _ROUGHLY
    return near and off < _OFF_CENTRE * length + _UNEVEN * _ROUGHLY * radius


def _between(
    spots: list[RoundSpot], ends: tuple[RoundSpot, RoundSpot], shares: Sequence[float]
) -> tuple[RoundSpot, ...]:
    """Fill between two spots with those nearest to the places of a punch's other holes."""
    first, last = (np.array([end.along, end.inset, end.radius]) for end in ends)
    places = [first + (last - first) * share for share in shares[1:-1]]

    def off(spot: RoundSpot, place: Places) -> float:
        return float(np.abs(np.array([spot.along, spot.inset, spot.radius]) - place).sum())

    inner = [min(spots, key=lambda spot: off(spot, place)) for place in places]
    return (ends[0], *inner, ends[1])


def _alike(group: tuple[RoundSpot, ...]) -> bool:
    radii = np.array([spot.radius for spot in group])
    insets = np.array([spot.inset for spot in group])
    slant = _SLANT if _is_whole(group) else _LEVEL
    line = np.ptp(insets) < slant * radii.mean() * max(1, len(group) - 1)
    partly = any(spot.roundness < _WHOLE or spot.inset < spot.radius for spot in group)
    most = _TORN_ALIKE if partly else _ALIKE
    return bool(np.ptp(radii) < most * radii.mean() and line)


def _is_whole(group: Sequence[RoundSpot]) -> bool:
    """Return whether all of each edge is seen, and no print touches one: then their places are exact."""
    return all(spot.clear and spot.roundness >= _WHOLE for spot in group)


def _spaced(group: tuple[RoundSpot, ...], shares: Sequence[float], length: float) -> bool:
    along = np.array([spot.along for spot in group])
    radius = float(np.mean([spot.radius for spot in group]))
    pitch = np.diff(along)
    wanted = np.diff(shares) * np.ptp(along)
    even = np.abs(pitch - wanted).max() < (_UNEVEN if _is_whole(group) else _EVEN) * radius
    fitting = _PITCH[0] < wanted.max() / radius < _PITCH[1]
    return bool(even and fitting and abs(along.mean() - length / 2) < _OFF_CENTRE * length)


def _longest_row(spots: list[RoundSpot]) -> list[RoundSpot]:
    """Find the longest run of similar spots at one close pitch; up to two in a row may be missing."""
    best: list[RoundSpot] = []
    for start, first in enumerate(spots):
        for second in spots[start + 1 : start + 4]:
            pitch = second.along - first.along
            if not (_ROW[0] < pitch / first.radius < _ROW[1] and _alike((first, second))):
                continue
            run = _run(spots[start:], first, pitch)
            if len(run) > len(best):
                best = run
    return best


def _run(spots: list[RoundSpot], first: RoundSpot, pitch: float) -> list[RoundSpot]:
    run = [first]
    last = first
    for spot in spots[1:]:
        steps = (spot.along - last.along) / pitch
        near = abs(spot.inset - last.inset) < 0.7 * first.radius
        alike = abs(spot.radius - first.radius) < 1.5 * _ALIKE * first.radius
        if near and alike and 0.5 < steps < 3.3 and abs(steps - round(steps)) < 0.15:
            run.append(spot)
            last = spot
    return _in_step(run)


def _in_step(run: list[RoundSpot]) -> list[RoundSpot]:
    """Remove the spots of a row that are off its line, or alone beyond a gap at its ends."""
    if len(run) < _ROW_COUNT:
        return run
    along, inset = (np.array([getattr(spot, key) for spot in run]) for key in ("along", "inset"))
    number = _numbers(along)
    off = np.hypot(*(values - _line(number, values) for values in (along, inset)))
    near = np.flatnonzero(off < _OUT_OF_STEP * run[0].radius)
    joined = np.flatnonzero(np.diff(number[near]) == 1)
    return [] if not len(joined) else [run[k] for k in near[joined[0] : joined[-1] + 2]]


def _line(x: Places, y: Places) -> Places:
    """Values at `x` of the line through the medians of both halves."""
    half = len(x) // 2
    ends = [(np.median(x[part]), np.median(y[part])) for part in (slice(0, half), slice(-half, None))]
    slope = (ends[1][1] - ends[0][1]) / (ends[1][0] - ends[0][0])
    return np.asarray(np.median(y - slope * x) + slope * x)


def placed(spot: RoundSpot, turn: int, shape: tuple[int, ...]) -> RoundSpot:
    """Map a spot from pixels of the turned picture back to the picture's."""
    x = spot.x
    y = spot.y
    rows, cols = shape[:2]
    for _ in range(turn):
        # One quarter back: what was turned counter-clockwise turns clockwise.
        x, y = (cols - 1 - y, x) if _ % 2 == (turn - 1) % 2 else (rows - 1 - y, x)
    return replace(spot, x=x, y=y)


def is_among(spot: RoundSpot, squares: list[RoundSpot]) -> bool:
    """Return whether a spot lies in one of some squares."""
    return any(abs(spot.x - other.x) + abs(spot.y - other.y) < other.radius for other in squares)


def is_printed(strip: Image, squares: list[RoundSpot]) -> bool:
    """Return whether squares may be ink: black over any paper; discs of a row hardly ever are."""
    paper = np.percentile(np.atleast_3d(strip), 75, axis=(0, 1))
    ground = np.median([spot.ground for spot in squares], axis=0)
    share = ground / np.maximum(paper, 1)
    grey = min(np.ptp(share), np.ptp(ground) / max(1.0, float(paper.max()))) < _NEUTRAL
    return bool(grey and share.max() < _INK)
