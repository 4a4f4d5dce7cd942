"""Detection of the orientation of a page by its letters."""

from imgcore.orientation.finder import PageOrientation, find_orientation
from imgcore.orientation.net import OrientationNet

__all__ = ["OrientationNet", "PageOrientation", "find_orientation"]
