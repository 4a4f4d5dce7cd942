"""The models that stages of the pipeline use; handed in, as this package reads no file."""

from __future__ import annotations

from dataclasses import dataclass

from imgcore.curve.grid import GridNet
from imgcore.fingers.net import FingerNet
from imgcore.orientation import OrientationNet
from imgcore.outline import DocumentNets
from imgcore.paper.layers_net import PageLayersNet
from imgcore.types import Image, Net


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """Set of models, as far as they are there; a stage without its own goes another way.

    Attributes
    ----------
    page_grid
        Sees the shape of a bent page; without it the page's border and lines tell.
    documents
        Find several documents; without them these are found as regions.
    orientation
        Tells which way up text is; without it no document is turned.
    page_orientation
        Tells which way up a page is, as a picture, where its letters leave a doubt; without it such a page
        stays as it is.
    fingers
        Draws the skin of hands; without it rules alone tell what is a finger.
    page_layers
        Tells paper from what is printed on it; without it colour documents are balanced as a whole.
    desk
        The desk below the camera without documents, as `imgcore.outline.desk.known` remembers it; without it
        the picture alone tells what a document is.
    """

    page_grid: GridNet | None = None
    documents: DocumentNets | None = None
    orientation: OrientationNet | None = None
    page_orientation: Net | None = None
    fingers: FingerNet | None = None
    page_layers: PageLayersNet | None = None
    desk: Image | None = None
