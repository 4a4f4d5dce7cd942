"""Detection of a page's orientation by its letters."""

from imgcore.upright.finder import Upright, find_upright

__all__ = ["Upright", "find_upright"]
