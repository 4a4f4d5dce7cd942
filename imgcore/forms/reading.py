"""Reading of a form's zones: texts by the reader that is handed in, marks and codes here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from imgcore.barcode import read_codes
from imgcore.forms import checks
from imgcore.forms.form import Form, FormZone, Tick, ZoneKind
from imgcore.forms.marks import has_portrait, is_signed, read_tick, rectified
from imgcore.forms.registration import FoundForm, find_form
from imgcore.text import TextLine
from imgcore.types import Image, Points

TEXTS = frozenset({ZoneKind.TEXT, ZoneKind.NUMBER, ZoneKind.DATE})
"""Kinds of zones whose text is read."""
_SURE = 0.9
"""Score of a text from which it is read surely."""
_FINEST = 6.0
"""Most pixels of a zone's picture for a pixel of the sample."""
_TALLEST = 1600
"""Most pixels of the longer side of a zone's picture."""
_LINE_HEIGHT = 64
"""Pixels that the shorter side of a zone's picture has at least, where the page has them or not."""
_FRAME = 0.09
"""Share of a zone's shorter side along its edges in which print of the form is its frame."""
_INK = 60
"""Levels below white from which the form's print is ink."""

TextStrips = Callable[[Sequence[Image]], Sequence[Sequence[TextLine]]]
"""Reads the lines on each of several pictures."""


@dataclass(frozen=True, eq=False)
class FilledZone:
    """Zone that was read.

    Attributes
    ----------
    value
        Text, number, or date of a zone, the state of a tick box, the text of a barcode; ``true``, ``false``
        or empty of a signature or a portrait, the last where it is in doubt.
    score
        Confidence, 0..1.
    problem
        ``empty``, ``date``, ``mask``, ``check``, ``list``, ``unsure`` or, where there is none, empty.
    valid
        True if all its checks hold, False if one does not; None where nothing of it is checked.
    corners
        float32 ``(4, 2)``: its place on the page, clockwise from its own top left.
    """

    zone: FormZone
    value: str = field(repr=False)
    score: float
    problem: str
    valid: bool | None
    corners: Points


@dataclass(frozen=True, eq=False)
class FilledForm:
    """Form that was found on a page, and read."""

    found: FoundForm
    zones: tuple[FilledZone, ...]


def filled(page: Image, forms: Sequence[Form], read: TextStrips) -> FilledForm | None:
    """Return the form on a page with what its zones hold; None where it is none of the forms.

    Raises
    ------
    ImageError
        It has no pixels, or is neither grey nor BGR.
    """
    found = find_form(page, forms)
    if found is None:
        return None
    texts = text_zones(found.form)
    lines = read([text_picture(page, found, zone) for zone in texts]) if texts else []
    return with_texts(page, found, lines)


def text_zones(form: Form) -> tuple[FormZone, ...]:
    """Return the zones of a form whose text is read."""
    return tuple(zone for zone in form.print.zones if zone.kind in TEXTS)


def text_picture(page: Image, found: FoundForm, zone: FormZone) -> Image:
    """Return the picture of a zone in which its text is read: upright, without the frame around it."""
    width = zone.right - zone.left
    height = zone.bottom - zone.top
    corners = found.corners(zone.left, zone.top, zone.right, zone.bottom)
    own = float(np.linalg.norm(corners[1] - corners[0])) / width
    scale = max(min(own, _FINEST), _LINE_HEIGHT / min(width, height))
    scale = min(scale, _TALLEST / max(width, height))
    seen = rectified(page, found, zone, scale)
    (left, top), (right, bottom) = found.form.print.box(zone)
    print_ = found.form.print.grey[max(top, 0) : bottom + 1, max(left, 0) : right + 1]
    if print_.size == 0:
        return seen
    rows, cols = seen.shape[:2]
    ink = (255 - cv2.resize(print_, (cols, rows), interpolation=cv2.INTER_LINEAR)) > _INK
    edge = max(1, round(_FRAME * min(rows, cols)))
    ink[edge : rows - edge, edge : cols - edge] = False
    thick = cv2.dilate(ink.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    cleaned = seen.copy()
    cleaned[thick] = np.median(seen.reshape(rows * cols, -1), axis=0).astype(np.uint8).squeeze()
    return cleaned


def with_texts(page: Image, found: FoundForm, lines: Sequence[Sequence[TextLine]]) -> FilledForm:
    """Return a form whose texts were read, in the order of `text_zones`, with all that its zones hold."""
    texts = {zone.name: one for zone, one in zip(text_zones(found.form), lines, strict=True)}
    return FilledForm(
        found,
        tuple(
            _text(found, zone, texts[zone.name]) if zone.kind in TEXTS else _marked(page, found, zone)
            for zone in found.form.print.zones
        ),
    )


def _corners(found: FoundForm, zone: FormZone) -> Points:
    return found.corners(zone.left, zone.top, zone.right, zone.bottom)


def _text(found: FoundForm, zone: FormZone, lines: Sequence[TextLine]) -> FilledZone:
    text = checks.value(zone, "\n".join(line.text for line in lines))
    score = min((line.score for line in lines), default=1.0)
    wrong = checks.problem(zone, text)
    valid: bool | None = not wrong
    if not wrong and (not text or not checks.is_checked(zone)):
        valid = None
    if not wrong and score < _SURE and valid is None:
        wrong = "unsure"
    return FilledZone(zone, text, float(score), wrong, valid, _corners(found, zone))


def _marked(page: Image, found: FoundForm, zone: FormZone) -> FilledZone:
    if zone.kind is ZoneKind.BARCODE:
        return _code(page, found, zone)
    if zone.kind is ZoneKind.TICK:
        tick = read_tick(page, found, zone)
        made = FilledZone(zone, tick.state.value, tick.score, "", None, _corners(found, zone))
        if tick.state is Tick.UNSURE:
            return replace(made, problem="unsure")
        return _required(made, tick.state is Tick.EMPTY)
    there = (is_signed if zone.kind is ZoneKind.SIGNATURE else has_portrait)(page, found, zone)
    if there is None:
        return FilledZone(zone, "", 0.0, "unsure", None, _corners(found, zone))
    made = FilledZone(zone, str(there).lower(), 1.0, "", None, _corners(found, zone))
    return _required(made, not there)


def _required(made: FilledZone, empty: bool) -> FilledZone:
    return replace(made, problem="empty", valid=False) if empty and made.zone.required else made


def _code(page: Image, found: FoundForm, zone: FormZone) -> FilledZone:
    corners = _corners(found, zone)
    own = float(np.linalg.norm(corners[1] - corners[0])) / (zone.right - zone.left)
    margin = 0.1 * min(zone.right - zone.left, zone.bottom - zone.top)
    scale = min(max(own, 1e-3), _TALLEST / max(zone.right - zone.left, zone.bottom - zone.top))
    codes = read_codes(rectified(page, found, zone, scale, margin))
    text = codes[0].text if codes else ""
    wrong = checks.problem(zone, text)
    valid = False if wrong else True if text and checks.is_checked(zone) else None
    return FilledZone(zone, text, 1.0 if text else 0.0, wrong, valid, corners)
