"""Fingers that a page sends in its request, as a picture or as features."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import cv2
import numpy as np
import pybase64

from imgcore.types import Image
from server.decoding.decoders import Decoders
from server.documents.faults import named
from server.documents.picture import Raster
from server.errors import BadParameter, FeatureUnreadable, GivenFingerUnclear, LocalizedText, MessageTooLarge
from server.services.fingerprints.matcher import FingerprintMatcher, FingerprintView
from server.services.pools import ThreadPools
from server.services.uploaded_picture import NOT_BASE64, decoded

PICTURE = "fingerImageBase64"
FEATURE = "fingerFeature"
LONGEST_RECORD = 256 * 1024
"""Characters of base64 that one record may have; those of cards and standards have some thousand."""
MOST_VIEWS = 64
"""Each costs a comparison at every press."""
SENSORS_DOTS = 500.0
"""What nearly all sensors have; a picture that states something else than a sensor's is not believed."""
BELIEVED = (250.0, 1050.0)


class UploadedFingerprints:
    """Understands fingers."""

    def __init__(self, matcher: FingerprintMatcher, pools: ThreadPools, decoders: Decoders) -> None:
        self._matcher = matcher
        self._pools = pools
        self._decoders = decoders

    async def views(self, picture: str, features: str) -> Sequence[FingerprintView]:
        """The views of one finger; the picture counts where both are given.

        Parameters
        ----------
        picture
            In base64.
        features
            In base64, several with ``;`` between.

        Raises
        ------
        server.errors.PictureUnreadable, PictureTooLarge
        server.errors.FeatureUnreadable, FeatureNotComparable, BadParameter
        server.errors.GivenFingerUnclear
            Nobody's finger would match.
        """
        if picture:
            views: Sequence[FingerprintView] = (await self._seen(picture),)
        else:
            views = await self._pools.run(self._read, features)
        if (flaw := views[0].flaw) is not None and all(view.flaw for view in views):
            raise GivenFingerUnclear(reason=flaw)
        return views

    async def _seen(self, text: str) -> FingerprintView:
        data = await self._pools.run_heavy(decoded, text, PICTURE)
        with named(PICTURE), closing(await self._decoders.opened(PICTURE, data)) as file:
            raster = await self._decoders.raster(file, 0)
        return await self._pools.run_heavy(self._extracted, raster)

    def _extracted(self, raster: Raster) -> FingerprintView:
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
    return stated if BELIEVED[0] <= stated <= BELIEVED[1] else SENSORS_DOTS
