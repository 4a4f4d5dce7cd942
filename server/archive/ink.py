"""Handwriting: strokes as a pen gave them, and the lines of varying width that they become, as vectors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

MM = 72 / 25.4
"""Points (1/72 inch) of a millimetre."""
THINNEST = 0.25 * MM
"""Width of the thinnest line, in points: that of a fine ballpoint pen."""
BROADEST = 0.9 * MM
"""Width of the broadest line, in points: that of a signing pen."""
BRISK = 0.06 * MM
"""Speed at which a line without pressure is half as wide as it can be, in points a millisecond: quick
signatures of 50 mm take about a second."""
INERTIA = 0.6
"""Share of the width before in the width of a point, so that a jump of the pressure is no step."""
STEP = 0.4 * MM
"""Longest piece of a line with one width, in points: the step between two such is too small to be seen."""


class InkPoint(msgspec.Struct, frozen=True, array_like=True):
    """Place of the pen.

    Attributes
    ----------
    x, y
        Place in the field as shares of its width and height, from its top left corner.
    time
        Milliseconds since the first point of the signature.
    pressure
        From 0 to 1; 0 from what feels none.
    """

    x: float
    y: float
    time: float
    pressure: float


Stroke = tuple[InkPoint, ...]


class InkLine(NamedTuple):
    """Straight piece of a line with round ends, in points from the top left corner of the field."""

    x: float
    y: float
    end_x: float
    end_y: float
    width: float


def ink_lines(strokes: Sequence[Stroke], width: float, height: float) -> list[InkLine]:
    """Return the lines of a signature in a field of a size in points; a dot is a line of no length."""
    felt = len({point.pressure for stroke in strokes for point in stroke}) > 1
    return [line for stroke in strokes for line in _lines(stroke, (width, height), felt)]


def _lines(stroke: Stroke, size: tuple[float, float], felt: bool) -> Iterator[InkLine]:
    places = [(point.x * size[0], point.y * size[1]) for point in stroke]
    widths = list(_widths(stroke, places, felt))
    if len(places) == 1:
        yield InkLine(*places[0], *places[0], widths[0])
    for number in range(len(places) - 1):
        # Of its neighbours, as the curve of Catmull and Rom goes through all points.
        around = [
            places[max(number - 1, 0)],
            *places[number : number + 2],
            places[min(number + 2, len(places) - 1)],
        ]
        pieces = max(1, math.ceil(math.dist(around[1], around[2]) / STEP))
        before = around[1]
        for piece in range(1, pieces + 1):
            share = piece / pieces
            after = _between(around, share)
            yield InkLine(*before, *after, widths[number] + share * (widths[number + 1] - widths[number]))
            before = after


def _widths(stroke: Stroke, places: Sequence[tuple[float, float]], felt: bool) -> Iterator[float]:
    last = None
    for number, point in enumerate(stroke):
        if felt:
            share = point.pressure
        else:
            # The first is as fast as the way to the second.
            earlier = max(number - 1, 0)
            later = min(earlier + 1, len(stroke) - 1)
            took = max(stroke[later].time - stroke[earlier].time, 1.0)
            share = 1 / (1 + math.dist(places[earlier], places[later]) / took / BRISK)
        wanted = THINNEST + share * (BROADEST - THINNEST)
        last = wanted if last is None else INERTIA * last + (1 - INERTIA) * wanted
        yield last


def _between(around: Sequence[tuple[float, float]], share: float) -> tuple[float, float]:
    """Return a place between the second and the third of four points, on the curve of Catmull and Rom."""
    weights = (
        (-share + 2 * share**2 - share**3) / 2,
        (2 - 5 * share**2 + 3 * share**3) / 2,
        (share + 4 * share**2 - 3 * share**3) / 2,
        (share**3 - share**2) / 2,
    )
    x, y = (sum(weight * one[axis] for weight, one in zip(weights, around, strict=True)) for axis in (0, 1))
    return x, y


def ink_svg(lines: Sequence[InkLine], width: float, height: float) -> str:
    """Return lines as a picture in SVG without a background; its unit is a point."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.2f}pt" height="{height:.2f}pt" '
        f'viewBox="0 0 {width:.2f} {height:.2f}"><g fill="none" stroke="#000" stroke-linecap="round">'
    )
    paths = (
        f'<path stroke-width="{one.width:.2f}" d="M{one.x:.2f} {one.y:.2f}L{one.end_x:.2f} {one.end_y:.2f}"/>'
        for one in lines
    )
    return f"{head}{''.join(paths)}</g></svg>"


def ink_pdf(lines: Sequence[InkLine], matrix: Sequence[float]) -> bytes:
    """Return lines as drawing instructions of a PDF.

    Parameters
    ----------
    matrix
        ``a b c d e f``, which takes places of the field, where y goes down, to those of the instructions.
    """
    a, b, c, d, e, f = matrix
    # Of grey, which every output intent of PDF/A allows.
    told = [b"q 0 G 1 J"]
    for one in lines:
        begin = (a * one.x + c * one.y + e, b * one.x + d * one.y + f)
        end = (a * one.end_x + c * one.end_y + e, b * one.end_x + d * one.end_y + f)
        told.append(b"%.2f w %.2f %.2f m %.2f %.2f l S" % (one.width, *begin, *end))
    return b"\n".join([*told, b"Q"])
