"""Before and after, on rendered pictures: sheets for ``docs/gallery``."""
