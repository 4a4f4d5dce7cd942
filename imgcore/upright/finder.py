"""Which of its four ways up a page of text is to be shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.types import Image
from imgcore.upright.net import load, uprightness
from imgcore.upright.weights import LAYERS
from imgcore.upright.windows import find_windows

_FEW = 12
"""Windows below which nothing is said."""
_SURE = 0.8
"""Below this confidence no turn is given."""
_TURN, _AXIS = 2.2, 7.0
"""Standard errors by which votes must be ahead: for one turn of four, and for lines level rather than on end.
Pages reach 8 in the latter, even blurred ones; of portraits and fingerprints 2 % do."""


@dataclass(frozen=True, slots=True)
class Upright:
    """How a page must be turned to be read.

    Attributes
    ----------
    clockwise
        Degrees: 0, 90, 180 or 270.
    confidence
        0..1.
    """

    clockwise: int
    confidence: float


def find_upright(image: Image) -> Upright | None:
    """The quarter turns that set a page of Latin or Chinese print upright, or None where it is not certain.

    Parameters
    ----------
    image
        BGR or grey; text level, or on end, within about 15 degrees. About 40 ms at 8 megapixels.
    """
    windows = find_windows(image)
    if len(windows) < _FEW:
        return None
    votes = vote(windows)
    best = int(votes.mean(axis=0).argmax())
    confidence = _confidence(votes, best)
    if confidence < _SURE:
        return None
    # Turning counter-clockwise by `best` quarters is turning clockwise by what is left of a whole turn.
    return Upright((360 - 90 * best) % 360, confidence)


def vote(windows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Logarithms of each window's chances to be upright once turned counter-clockwise by 0 to 3 quarters."""
    turned = np.concatenate([np.rot90(windows, quarters, axes=(1, 2)) for quarters in range(4)])
    scores = uprightness(load(LAYERS), np.ascontiguousarray(turned)).reshape(4, len(windows)).T
    top = scores.max(axis=1, keepdims=True)
    return np.asarray(scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True)), np.float32)


def _confidence(votes: npt.NDArray[np.float32], best: int) -> float:
    """How sure it is that the mean vote for `best` beats each other: few, weak or torn votes are not."""
    ahead = votes[:, [best]] - np.delete(votes, best, axis=1)
    pairs = np.logaddexp(votes, np.roll(votes, 2, axis=1))
    level = pairs[:, [best]] - pairs[:, [(best + 1) % 4]]
    clear = max(min(float(_standard(ahead).min()) / _TURN, float(_standard(level).min()) / _AXIS), 0.0)
    return float(1 - (1 - _SURE) ** clear)


def _standard(ahead: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Means in standard errors."""
    error = ahead.std(axis=0) / np.sqrt(len(ahead)) + 1e-6
    return np.asarray(ahead.mean(axis=0) / error, np.float32)
