"""How a document looks: grey, pure black and white, clean colour, a photo, a receipt."""

from imgcore.enhance.background import flatten
from imgcore.enhance.black_white import black_white
from imgcore.enhance.colour import colour
from imgcore.enhance.grey import grey
from imgcore.enhance.photo import photo
from imgcore.enhance.receipt import receipt

__all__ = ["black_white", "colour", "flatten", "grey", "photo", "receipt"]
