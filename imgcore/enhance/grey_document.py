"""Grey document: the luminance of a colour document, in the same even light."""

from __future__ import annotations

from imgcore.enhance.colour import colour
from imgcore.enhance.grey import grey
from imgcore.paper.layers_net import PageLayersNet
from imgcore.types import Image


def grey_document(image: Image, net: PageLayersNet | None = None) -> Image:
    """Clean a document in grey: white paper, no shadows, everything printed in its own tones.

    Parameters
    ----------
    image
        BGR or grey.
    net
        Tells paper from what is printed on it; without it every picture is taken for one without paper.

    Returns
    -------
    Image
        Grey ``(rows, cols)``.
    """
    return grey(colour(image, net))
