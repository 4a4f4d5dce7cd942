"""Photographs of specimens of documents on a desk, as a document camera takes them, with their truth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from synthetic.arrays import Corners, Image, Random
from synthetic.documents.bank_card import bank_card
from synthetic.documents.business_licence import business_licence
from synthetic.documents.papers import (
    driving_licence,
    household_register,
    marriage_certificate,
    property_certificate,
    train_ticket,
    vehicle_licence,
)
from synthetic.documents.permit import foreigner_front, permit_back, permit_front
from synthetic.documents.resident_card import resident_back, resident_front
from synthetic.documents.slips import CARD_CORNER, Slip, rounded
from synthetic.documents.specimen import Specimen
from synthetic.documents.tax_invoice import tax_invoice
from synthetic.documents.travel_document import SIZES, travel_document
from synthetic.scene import camera, light
from synthetic.scene.laying import Shadow, lay
from synthetic.scene.layout import rectangle
from synthetic.scene.surfaces import DESKS
from synthetic.text.typeface import MONO, Typefaces, find, typefaces

SEEN = (300 / 54, 500 / 54)
"""Pixels a millimetre of a photograph: a card of 54 mm is 300 to 500 pixels high."""
PAGE_SEEN = (5.5, 7.5)
"""The same of pages: 140 to 190 dots an inch."""
PAGE = 150.0
"""Millimetres from which on a document is a page."""

Draw = Callable[[Random, Typefaces, float], Specimen]

KINDS: dict[str, Draw] = {
    "id-card-front": resident_front,
    "id-card-back": resident_back,
    "bank-card": bank_card,
    **{form: partial(travel_document, form=form) for form in SIZES},
    "permit-front": permit_front,
    "permit-back": permit_back,
    "foreigner": foreigner_front,
    "business-licence": business_licence,
    "invoice": tax_invoice,
}
PAPERS: dict[str, Draw] = {
    "driving-licence": driving_licence,
    "vehicle-licence": vehicle_licence,
    "household-register": household_register,
    "property-certificate": property_certificate,
    "marriage-certificate": marriage_certificate,
    "train-ticket": train_ticket,
}
"""Papers with labelled fields."""
_ORDER = (*sorted(KINDS), *PAPERS)

_SHADOW = Shadow(6, (1.5, 8), 0.33, (0.04, 0.35), (0.3, 0.08))


class Photograph(NamedTuple):
    """A specimen as a camera sees it; `corners` are the document's, clockwise from its top left."""

    picture: Image
    corners: Corners
    specimen: Specimen


def make_specimen(seed: int, kind: str) -> Specimen:
    """Return a specimen, flat; the same for the same seed and kind."""
    random = np.random.default_rng([seed, _ORDER.index(kind), 61])
    faces = typefaces()
    faces = faces._replace(mono=find(MONO) or faces.mono)
    pages = ("business-licence", "invoice", "property-certificate", "marriage-certificate")
    return (KINDS | PAPERS)[kind](random, faces, 10.0 if kind in pages else 16.0)


def make_photograph(seed: int, kind: str) -> Photograph:
    """Return a specimen on a desk, tilted and turned a little, with uneven light, and glare in one of three.

    Parameters
    ----------
    kind
        A key of `KINDS` or `PAPERS`; the five forms of travel documents are kinds of their own.
    """
    random = np.random.default_rng([seed, _ORDER.index(kind), 67])
    specimen = make_specimen(seed, kind)
    page = specimen.size[0] > PAGE
    extent = np.array(specimen.size) * random.uniform(*(PAGE_SEEN if page else SEEN))
    size = (int(extent[0] * random.uniform(1.15, 1.5)), int(extent[1] * random.uniform(1.2, 1.6)))
    desk = np.ascontiguousarray(DESKS[random.integers(len(DESKS))](random, size), np.float32)
    quad = _tilted(random, extent, np.array(size))
    lay(random, desk, _slip(specimen), quad, _SHADOW)
    scene = light.uneven(random, desk)
    if random.random() < 1 / 3:
        scene = light.glare(random, scene)
    picture = camera.photograph(random, np.clip(scene, 0, 255), random.uniform(0.4, 1.1), (0.5, 4), (70, 96))
    return Photograph(picture, quad, specimen)


def _tilted(random: Random, extent: Corners, room: Corners) -> Corners:
    flat = rectangle(2 * extent / np.hypot(*extent), np.zeros(2), float(random.normal() * 5))
    quad = flat / (1 + flat @ (random.normal(size=2) * 0.05))[:, None]
    quad *= extent[0] / float(np.linalg.norm(quad[1] - quad[0]))
    middle = (quad.min(axis=0) + quad.max(axis=0)) / 2
    loose = np.maximum(room - np.ptp(quad, axis=0), 0) / 2
    return np.asarray(quad - middle + room / 2 + random.uniform(-0.7, 0.7, 2) * loose, np.float64)


def _slip(specimen: Specimen) -> Slip:
    rows, cols = specimen.picture.shape[:2]
    plastic = specimen.kind in ("id-card-front", "id-card-back", "bank-card") or specimen.size == SIZES["TD1"]
    cover = np.ones((rows, cols), np.float32)
    if plastic:
        cover = rounded((cols, rows), CARD_CORNER * rows / specimen.size[1])
    return Slip(specimen.picture.astype(np.float32), camera.lens(cover, 1.0))
