"""Fingerprint matchers: the interface, that of the picture core, and what pages send to be matched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import pybase64

from imgcore.fingerprint import (
    FingerprintQuality,
    FingerprintQualityIssue,
    Template,
    compare,
    extract_with_quality,
    quality,
)
from imgcore.fingerprint.formats import FormatError, FormatNotComparable, read, write
from imgcore.types import Image
from server import errors
from server.decoding.decoders import Decoders
from server.documents.faults import named
from server.documents.input_file import Raster
from server.errors import LocalizedText
from server.services.pictures.uploaded_picture import NOT_BASE64, decoded
from server.services.pools import ThreadPools


@dataclass(frozen=True, slots=True, eq=False)
class FingerprintView:
    """Features that a matcher extracted from one fingerprint image.

    Attributes
    ----------
    template
        Template in the matcher's own form.
    quality
        Image quality, 0 to 1.
    flaw
        Reason for an unclear image, as a clause; None where it is clear.
    """

    template: object = field(repr=False)
    quality: float = 1.0
    flaw: LocalizedText | None = None


_FLAWS = {
    FingerprintQualityIssue.SMALL: LocalizedText("采集到的手指面积太小", FingerprintQualityIssue.SMALL.value),
    FingerprintQualityIssue.FEW: LocalizedText("采集到的细节太少", FingerprintQualityIssue.FEW.value),
    FingerprintQualityIssue.FAINT: LocalizedText("纹线太淡", FingerprintQualityIssue.FAINT.value),
}


class MinutiaeMatcher:
    """Protocol for extracting and comparing fingerprint features; thread-safe."""

    def extract(self, image: Image, dots: float) -> FingerprintView:
        """Extract the features of a grey image, ridges dark on light, at `dots` per inch.

        Raises
        ------
        imgcore.types.ImageError
            The size is not that of a fingerprint.
        """
        return _view(*extract_with_quality(image, dots))

    def compare(self, probe: FingerprintView, enrolled: Sequence[FingerprintView]) -> float:
        """Return the similarity of a probe with the views of an enrolled finger, 0 to 1."""
        return compare(_template(probe), [_template(view) for view in enrolled])

    def write(self, view: FingerprintView) -> bytes:
        """Write a view as an ISO 19794-2 record."""
        return write([_template(view)])

    def read(self, record: bytes) -> Sequence[FingerprintView]:
        """Read the views in a record."""
        try:
            templates = read(record)
        except FormatNotComparable as exc:
            raise errors.FeatureNotComparable(format=exc.format) from exc
        except FormatError as exc:
            reason = LocalizedText("不是可读的 ISO 19794-2 或 ANSI 378 模板", str(exc))
            raise errors.FeatureUnreadable(reason=reason) from exc
        return [_view(template, quality(template)) for template in templates]


def _view(template: Template, judgement: FingerprintQuality) -> FingerprintView:
    flaw = None if judgement.issue is None else _FLAWS[judgement.issue]
    return FingerprintView(template, judgement.value, flaw)


def _template(view: FingerprintView) -> Template:
    assert isinstance(view.template, Template)
    return view.template


PICTURE = "fingerImageBase64"
FEATURE = "fingerFeature"
LONGEST_RECORD = 256 * 1024
"""Limit of one record, in characters of base64; those of cards and standards have some thousand."""
MOST_VIEWS = 64
"""Limit of views, as each costs a comparison at every press."""
SENSOR_DOTS = 500.0
"""Resolution of nearly all sensors in dots an inch, taken where a picture states none of `SENSOR_RANGE`."""
SENSOR_RANGE = (250.0, 1050.0)
"""Smallest and largest resolution of sensors, in dots an inch; what a picture states beside is not
believed."""


class UploadedFingerprints:
    """Extracts the views of uploaded fingerprints."""

    def __init__(self, matcher: MinutiaeMatcher, pools: ThreadPools, decoders: Decoders) -> None:
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
            raise errors.GivenFingerUnclear(reason=flaw)
        return views

    async def _view(self, text: str) -> FingerprintView:
        data = await self._pools.run_heavy(decoded, text, PICTURE)
        async with self._decoders.file(PICTURE, data) as file:
            raster = await self._decoders.raster(file, 0)
        with named(PICTURE):
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
                raise errors.BadParameter(field=FEATURE, reason=limit)
        if not views:
            raise errors.FeatureUnreadable(reason=LocalizedText("其中没有特征", "there is none in it"))
        return views


def _record(coded: str) -> bytes:
    if len(coded) > LONGEST_RECORD:
        raise errors.MessageTooLarge(limit=f"{LONGEST_RECORD >> 10} KiB")
    try:
        return pybase64.b64decode(coded, validate=True)
    except ValueError as exc:
        raise errors.FeatureUnreadable(reason=NOT_BASE64) from exc


def _grey(image: Image) -> Image:
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def _dots(raster: Raster) -> float:
    stated = raster.dots[0] if raster.dots else 0.0
    return stated if SENSOR_RANGE[0] <= stated <= SENSOR_RANGE[1] else SENSOR_DOTS
