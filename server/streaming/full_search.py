"""Search of a whole frame for what a capture would cut out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from imgcore.curve.gutter import gutter_within
from imgcore.outline import DocumentNets, find_documents, find_page
from imgcore.rotate import rotate
from imgcore.types import Image, Outline, Points
from server.devices.ports.camera import Frame
from server.streaming.pixels import pixels
from server.streaming.variants import Overlay, Variant

GetDocumentNets = Callable[[], DocumentNets | None]
"""Called in the thread of the search, as loading the nets takes a moment."""


class FullFind(NamedTuple):
    """Lines to be drawn, and the page they belong to, both in pixels of the turned frame."""

    lines: Sequence[Points]
    page: Outline | None


def full_search(frame: Frame, variant: Variant, documents: GetDocumentNets) -> FullFind:
    """Search a frame by the finder that a capture with the variant's crop uses; it takes as long.

    Raises
    ------
    BrokenFrame, ModelDamaged
    """
    image = rotate(pixels(frame), variant.rotate)
    if variant.overlay is Overlay.OUTLINES:
        return FullFind([outline.corners for outline in find_documents(image, documents()).outlines], None)
    page = find_page(image).outline
    if page is None:
        return FullFind((), None)
    return FullFind([page.corners] if variant.overlay is Overlay.OUTLINE else _gutter(image, page), page)


def _gutter(image: Image, page: Outline) -> Sequence[Points]:
    line = gutter_within(image, page.corners.astype(np.float64))
    return [] if line is None else [line.astype(np.float32)]
