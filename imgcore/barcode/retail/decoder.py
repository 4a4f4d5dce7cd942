"""Decoder of EAN and UPC symbols that are blurred, printed too thin or thick, or partly under glare.

Widths of bars are not measured. All digits are fitted to the grey levels together, with the place of each
module, the blur and the print's gain; a text is believed if no other valid one comes near it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode.bar_fit import BarFit, fit_bars
from imgcore.barcode.code import Symbology
from imgcore.barcode.regularity import transitions_of
from imgcore.barcode.retail.symbol import (
    EAN_8,
    EAN_13,
    MARGIN,
    PER_MODULE,
    Array,
    Indices,
    RetailLayout,
    edges,
    template,
    text_of,
)
from imgcore.barcode.retail.trellis import likeliest, second_valid
from imgcore.barcode.strips import Floats, Strips
from imgcore.types import Image

_SAMPLES = 8
"""Samples of a module that are enough."""
_WIDE = 12
"""Width in elements of the window in which there are both extremes of the grey levels."""
_DARKEST = 4.0
"""Least grey levels between light and dark that count as contrast."""
_QUIET = 2.5
"""Modules without a bar on either side of a symbol."""
_FEWEST = 0.18
"""Least transitions over the modules of a symbol."""
_MOST = 0.7
"""Most transitions over the modules of a symbol."""
_LENGTH = 0.45
"""Least length of a symbol over the field's."""
_SPANS = 6
"""Most pairs of ends that are tried."""
_SHIFTS = (-0.5, 0.0, 0.5)
"""Modules by which each end is moved."""
_SKEWS = (-0.12, -0.08, -0.04, 0.0, 0.04, 0.08, 0.12)
"""Parabolas of the modules' places, over the length, that are tried."""
_FINER = (1.0, 0.5)
"""Scales of the moves in further turns."""
_NEAR = (-0.3, 0.0, 0.3)
"""Modules by which ends are moved in further turns."""
_NEAR_SKEWS = (-0.03, 0.0, 0.03)
"""Changes of the parabola in further turns, over the length."""
_ROUND = (-0.06, 0.0, 0.06)
"""Changes of the cubic in further turns, over the length."""
_PRINTS = (0.65, 0.0), (0.4, -0.2), (1.1, 0.0)
"""Blur and gain of print in modules that are tried; only the first pair is while all ends are."""
_LEAST_BLUR = 0.25
"""Least blur of print in modules."""
_MOST_BLUR = 1.6
"""Most blur of print in modules."""
_GAIN = 0.4
"""Largest gain of print on either side of a bar, in modules."""
_STARTS = 3
"""Number of the likeliest sequences of digits whose places are fitted."""
_TURNS = 4
"""Most times that places and digits are fitted in turn."""
_ALIGNED = 2
"""Degree of the polynomials by which strips are aligned."""
_TURNS_ALIGNED = 4
"""Number of times that strips are aligned to their mean."""
_AHEAD = 1.3
"""Least ratio of the squared error of the second best text to that of the best."""
_UNLIKE = 0.55, 0.4, 0.4
"""Squared error over the variance of ink above which places are given up, turn by turn."""
_RESIDUAL = 0.25
"""Squared error over the variance of ink above which a text is not believed."""


@dataclass(frozen=True, slots=True)
class RetailReading:
    """Text fitted to the profiles of a field.

    Attributes
    ----------
    text, symbology
        Check digit included.
    start, end
        Samples of the strips at the outer sides of its first and last bar, in the order of reading.
    ahead
        Ratio of the squared error of the second best text to that of the best.
    """

    text: str
    symbology: Symbology
    start: float
    end: float
    ahead: float


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Digits of a symbol and the places of its modules: polynomial coefficients, in samples."""

    digits: Indices
    places: Array
    blur: float
    gain: float


def read_retail(strips: Strips, start: float, end: float) -> RetailReading | None:
    """Read the EAN or UPC symbol of a field.

    Parameters
    ----------
    strips
        Profiles of the field.
    start, end
        Samples of the field's ends, about.
    """
    every = max(1, int((end - start) / EAN_13.modules / _SAMPLES))
    count = strips.levels.shape[1] // every
    levels = strips.levels[:, : count * every].reshape(-1, count, every).mean(axis=2)
    element = strips.element / every
    first = start / every
    last = end / every
    if not any(_spans(levels[0], element, first, last)):
        return None
    ink, weight = _joined(levels[1:], element, first, last)
    spans = list(_spans((255 * (1 - ink)).astype(np.float32), element, first, last))
    for layout in (EAN_13, EAN_8):
        near = [span for span in spans if _FEWEST < span[2] / layout.modules < _MOST][:_SPANS]
        found = _read(ink, weight, layout, near) if near else None
        if found is not None:
            return replace(
                found, start=(found.start + 0.5) * every - 0.5, end=(found.end + 0.5) * every - 0.5
            )
    return None


def _spans(levels: Floats, element: float, start: float, end: float) -> Iterator[tuple[float, float, int]]:
    """Yield begin and end of bars between quiet zones, and their transitions, the field's own first."""
    around = max(1, round(element / 2))
    sides = transitions_of(levels, element)
    if len(sides) < 2:
        return
    places = sides.astype(np.intp)
    last = len(levels) - 1
    falls = levels[np.minimum(places + 1 + around, last)] < levels[np.maximum(places - around, 0)]
    quiet = np.concatenate([[np.inf], np.diff(sides), [np.inf]])
    spans = []
    for first in np.flatnonzero(falls):
        for final in np.flatnonzero(~falls):
            length = sides[final] - sides[first]
            least = _QUIET * length / EAN_13.modules
            if length > _LENGTH * (end - start) and min(quiet[first], quiet[final + 1]) > least:
                away = abs(sides[first] - start) + abs(sides[final] - end)
                spans.append((away, float(sides[first]), float(sides[final]), int(final - first)))
    for _, first_side, final_side, count in sorted(spans):
        yield first_side, final_side, count


def _joined(levels: Floats, element: float, start: float, end: float) -> tuple[Array, Array]:
    """Join the strips to one profile of ink, each place of each by its contrast; also returns the weights."""
    kernel = np.ones((1, int(_WIDE * element) | 1), np.uint8)
    ink, contrast = _evened(levels, kernel)
    ink, contrast = _aligned(np.stack([ink, contrast]), ink, start, end)
    weight = contrast**2
    total = weight.sum(axis=0)
    return (ink * weight).sum(axis=0) / total, total / np.median(total)


def _evened(levels: Floats, kernel: Image) -> tuple[Array, Array]:
    """Share of ink by the darkest and lightest levels around, and their difference."""
    dark, light = (_even(way(levels, kernel), kernel.size) for way in (cv2.erode, cv2.dilate))
    contrast = np.maximum(light - dark, _DARKEST).astype(np.float64)
    return (light - levels) / contrast, contrast


def _even(levels: npt.NDArray[Any], width: int) -> Floats:
    size = (int(0.6 * width) | 1, 1)
    return np.asarray(cv2.blur(cv2.blur(levels, size), size), np.float32)


def _aligned(strips: Array, ink: Array, start: float, end: float) -> Array:
    """Move each strip along itself to where its ink is most like that of all of them: bars may be bent."""
    places = np.arange(ink.shape[1], dtype=np.float64)
    across = np.vander(np.clip((places - start) / (end - start) * 2 - 1, -1.2, 1.2), _ALIGNED + 1)
    within = ((places > start) & (places < end)).astype(np.float64)
    moves = np.zeros((len(ink), _ALIGNED + 1))
    seen = np.concatenate([ink[None], strips])
    for _ in range(_TURNS_ALIGNED):
        at = places - moves @ across.T
        moved = np.stack(
            [[np.interp(to, places, one) for to, one in zip(at, kind, strict=True)] for kind in seen]
        )
        weight = moved[-1] ** 2 * within
        mean = (moved[0] * moved[-1] ** 2).sum(axis=0) / (moved[-1] ** 2).sum(axis=0)
        slopes = across * np.gradient(mean)[:, None]
        for move, one, heavy in zip(moves, moved[0], weight, strict=True):
            part = slopes * heavy[:, None]
            normal = slopes.T @ part
            normal[np.diag_indices_from(normal)] += 1e-3 * np.trace(normal) + 1e-9
            move += np.linalg.solve(normal, part.T @ (one - mean))
        moves -= moves.mean(axis=0)
    return moved[1:]


def _read(
    ink: Array, weight: Array, layout: RetailLayout, spans: list[tuple[float, float, int]]
) -> RetailReading | None:
    """Read the symbol between one of several pairs of ends, in either direction."""
    for turned in _starts(ink, layout, spans):
        backwards, fit = turned
        seen, heavy = (ink[::-1], weight[::-1]) if backwards else (ink, weight)
        found = _fitted(seen, heavy, layout, fit)
        if found is not None:
            text, ahead, (start, length, *_) = found
            ends = start, start + length
            if backwards:
                ends = len(ink) - 1 - ends[0], len(ink) - 1 - ends[1]
            kind = Symbology.EAN_13 if layout.leads else Symbology.EAN_8
            if layout.leads and text.startswith("0"):
                text = text[1:]
                kind = Symbology.UPC_A
            return RetailReading(text, kind, *ends, ahead)
    return None


def _starts(
    ink: Array, layout: RetailLayout, spans: list[tuple[float, float, int]]
) -> list[tuple[bool, _Fit]]:
    """Find the likeliest digits under places that are tried, and whether they are read backwards."""
    sides = np.array([(start, end) for start, end, _ in spans])
    rough = np.stack(np.meshgrid(np.arange(len(sides)), _SHIFTS, _SHIFTS, _SKEWS, indexing="ij"), axis=-1)
    number, before, after, skew = rough.reshape(-1, 4).T
    start, end = sides[number.astype(np.intp)].T
    step = (end - start) / layout.modules
    begin = start + before * step
    length = end - start + (after - before) * step
    places = np.column_stack([begin, length, skew * length, 0 * length])
    found = []
    for backwards in (False, True):
        at = places.copy()
        if backwards:
            at[:, 0] = len(ink) - 1 - at[:, 0] - at[:, 1]
        found += [(error, backwards, fit) for error, fit in _best(ink, layout, at, backwards, _PRINTS[:1])]
    for scale, most in zip(_FINER, _UNLIKE, strict=False):
        if not found or min(found, key=lambda one: one[0])[0] > most:
            return []
        found = [
            (error, backwards, fit)
            for backwards in (False, True)
            if (near := [fit.places for _, turned, fit in found if turned == backwards])
            for error, fit in _best(ink, layout, _around(np.stack(near), layout, scale), backwards, _PRINTS)
        ]
        found = sorted(found, key=lambda one: one[0])[:_STARTS]
    return [(backwards, fit) for error, backwards, fit in found if error < _UNLIKE[-1]]


def _around(places: Array, layout: RetailLayout, scale: float) -> Array:
    """Move ends, parabola and cubic by little."""
    moves = np.stack(np.meshgrid(_NEAR, _NEAR, _NEAR_SKEWS, _ROUND, indexing="ij"), axis=-1).reshape(-1, 1, 4)
    step = places[:, 1] / layout.modules
    length = places[:, 1]
    start, end, *bent = np.moveaxis(scale * moves * np.stack([step, step, length, length], axis=1), -1, 0)
    return np.asarray((places + np.stack([start, end - start, *bent], axis=-1)).reshape(-1, 4))


def _best(
    ink: Array, layout: RetailLayout, places: Array, backwards: bool, prints: tuple[tuple[float, float], ...]
) -> list[tuple[float, _Fit]]:
    """Find the likeliest digits of all places, each text once, with its squared error."""
    seen = _sampled(ink[::-1] if backwards else ink, layout, places)
    even = np.ones(layout.samples)
    power = np.square(seen - seen.mean(axis=1, keepdims=True)).sum(axis=1) + 1e-6
    fits: dict[bytes, tuple[float, _Fit]] = {}
    for blur, gain in prints:
        error, digits = likeliest(seen, even, template(layout, blur, gain))
        # Parts with few bars have small errors.
        error = error / power
        for best in np.argsort(error)[: 8 * _STARTS]:
            key = digits[best].tobytes()
            cost = float(error[best])
            if key not in fits or cost < fits[key][0]:
                fits[key] = cost, _Fit(digits[best], places[best], blur, gain)
    return sorted(fits.values(), key=lambda one: one[0])[:_STARTS]


def _sampled(ink: Array, layout: RetailLayout, places: Array) -> Array:
    """Sample profiles at the modules' places, ``(places, samples)``."""
    modules = (np.arange(layout.samples) + 0.5) / PER_MODULE - MARGIN
    at = np.clip(places @ _powers(modules / layout.modules).T, 0, len(ink) - 1.001)
    before = at.astype(np.intp)
    share = at - before
    return np.asarray(ink[before] * (1 - share) + ink[before + 1] * share)


def _powers(along: Array) -> Array:
    """Polynomials of a symbol's places: its start, length, tilt and roundness."""
    bent = along * (1 - along)
    return np.column_stack([np.ones_like(along), along, bent, bent * (1 - 2 * along)])


def _fitted(ink: Array, weight: Array, layout: RetailLayout, fit: _Fit) -> tuple[str, float, Array] | None:
    """Fit places and digits in turns; return text, lead and places if it is valid and clearly ahead."""
    for _ in range(_TURNS):
        begin, length = fit.places[:2]
        # Wrong digits may take the places anywhere.
        within = layout.modules <= length <= 2 * len(ink) and -length / 4 < begin < len(ink) - length / 2
        if not within:
            return None
        step = layout.modules / length
        first = max(int(begin - MARGIN / step), 0)
        bars = _bars(ink[first : int(begin + length + MARGIN / step) + 1], layout, fit, first)
        places = bars.parameters[:4] - np.array([0.5 - first, 0, 0, 0])
        scale = layout.modules / max(float(places[1]), 1.0)
        blur = float(np.clip(bars.blur * scale, _LEAST_BLUR, _MOST_BLUR))
        gain = float(np.clip(bars.parameters[4] * scale, -_GAIN, _GAIN))
        under = template(layout, round(blur, 2), round(gain, 2))
        ends = np.arange(len(ink)) - first
        white, black = (np.interp(ends, np.arange(len(one)), one) for one in (bars.white, bars.black))
        contrast = np.maximum(white - black, _DARKEST)
        seen = _sampled((white - 255 * (1 - ink)) / contrast, layout, places[None])
        heavy = _sampled(contrast**2 * weight, layout, places[None])[0]
        heavy /= heavy.mean()
        error, digits = likeliest(seen, heavy, under)
        same = bool((digits[0] == fit.digits).all())
        fit = _Fit(digits[0], places, blur, gain)
        if same:
            break
    text = text_of(layout, fit.digits)
    least = float(error[0])
    if not text or least > _RESIDUAL * float(heavy @ (seen[0] - seen[0].mean()) ** 2):
        return None
    ahead = second_valid(seen[0], heavy, under, layout) / max(least, 1e-9)
    return (text, ahead, fit.places) if ahead >= _AHEAD else None


def _bars(ink: Array, layout: RetailLayout, fit: _Fit, first: int) -> BarFit:
    """Fit places, blur and gain of given digits to a part of a profile."""
    sides = edges(layout, fit.digits)
    widening = np.where(np.arange(len(sides)) % 2, 1.0, -1.0)
    design = np.column_stack([_powers(sides / layout.modules), widening])
    step = fit.places[1] / layout.modules
    parameters = np.append(fit.places + np.array([0.5 - first, 0, 0, 0]), fit.gain * step)
    return fit_bars((255 * (1 - ink)).astype(np.float32), design, parameters, fit.blur * step)
