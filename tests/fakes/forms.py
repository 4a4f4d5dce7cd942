"""Forms for tests: drawn samples with the zones that they have."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from imgcore.forms import FormZone, ZoneKind
from synthetic.datasets.form_copies import SCALE, draw_form


@cache
def zones(kind: int) -> tuple[FormZone, ...]:
    """The zones of a drawn form."""
    return tuple(
        FormZone(
            one.name,
            ZoneKind(one.kind),
            SCALE * one.left,
            SCALE * one.top,
            SCALE * one.right,
            SCALE * one.bottom,
        )
        for one in draw_form(kind).zones
    )


def listed(kind: int) -> list[dict[str, Any]]:
    """The zones of a drawn form, as JSON lists them."""
    return [
        {
            "name": one.name,
            "kind": one.kind.value,
            "left": one.left,
            "top": one.top,
            "right": one.right,
            "bottom": one.bottom,
        }
        for one in zones(kind)
    ]


def as_json(kind: int) -> bytes:
    """The zones of a drawn form, as somebody writes them for `gaopai form --teach`."""
    return json.dumps({"zones": listed(kind)}).encode()
