"""Forms for tests: drawn samples with the zones that they have."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from imgcore.forms import Form, FormZone, ZoneKind
from server.config import AccessConfig, access_folder
from server.documents.form_print import read_print
from server.storage.forms import FOLDER, FormFolder
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


def form_folder(access: AccessConfig) -> FormFolder:
    """The folder of forms of a service of that configuration."""
    return FormFolder(access_folder(access) / FOLDER, read_print)


def teach_claim(access: AccessConfig) -> Form:
    """Teach a form that few pages are."""
    return form_folder(access).teach("claim", draw_form(0).sample, zones(0))
