"""Search of a whole frame for what a capture would cut out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from imgcore.curve.gutter import gutter_within
from imgcore.outline import DocumentNets, find_documents, find_page, trusting
from imgcore.rotate import rotate
from imgcore.settings import WhenUnsure
from imgcore.types import DoubtedCrop, Image, Outline, Points, quad_of
from server.devices.ports.camera import Frame
from server.streaming.pixels import pixels
from server.streaming.variants import Overlay, Variant

GetDocumentNets = Callable[[], DocumentNets | None]
"""Called in the thread of the search, as loading the nets takes a moment."""


class FullFind(NamedTuple):
    """Lines to be drawn, the page they belong to, and what was not trusted, in pixels of the turned frame."""

    lines: Sequence[Points]
    page: Outline | None
    doubted: tuple[DoubtedCrop, ...] = ()


def full_search(frame: Frame, variant: Variant, documents: GetDocumentNets) -> FullFind:
    """Search a frame by the finder that a capture with the variant's crop uses; it takes as long.

    Raises
    ------
    BrokenFrame, ModelDamaged
    """
    image = rotate(pixels(frame), variant.rotate)
    several = variant.overlay is Overlay.OUTLINES
    finding = find_documents(image, documents()) if several else find_page(image)
    if variant.when_unsure is WhenUnsure.CROP:
        finding, _ = trusting(finding)
    doubted = tuple(DoubtedCrop(quad_of(each.corners), str(reason)) for each, reason in finding.doubted)
    page = finding.outline
    if several or page is None:
        return FullFind([outline.corners for outline in finding.outlines], None, doubted)
    lines = [page.corners] if variant.overlay is Overlay.OUTLINE else _gutter(image, page)
    return FullFind(lines, page, doubted)


def _gutter(image: Image, page: Outline) -> Sequence[Points]:
    line = gutter_within(image, page.corners.astype(np.float64))
    return [] if line is None else [line.astype(np.float32)]
