"""Fingerprint matchers: the interface, and the minutiae matcher of the picture core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

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
from server.errors import FeatureNotComparable, FeatureUnreadable, LocalizedText


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


class FingerprintMatcher(Protocol):
    """Protocol for extracting and comparing fingerprint features; thread-safe."""

    def extract(self, image: Image, dots: float) -> FingerprintView:
        """Extract the features of a grey image, ridges dark on light, at `dots` per inch.

        Raises
        ------
        imgcore.types.ImageError
            The size is not that of a fingerprint.
        """

    def compare(self, probe: FingerprintView, enrolled: Sequence[FingerprintView]) -> float:
        """Return the similarity of a probe with the views of an enrolled finger, 0 to 1."""

    def write(self, view: FingerprintView) -> bytes:
        """Write a view as an ISO 19794-2 record."""

    def read(self, record: bytes) -> Sequence[FingerprintView]:
        """Read the views in a record.

        Raises
        ------
        server.errors.FeatureUnreadable, FeatureNotComparable
        """


_FLAWS = {
    FingerprintQualityIssue.SMALL: LocalizedText("采集到的手指面积太小", FingerprintQualityIssue.SMALL.value),
    FingerprintQualityIssue.FEW: LocalizedText("采集到的细节太少", FingerprintQualityIssue.FEW.value),
    FingerprintQualityIssue.FAINT: LocalizedText("纹线太淡", FingerprintQualityIssue.FAINT.value),
}


class MinutiaeMatcher:
    """`FingerprintMatcher` of the picture core, by minutiae."""

    def extract(self, image: Image, dots: float) -> FingerprintView:
        return _view(*extract_with_quality(image, dots))

    def compare(self, probe: FingerprintView, enrolled: Sequence[FingerprintView]) -> float:
        return compare(_template(probe), [_template(view) for view in enrolled])

    def write(self, view: FingerprintView) -> bytes:
        return write([_template(view)])

    def read(self, record: bytes) -> Sequence[FingerprintView]:
        try:
            templates = read(record)
        except FormatNotComparable as exc:
            raise FeatureNotComparable(format=exc.format) from exc
        except FormatError as exc:
            reason = LocalizedText("不是可读的 ISO 19794-2 或 ANSI 378 模板", str(exc))
            raise FeatureUnreadable(reason=reason) from exc
        return [_view(template, quality(template)) for template in templates]


def _view(template: Template, judgement: FingerprintQuality) -> FingerprintView:
    flaw = None if judgement.issue is None else _FLAWS[judgement.issue]
    return FingerprintView(template, judgement.value, flaw)


def _template(view: FingerprintView) -> Template:
    assert isinstance(view.template, Template)
    return view.template
