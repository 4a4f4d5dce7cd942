"""Our reader of text."""

from __future__ import annotations

import cv2

from imgcore.text import TextReader
from server.documents.text_reader import model_contents, text_reader


def own_reader() -> TextReader:
    """Return gaopai's, with one thread."""
    cv2.setNumThreads(1)
    return text_reader(model_contents(), threads=1)
