"""What the service asks of a fingerprint matcher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from imgcore.types import Image
from server.errors import Text


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What a matcher makes of one picture of a finger.

    Attributes
    ----------
    template
        The matcher's own.
    quality
        0 to 1.
    flaw
        What makes the picture unclear, as a clause; None where it is clear.
    """

    template: object = field(repr=False)
    quality: float = 1.0
    flaw: Text | None = None


class Matcher(Protocol):
    """Extracts and compares; from any thread."""

    def extract(self, image: Image, dots: float) -> View:
        """The features of a grey picture, ridges dark on light, at `dots` an inch.

        Raises
        ------
        imgcore.types.ImageError
            It is no finger by its size.
        """

    def compare(self, probe: View, enrolled: Sequence[View]) -> float:
        """How much a finger is the enrolled one, of which there are several views: 0 to 1."""

    def write(self, view: View) -> bytes:
        """An ISO 19794-2 record."""

    def read(self, record: bytes) -> Sequence[View]:
        """The views in a record.

        Raises
        ------
        server.errors.FeatureUnreadable, FeatureNotComparable
        """
