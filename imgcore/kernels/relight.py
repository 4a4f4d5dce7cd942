"""Relighting and sharpening; the NumPy twin of ``_relight``."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_SHARPEN = 0.5
"""Share of what a blur takes that is added when a picture is sharpened."""
_FRACTIONS = 1 << 15
"""Parts of the distance between two lines of the gain."""


def relight(
    gain: npt.NDArray[np.int16],
    image: Bytes,
    black: npt.NDArray[np.int16],
    relit: Bytes,
    top: int = 0,
    bottom: int | None = None,
) -> None:
    """Amplify a picture by a gain that varies over it, then sharpen by half of what a blur takes.

    Parameters
    ----------
    gain
        int16 ``(n, cols, channels)``, 0..32767: 2048 times the factor along n lines, evenly from the
        top of the picture to its bottom; between them it is interpolated.
    image
        uint8 ``(rows, cols, channels)``.
    black
        int16 of `gain`'s shape, 0..16383: eight times the amplified level that becomes 0.
    relit
        uint8 of `image`'s shape, the result; another array.
    top, bottom
        First row to be made, and the row after the last one; None for all of them.

    Raises
    ------
    ValueError
        The picture, its gain, its black point and the result differ in shape, or have no such rows.
    """
    if not len(gain) or gain.shape != black.shape:
        raise ValueError("the picture, its gain and the result differ in shape")
    if gain.shape[1:] != image.shape[1:] or relit.shape != image.shape:
        raise ValueError("the picture, its gain and the result differ in shape")
    bottom = len(image) if bottom is None else bottom
    if not 0 <= top <= bottom <= len(image):
        raise ValueError("the picture has no such rows")
    if top == bottom:
        return
    # Sharpening sees a row more on either side.
    first = max(top - 1, 0)
    last = min(bottom + 1, len(image))
    gains, dark = (_interpolated(each, len(image))[first:last] for each in (gain, black))
    eighths = (image[first:last].astype(np.int64) * 256 * gains >> 16) - dark
    toned = np.clip(eighths + 4 >> 3, 0, 255).astype(np.uint8)
    soft = cv2.GaussianBlur(toned, (3, 3), 0)
    sharp = np.asarray(cv2.addWeighted(toned, 1 + _SHARPEN, soft, -_SHARPEN, 0))
    relit[top:bottom] = sharp.reshape(toned.shape)[top - first : bottom - first]


def _interpolated(gain: npt.NDArray[np.int16], rows: int) -> npt.NDArray[np.int64]:
    twice = (2 * np.arange(rows) + 1) * len(gain) * _FRACTIONS // rows - _FRACTIONS
    place = np.clip(twice >> 1, 0, (len(gain) - 1) * _FRACTIONS)
    first = place // _FRACTIONS
    below = (place % _FRACTIONS)[:, None, None]
    upper = gain[first].astype(np.int64)
    lower = gain[np.minimum(first + 1, len(gain) - 1)]
    return np.asarray(upper + 2 * ((lower - upper) * below >> 16))
