"""Finding documents in a picture."""

from imgcore.outline.finder import find_outline, find_outline_fast, find_outlines

__all__ = ["find_outline", "find_outline_fast", "find_outlines"]
