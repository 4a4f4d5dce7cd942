"""Detection of a page's orientation by its letters."""

from imgcore.upright.finder import Upright, find_upright
from imgcore.upright.net import OrientationNet

__all__ = ["OrientationNet", "Upright", "find_upright"]
