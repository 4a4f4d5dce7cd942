"""Image processing of camera and scanner pictures by the picture core."""

from __future__ import annotations

import time

from imgcore.pipeline import Look, process
from imgcore.settings import Crop, Settings
from imgcore.types import Image, ImageError, Result
from server.errors import LocalizedText, PictureUnreadable
from server.services.model_cache import ModelCache

OUTSIDE = LocalizedText("裁切矩形不在图片之内", "the crop rectangle holds nothing of it")


def process_image(
    image: Image, settings: Settings, cache: ModelCache, label: str | LocalizedText, look: Look | None = None
) -> Result:
    """Process a picture as the settings ask.

    Parameters
    ----------
    label
        Name of the picture in errors.
    look
        As for `imgcore.pipeline.process`.

    Raises
    ------
    server.errors.PictureUnreadable
        The settings do not fit the picture, for instance a rectangle outside it.
    server.errors.ModelDamaged
        A model that they need and that comes with gaopai is missing, or its file has another hash.
    """
    try:
        return process(image, settings, time.perf_counter, cache.models(settings), look)
    except ImageError as exc:
        reason = OUTSIDE if settings.crop is Crop.MANUAL else str(exc)
        raise PictureUnreadable(picture=label, reason=reason) from exc
