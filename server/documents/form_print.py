"""Reading of a form's print: the one picture that is kept with it."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore import codec
from imgcore.forms.form import PRINT_SIDE
from imgcore.types import Image


def read_print(data: bytes) -> Image:
    """Return the grey picture of a file, of as many pixels as a print may have.

    Raises
    ------
    imgcore.types.ImageError
        It is none, or has more.
    """
    image = codec.decode(data, PRINT_SIDE * PRINT_SIDE)
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(grey, np.uint8)
