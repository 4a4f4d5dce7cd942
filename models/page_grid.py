"""The role ``page-grid``: a net that lays a grid on a bent page."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from models.locate import choose
from models.session import open_session

PageGrid = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]
ROLE = "page-grid"
WIDTH, HEIGHT = 488, 712


def load_page_grid(threads: int = 1) -> PageGrid:
    """The net, ready: a BGR or grey picture in, float32 ``(45, 31, 2)`` out.

    The grid's points are (x, y) on the page, row by row from its top left corner, in pixels of
    the picture. A picture of 488 x 712 px is looked at as it is, any other one reduced to that.
    Loading takes some 0.2 s, a call 0.4 s; calls from several threads are safe.

    Raises
    ------
    ModelMissing
        The file or onnxruntime is not there; the text says what to do.
    """
    session = open_session(choose(ROLE), threads)

    def find_grid(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        (answer,) = session.run(["output"], {"input": _as_input(picture)})
        fractions = (np.asarray(answer[0], np.float32).transpose(1, 2, 0) + 1) / 2
        return np.asarray(fractions * np.subtract(picture.shape[1::-1], 1, dtype=np.float32))

    return find_grid


def _as_input(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float16]:
    colour = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR) if picture.ndim == 2 else picture
    if colour.shape[:2] != (HEIGHT, WIDTH):
        colour = np.asarray(cv2.resize(colour, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
    planes = colour[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32)
    return np.ascontiguousarray(planes / 255, np.float16)
