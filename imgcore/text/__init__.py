"""Text on pictures: lines are detected, set level, recognised, and put in reading order."""

from imgcore.text.document import read_document
from imgcore.text.line import TextLine
from imgcore.text.reader import TextReader

__all__ = ["TextLine", "TextReader", "read_document"]
