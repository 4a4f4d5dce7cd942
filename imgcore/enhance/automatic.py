"""Automatic image type: document, card or photograph, by what a page shows."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from imgcore.enhance.colour import colour_by_layers
from imgcore.enhance.photo import photo
from imgcore.paper.layers import Layer, PageLayers, find_layers
from imgcore.paper.layers_net import PageLayersNet
from imgcore.types import Image

_PAPER = 0.12
"""Share of paper from which a page is a document."""
_PICTURE = 0.6
"""Share of continuous tone from which a page without paper is a photograph, and not a card."""


class PageKind(StrEnum):
    """Kind of a page, as answers say it."""

    DOCUMENT = "document"
    CARD = "card"
    PHOTOGRAPH = "photograph"


class Automatic(NamedTuple):
    """Enhanced page, and the kind that it was taken for."""

    image: Image
    kind: PageKind


def automatic(image: Image, net: PageLayersNet | None = None) -> Automatic:
    """Enhance a page by its kind: documents and cards as colour documents, photographs as photographs.

    Parameters
    ----------
    image
        BGR or grey.
    net
        Tells paper from what is printed on it; without it every page is taken for a card.
    """
    layers = None if net is None else find_layers(image, net)
    kind = PageKind.CARD if layers is None else kind_of(layers)
    changed = photo(image) if kind is PageKind.PHOTOGRAPH else colour_by_layers(image, layers)
    return Automatic(changed, kind)


def kind_of(layers: PageLayers) -> PageKind:
    """Return the kind of a page."""
    if layers.share(Layer.PAPER) >= _PAPER:
        return PageKind.DOCUMENT
    return PageKind.PHOTOGRAPH if layers.share(Layer.PICTURE) >= _PICTURE else PageKind.CARD
