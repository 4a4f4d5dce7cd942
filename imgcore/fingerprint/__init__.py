"""Fingerprints: minutiae and ridges from a picture, compared on a calibrated scale, read and written."""

from __future__ import annotations

from imgcore.fingerprint.compare import compare
from imgcore.fingerprint.extract import extract
from imgcore.fingerprint.quality import Fault, Quality, judged, quality
from imgcore.fingerprint.template import Template

__all__ = ["Fault", "Quality", "Template", "compare", "extract", "judged", "quality"]
