"""Verdicts on pictures in answers."""

from __future__ import annotations

from collections.abc import Iterable

from imgcore.verdict import Verdict
from server.protocol.messages.verdict import GlarePlace, PictureVerdict


def told(verdict: Verdict | None) -> PictureVerdict | None:
    """Return a verdict as answers carry it."""
    if verdict is None:
        return None
    place = verdict.glare_place
    return PictureVerdict(
        ok=verdict.ok,
        blurred=round(verdict.blurred, 2),
        glare=round(verdict.glare, 2),
        cut_off=round(verdict.cut_off, 2),
        too_dark=round(verdict.too_dark, 2),
        too_small=round(verdict.too_small, 2),
        glare_place=None
        if place is None
        else GlarePlace(left=place.left, top=place.top, right=place.right, bottom=place.bottom),
    )


def worst(verdicts: Iterable[Verdict | None]) -> Verdict | None:
    """Return the verdict of the picture that is worst."""
    given = [verdict for verdict in verdicts if verdict is not None]
    return max(given, key=lambda verdict: verdict.worst, default=None)
