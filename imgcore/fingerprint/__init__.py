"""Fingerprint extraction, matching on a calibrated scale, and standard template formats."""

from __future__ import annotations

from imgcore.fingerprint.compare import compare
from imgcore.fingerprint.extract import extract
from imgcore.fingerprint.quality import (
    FingerprintQuality,
    FingerprintQualityIssue,
    extract_with_quality,
    quality,
)
from imgcore.fingerprint.template import Template

__all__ = [
    "FingerprintQuality",
    "FingerprintQualityIssue",
    "Template",
    "compare",
    "extract",
    "extract_with_quality",
    "quality",
]
