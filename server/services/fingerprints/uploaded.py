"""Fingerprints that a page sends in its request, as a picture or as features."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import cv2
import numpy as np
import pybase64

from imgcore.types import Image
from server.decoding.decoders import Decoders
from server.documents.faults import named
from server.documents.input_file import Raster
from server.errors import BadParameter, FeatureUnreadable, GivenFingerUnclear, LocalizedText, MessageTooLarge
from server.services.fingerprints.matcher import FingerprintMatcher, FingerprintView
from server.services.pictures.uploaded_picture import NOT_BASE64, decoded
from server.services.pools import ThreadPools

PICTURE = "fingerImageBase64"
FEATURE = "fingerFeature"
LONGEST_RECORD = 256 * 1024
"""Limit of one record, in characters of base64; those of cards and standards have some thousand."""
MOST_VIEWS = 64
"""Limit of views, as each costs a comparison at every press."""
SENSOR_DOTS = 500.0
"""Resolution of nearly all sensors, taken where a picture states none of `SENSOR_RANGE`."""
SENSOR_RANGE = (250.0, 1050.0)


class UploadedFingerprints:
    """Extracts the views of uploaded fingerprints."""

    def __init__(self, matcher: FingerprintMatcher, pools: ThreadPools, decoders: Decoders) -> None:
        self._matcher = matcher
        self._pools = pools
        self._decoders = decoders

    async def views(self, picture: str, features: str) -> Sequence[FingerprintView]:
        """Return the views of one finger, from the picture if both are given.

        Parameters
        ----------
        picture
            Picture in base64.
        features
            Records in base64, separated by ``;``.

        Raises
        ------
        server.errors.PictureUnreadable, PictureTooLarge
        server.errors.FeatureUnreadable, FeatureNotComparable, BadParameter
        server.errors.GivenFingerUnclear
            All views are unclear, so that no finger would match.
        """
        if picture:
            views: Sequence[FingerprintView] = (await self._view(picture),)
        else:
            views = await self._pools.run(self._read, features)
        if (flaw := views[0].flaw) is not None and all(view.flaw for view in views):
            raise GivenFingerUnclear(reason=flaw)
        return views

    async def _view(self, text: str) -> FingerprintView:
        data = await self._pools.run_heavy(decoded, text, PICTURE)
        with named(PICTURE), closing(await self._decoders.opened(PICTURE, data)) as file:
            raster = await self._decoders.raster(file, 0)
        return await self._pools.run_heavy(self._extract, raster)

    def _extract(self, raster: Raster) -> FingerprintView:
        return self._matcher.extract(_grey(raster.image), _dots(raster))

    def _read(self, text: str) -> Sequence[FingerprintView]:
        views: list[FingerprintView] = []
        for coded in filter(None, (part.strip() for part in text.split(";"))):
            views += self._matcher.read(_record(coded))
            if len(views) > MOST_VIEWS:
                limit = LocalizedText(
                    f"特征不能超过 {MOST_VIEWS} 个", f"at most {MOST_VIEWS} features are expected"
                )
                raise BadParameter(field=FEATURE, reason=limit)
        if not views:
            raise FeatureUnreadable(reason=LocalizedText("其中没有特征", "there is none in it"))
        return views


def _record(coded: str) -> bytes:
    if len(coded) > LONGEST_RECORD:
        raise MessageTooLarge(limit=f"{LONGEST_RECORD >> 10} KiB")
    try:
        return pybase64.b64decode(coded, validate=True)
    except ValueError as exc:
        raise FeatureUnreadable(reason=NOT_BASE64) from exc


def _grey(image: Image) -> Image:
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def _dots(raster: Raster) -> float:
    stated = raster.dots[0] if raster.dots else 0.0
    return stated if SENSOR_RANGE[0] <= stated <= SENSOR_RANGE[1] else SENSOR_DOTS
