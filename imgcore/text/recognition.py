"""Recognition of the characters of a line by a neural net with connectionist temporal classification."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.types import Image, Net

Floats = npt.NDArray[np.float32]

HEIGHT = 48
"""Rows of a line as the net sees it."""
_STEP = 8
"""Lines are padded to multiples of so many columns, so that those of nearly one width share a batch."""
_COLUMNS = 800
"""Columns of a batch, at most: its answer has some 10 kB for each."""
_BLANK = 0
"""Class of the net's answer that is no character."""
_JOINED = re.compile(r"(?<=[A-Za-z]{2})[,;:!?](?=[A-Za-z])|(?<=[a-z]{2})\.(?=[A-Z][a-z])")
"""Marks between two words without a blank."""
_WORDS = 6
"""Characters of a line from which its usual distance of characters is known."""


class Recognized(NamedTuple):
    """Characters of a line; mean confidence; float32 ``(n, 2)`` start and end of each, 0..1 of the width."""

    text: str
    score: float
    spans: Floats


class Recognizer:
    """Recogniser of lines.

    Parameters
    ----------
    net
        Float32 ``(n, 3, HEIGHT, cols)``, BGR -1..1, in; ``(n, steps, classes)``, 0..1, out: class 0 is no
        character, the others are those of `charset`, then the space.
    charset
        The characters.
    """

    def __init__(self, net: Net, charset: Sequence[str]) -> None:
        self._net = net
        self._characters = ["", *charset, " "]

    def recognize(self, lines: Sequence[Image], alphabet: str = "") -> list[Recognized]:
        """Recognise lines, each BGR and `HEIGHT` rows high, in their order.

        Parameters
        ----------
        alphabet
            The characters there may be, if not all: the likeliest of them is taken at each step.
        """
        others = self._others(alphabet)
        found: dict[int, Recognized] = {}
        for batch in batches([line.shape[1] for line in lines]):
            values = _network_input([lines[at] for at in batch])
            (answer, *_) = self._net(values)
            answer[..., others] = 0
            for at, steps in zip(batch, answer, strict=True):
                found[at] = self._decoded(steps, values.shape[3] / lines[at].shape[1])
        return [found[at] for at in range(len(lines))]

    def _others(self, alphabet: str) -> list[int]:
        """Return the classes of characters that an alphabet has not; none without an alphabet."""
        known = {*alphabet, self._characters[_BLANK]}
        return [at for at, one in enumerate(self._characters) if alphabet and one not in known]

    def _decoded(self, steps: Floats, padded: float) -> Recognized:
        """Decode the likeliest class of each step; `padded` is the input's width in widths of the line."""
        best = steps.argmax(axis=1)
        starts = np.flatnonzero((best != _BLANK) & (best != np.concatenate([[_BLANK], best[:-1]])))
        if not len(starts):
            return Recognized("", 0.0, np.zeros((0, 2), np.float32))
        text = "".join(self._characters[best[at]] for at in starts)
        score = float(steps[starts, best[starts]].mean())
        centres = np.minimum((_centres(best, starts) + 0.5) / len(steps) * padded, 1)
        return _spaced(Recognized(text, score, _spans(centres.astype(np.float32))))


def _spaced(line: Recognized) -> Recognized:
    """Return a line with the blanks between Latin words that the net leaves out behind marks.

    Words are searched for in PDFs; without blanks there are none to find.
    """
    text = line.text
    spans = line.spans
    if len(text) < _WORDS:
        return line
    middles = spans.mean(axis=1)
    usual = float(np.median(np.diff(middles)))
    for match in reversed(list(_JOINED.finditer(text))):
        at = match.end()
        if middles[at] - middles[at - 1] > usual:
            between = np.full((1, 2), spans[at, 0], np.float32)
            text = f"{text[:at]} {text[at:]}"
            spans = np.concatenate([spans[:at], between, spans[at:]])
    return Recognized(text, line.score, spans)


def batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the numbers of lines that are recognised together: of one padded width each."""
    groups: dict[int, list[int]] = {}
    for at, width in enumerate(widths):
        groups.setdefault(_padded(width), []).append(at)
    for width, group in sorted(groups.items()):
        together = max(1, _COLUMNS // width)
        yield from (group[at : at + together] for at in range(0, len(group), together))


def _padded(width: int) -> int:
    return -(-width // _STEP) * _STEP


def _network_input(lines: Iterable[Image]) -> Floats:
    images = list(lines)
    values = np.zeros((len(images), 3, HEIGHT, _padded(max(each.shape[1] for each in images))), np.float32)
    for plane, image in zip(values, images, strict=True):
        plane[:, :, : image.shape[1]] = image.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
    return values


def _centres(best: npt.NDArray[np.intp], starts: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Return the middle step of each character: it lasts as long as its class."""
    changes = np.flatnonzero(np.diff(best, append=-1)) + 1
    ends = changes[np.searchsorted(changes, starts, side="right")]
    return np.asarray((starts + ends - 1) / 2)


def _spans(centres: Floats) -> Floats:
    """Return start and end of each character: halfway to its neighbours."""
    between = (centres[1:] + centres[:-1]) / 2
    return np.stack([np.concatenate([[0], between]), np.concatenate([between, [1]])], axis=1).astype(
        np.float32
    )
