"""The reader of text, made of the files of its models."""

from __future__ import annotations

from collections.abc import Sequence

from imgcore.orientation import OrientationNet
from imgcore.text import TextReader
from models.arrays import read_arrays
from models.locate import ModelMissing, choose, find, read
from models.session import open_content
from server.errors import ToolMissing

ENGINE = "PP-OCRv6"
"""Name, for people, of the models that read text."""
LANGUAGES = ("chi_sim", "chi_tra", "jpn", "eng")
"""Languages that the models read, by the names that Tesseract has for them."""
ROLES = ("text-detection", "text-recognition")
"""Roles of the models in the project's list of models, in the order in which they are handed on."""


def is_there() -> bool:
    """Return whether the files of the models are here, their content not checked."""
    return all(find(choose(role)) is not None for role in ROLES)


def model_contents() -> list[bytes]:
    """Return the contents of the models' files, in the order of `ROLES`; blocks.

    Raises
    ------
    server.errors.ToolMissing
        One is missing, or is another file.
    """
    try:
        return [read(choose(role)) for role in ROLES]
    except ModelMissing as exc:
        raise ToolMissing(tool=ENGINE) from exc


def text_reader(contents: Sequence[bytes], threads: int) -> TextReader:
    """Return the reader made of models, in the order of `ROLES`; blocks for half a second.

    Raises
    ------
    server.errors.ToolMissing
        Nothing can run the models here, or the project's own model is missing.
    """
    try:
        detector = open_content(contents[0], threads)
        recognizer = open_content(contents[1], threads, keeps_memory=True)
        orientation = OrientationNet.unpacked(read_arrays(choose("page-orientation")))
    except ModelMissing as exc:
        raise ToolMissing(tool=ENGINE) from exc
    return TextReader(
        detector.run, recognizer.run, recognizer.metadata["character"].splitlines(), orientation
    )
