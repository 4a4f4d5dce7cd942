"""NBIS, MINDTCT and BOZORTH3, through nbis-python, where it is installed: ``pip install -e '.[peers]'``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np

from benchmarks.fingerprint.rates import Scores
from benchmarks.fingerprint.sets import Impression, genuine, impostors


def available() -> bool:
    """Return whether nbis-python is installed."""
    return find_spec("nbis") is not None


class Nbis:
    """Scores of all comparisons of a set, and milliseconds of processor time."""

    def __init__(self, prints: Sequence[Impression]) -> None:
        nbis: Any = import_module("nbis")
        settings = nbis.NbisExtractorSettings(
            min_quality=0.0, get_center=False, check_fingerprint=False, compute_nfiq2=False, ppi=500.0
        )
        extractor = nbis.new_nbis_extractor(settings)
        pictures = [cv2.imencode(".png", one.image)[1].tobytes() for one in prints]
        started = time.process_time()
        self._found = [extractor.extract_minutiae(picture) for picture in pictures]
        self.extract_ms = 1000 * (time.process_time() - started) / len(pictures)
        started = time.process_time()
        self.same = self._scores(genuine(prints))
        self.different = self._scores(impostors(prints, first=False))
        self.match_ms = 1000 * (time.process_time() - started) / (len(self.same) + len(self.different))

    def _scores(self, pairs: Sequence[tuple[int, int]]) -> Scores:
        return np.array([self._found[i].compare(self._found[j]) for i, j in pairs], np.float64)
