"""gaopai: the document-camera service of a counter PC."""

__version__ = "0.1.0"
