"""Models for the picture core, each loaded when it is first needed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from imgcore.curve.grid import GridNet
from imgcore.curve.page_grid import page_grid
from imgcore.models import Models
from imgcore.orientation import OrientationNet
from imgcore.outline import DocumentNets, ScoringNet
from imgcore.settings import Crop, Settings
from models.arrays import read_arrays
from models.locate import ModelMissing, RuntimeMissing, choose
from models.manifest import Model
from models.session import open_net
from server.errors import ModelDamaged

log = logging.getLogger(__name__)

T = TypeVar("T")


class ModelCache:
    """Loads the models that `imgcore.pipeline.process` is handed; any thread may ask.

    A model that does not come with gaopai may be missing: that is told once, and it is done without.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def models(self, settings: Settings) -> Models:
        """The models that these settings can use; some 0.2 s where they are not loaded yet.

        Raises
        ------
        ModelDamaged
            One that comes with gaopai is missing or another file.
        """
        return Models(
            page_grid=self.page_grid() if settings.crop is Crop.CURVE else None,
            documents=self.documents() if settings.crop is Crop.MULTI else None,
            orientation=self.orientation() if settings.upright else None,
        )

    def page_grid(self) -> GridNet | None:
        """The net that sees how a page is bent; None where it is missing."""
        with self._lock:
            return self._page_grid

    def documents(self) -> DocumentNets | None:
        """The nets that find several documents; None where nothing can run them.

        Raises
        ------
        ModelDamaged
            As `models`.
        """
        with self._lock:
            return self._documents

    def orientation(self) -> OrientationNet:
        """The net that tells which way up text is.

        Raises
        ------
        ModelDamaged
            As `models`.
        """
        with self._lock:
            return self._orientation

    @cached_property
    def _page_grid(self) -> GridNet | None:
        try:
            return page_grid(open_net(choose("page-grid")))
        except ModelMissing as missing:
            log.warning("curved pages are flattened by their borders and lines alone: %s", missing)
            return None

    @cached_property
    def _documents(self) -> DocumentNets | None:
        scoring = ScoringNet(**_own("document-scoring", read_arrays))
        try:
            return DocumentNets(_own("document-segmentation", open_net), scoring)
        except RuntimeMissing as missing:
            log.warning("several documents are found as regions, less surely: %s", missing)
            return None

    @cached_property
    def _orientation(self) -> OrientationNet:
        return OrientationNet.unpacked(_own("page-orientation", read_arrays))


def _own(role: str, load: Callable[[Model], T]) -> T:
    """A model that comes with gaopai, for which there is no stand-in."""
    try:
        return load(choose(role))
    except RuntimeMissing:
        raise
    except ModelMissing as missing:
        log.error("%s", missing)
        raise ModelDamaged(role=role) from missing
