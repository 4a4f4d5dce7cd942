"""How a document looks: grey, pure black and white, clean colour, a photo, a receipt."""

from imgcore.enhance.background import flatten
from imgcore.enhance.black_white import black_white
from imgcore.enhance.grey import grey

__all__ = ["black_white", "flatten", "grey"]
