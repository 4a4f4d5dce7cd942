"""Enhancement of a document: grey, black and white, clean colour, photo, receipt."""

from imgcore.enhance.automatic import automatic
from imgcore.enhance.background import divide_background
from imgcore.enhance.black_white import black_white
from imgcore.enhance.colour import colour
from imgcore.enhance.grey import grey
from imgcore.enhance.grey_document import grey_document
from imgcore.enhance.photo import photo
from imgcore.enhance.receipt import receipt

__all__ = [
    "automatic",
    "black_white",
    "colour",
    "divide_background",
    "grey",
    "grey_document",
    "photo",
    "receipt",
]
