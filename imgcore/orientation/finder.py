"""Detection of the quarter turn that sets a page of text upright."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.orientation.net import OrientationNet, upright_log_odds
from imgcore.orientation.page_net import turn_probabilities
from imgcore.orientation.windows import Windows, crop_windows, find_positions
from imgcore.paper.ink import reduced
from imgcore.types import Image, Net

_FEW = 10
"""Number of windows below which there is no answer."""
_FIRST = 64
"""Number of windows classified first; the others only if these leave a doubt."""
_SURE = 0.8
"""Least confidence of an answer."""
_CLEAR = 0.97
"""Confidence from which no more windows are classified, nor is the page looked at as a picture."""
_SEEN = 0.65
"""Least probability at which the page as a picture tells its turn, where there is print. That of 262
portraits and photographs of people is below .6."""
_AGREED = 0.3
"""Least probability at which the page as a picture confirms the turn that its letters tell."""
_PRINT = 0.42
"""Least mean probability of the turn of each window by itself, from which the windows show print. It is .36
of portraits, and .44 and more of pages."""
_TURN = 2.8
"""Standard errors by which the votes for one turn must lead those for each other one. Measured together with
the lead of horizontal lines over vertical ones: of 200 pages, blurred ones and forms of a few words too, 197
reach both and none in a wrong turn; of 249 portraits, fingerprints and pictures without text none reaches 2.3
for the turn and 3 for the lines."""
_AXIS = 4.0
"""Standard errors by which the votes for horizontal lines must lead those for vertical ones. Measured
together with the lead of one turn over each other: of 200 pages, blurred ones and forms of a few words too,
197 reach both and none in a wrong turn; of 249 portraits, fingerprints and pictures without text none reaches
2.3 for the turn and 3 for the lines."""


@dataclass(frozen=True, slots=True)
class PageOrientation:
    """Quarter turn that sets a page upright.

    Attributes
    ----------
    clockwise
        Degrees: 0, 90, 180 or 270.
    confidence
        0..1.
    """

    clockwise: int
    confidence: float


def find_orientation(
    image: Image, net: OrientationNet, page_net: Net | None = None
) -> PageOrientation | None:
    """Find the quarter turn that sets a page of Latin or Chinese print upright; None if it is uncertain.

    Parameters
    ----------
    image
        BGR or grey; lines within about 15 degrees of an axis. About 30 ms at 8 megapixels, 45 in doubt.
    page_net
        Net of `turn_probabilities`, asked where the letters leave a doubt, which takes 17 ms more; None to
        go by the letters alone.
    """
    found_at = find_positions(image)
    if len(found_at.positions) < _FEW:
        return None
    votes = vote(net, crop_windows(found_at, found_at.positions[:_FIRST]))
    if _decide(votes).confidence < _CLEAR and len(found_at.positions) > _FIRST:
        votes = np.concatenate([votes, vote(net, crop_windows(found_at, found_at.positions[_FIRST:]))])
    found = _decide(votes)
    if page_net is not None and found.confidence < _CLEAR:
        print_is_there = float(np.exp(votes.max(axis=1)).mean()) >= _PRINT
        return _heard(found, turn_probabilities(reduced(image), page_net), print_is_there)
    return found if found.confidence >= _SURE else None


def _heard(
    by_letters: PageOrientation, turned: npt.NDArray[np.float32], print_is_there: bool
) -> PageOrientation | None:
    """Return the turn that the page as a picture tells, or confirms; None where it does neither."""
    quarters = int(turned.argmax())
    seen = PageOrientation((360 - 90 * quarters) % 360, float(turned[quarters]))
    agreed = seen.clockwise == by_letters.clockwise and by_letters.confidence >= _SURE
    if (print_is_there and seen.confidence >= _SEEN) or (agreed and seen.confidence >= _AGREED):
        return seen
    return None


def vote(net: OrientationNet, windows: Windows) -> Windows:
    """Log probabilities ``(n, 4)`` that a window is upright after 0 to 3 quarter turns counter-clockwise."""
    turned = np.concatenate([np.rot90(windows, quarters, axes=(1, 2)) for quarters in range(4)])
    scores = upright_log_odds(net, np.ascontiguousarray(turned)).reshape(4, len(windows)).T
    top = scores.max(axis=1, keepdims=True)
    return np.asarray(scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True)), np.float32)


def _decide(votes: npt.NDArray[np.float32]) -> PageOrientation:
    """Return the turn with the best mean vote; its confidence is low for few, weak or divided votes."""
    best = int(votes.mean(axis=0).argmax())
    ahead = votes[:, [best]] - np.delete(votes, best, axis=1)
    pairs = np.logaddexp(votes, np.roll(votes, 2, axis=1))
    level = pairs[:, [best]] - pairs[:, [(best + 1) % 4]]
    clear = max(
        min(float(_standardised(ahead).min()) / _TURN, float(_standardised(level).min()) / _AXIS), 0.0
    )
    # Turning counter-clockwise by `best` quarters is turning clockwise by the rest of a whole turn.
    return PageOrientation((360 - 90 * best) % 360, float(1 - (1 - _SURE) ** clear))


def _standardised(ahead: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return column means in units of their standard errors."""
    error = ahead.std(axis=0) / np.sqrt(len(ahead)) + 1e-6
    return np.asarray(ahead.mean(axis=0) / error, np.float32)
