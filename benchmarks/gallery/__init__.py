"""Before and after, on pictures that are made here: sheets for ``docs/gallery``."""
