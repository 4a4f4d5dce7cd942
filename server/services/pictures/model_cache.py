"""Models for the picture core, each loaded when it is first needed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy.typing as npt

from imgcore.curve.grid import GridNet
from imgcore.curve.page_grid import page_grid
from imgcore.fingers.net import FingerNet
from imgcore.models import Models
from imgcore.orientation import OrientationNet
from imgcore.outline import DocumentNets, ScoringNet
from imgcore.paper.layers_net import PageLayersNet
from imgcore.settings import Crop, ImageType, Removal, Settings
from models.arrays import read_arrays
from models.locate import ModelMissing, RuntimeMissing, choose
from models.manifest import Model
from models.session import Net, late_net
from server.errors import ModelDamaged

log = logging.getLogger(__name__)

_LAYERED = frozenset(
    {ImageType.GREY, ImageType.COLOUR, ImageType.AUTO, ImageType.RED_STAMP, ImageType.BLUE_STAMP}
)
"""Image types that tell paper from what is printed on it."""

T = TypeVar("T")


class ModelCache:
    """Cache of the models for `imgcore.pipeline.process`; thread-safe.

    A model that does not come with gaopai may be missing, which is logged once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: dict[Callable[[], Any], tuple[float, Any]] = {}

    def models(self, settings: Settings) -> Models:
        """Return the models that these settings use; nets are opened in some 0.2 s by their first run.

        Raises
        ------
        ModelDamaged
            A model that comes with gaopai is missing, or its file has another hash.
        """
        return Models(
            page_grid=self.page_grid() if settings.crop is Crop.CURVE else None,
            documents=self.documents() if settings.crop in (Crop.SINGLE, Crop.MULTI, Crop.CURVE) else None,
            orientation=self.orientation() if settings.upright else None,
            page_orientation=self.page_orientation() if settings.upright else None,
            fingers=self.fingers() if settings.removal is Removal.FINGERS else None,
            page_layers=self.page_layers() if settings.image_type in _LAYERED else None,
        )

    def use(self, settings: Settings, work: Callable[[Models], T]) -> T:
        """Do work with the models that the settings use, and again if their runtime turns out to be missing.

        Raises
        ------
        ModelDamaged
            As `models`.
        """
        try:
            return work(self.models(settings))
        except RuntimeMissing:
            return work(self.models(settings))

    def page_grid(self) -> GridNet | None:
        """Return the net that measures the bend of a page; None where it is missing."""
        return self._kept(self._page_grid)

    def documents(self) -> DocumentNets | None:
        """Return the nets that find several documents; None where the runtime is missing.

        Raises
        ------
        ModelDamaged
            As `models`.
        """
        return self._kept(self._documents)

    def orientation(self) -> OrientationNet:
        """Return the net that detects the orientation of text.

        Raises
        ------
        ModelDamaged
            As `models`.
        """
        return self._kept(_orientation)

    def page_orientation(self) -> Net | None:
        """Return the net that sees which way up a page is; None where it is missing."""
        return self._kept(self._page_orientation)

    def fingers(self) -> FingerNet:
        """Return the net that draws the skin of hands.

        Raises
        ------
        ModelDamaged
            As `models`.
        """
        return self._kept(_fingers)

    def page_layers(self) -> PageLayersNet:
        """Return the net that tells paper from what is printed on it.

        Raises
        ------
        ModelDamaged
            As `models`.
        """
        return self._kept(_page_layers)

    def forget(self, seconds: float) -> None:
        """Forget the models that nobody asked for in so many seconds; the next request loads its own."""
        with self._lock:
            now = time.monotonic()
            kept = self._loaded.items()
            # A missing model is told once.
            self._loaded = {load: (at, it) for load, (at, it) in kept if it is None or now - at < seconds}

    def _kept(self, load: Callable[[], T]) -> T:
        with self._lock:
            model: T = self._loaded[load][1] if load in self._loaded else load()
            self._loaded[load] = (time.monotonic(), model)
            return model

    def _page_grid(self) -> GridNet | None:
        try:
            return page_grid(self._late(choose("page-grid")))
        except ModelMissing as missing:
            log.warning("curved pages are flattened by their borders and lines alone: %s", missing)
            return None

    def _page_orientation(self) -> Net | None:
        try:
            return self._late(choose("page-orientation-picture"))
        except ModelMissing as missing:
            log.warning("pages are set upright by their letters alone: %s", missing)
            return None

    def _documents(self) -> DocumentNets | None:
        scoring = ScoringNet(**_own("document-scoring", read_arrays))
        try:
            nets = [_own(f"document-{name}", self._late) for name in DocumentNets.OPENED]
        except RuntimeMissing as missing:
            log.warning("several documents are found as regions, less surely: %s", missing)
            return None
        return DocumentNets(scoring, *nets)

    def _late(self, model: Model) -> Net:
        """Like `late_net`; from the first run that cannot read the runtime on, all do without nets."""
        net = late_net(model)

        def run(values: npt.NDArray[Any]) -> Sequence[npt.NDArray[Any]]:
            try:
                return net(values)
            except RuntimeMissing as missing:
                log.warning("pictures are worked on without nets: %s", missing)
                with self._lock:
                    self._loaded |= dict.fromkeys(
                        (self._page_grid, self._page_orientation, self._documents),
                        (time.monotonic(), None),
                    )
                raise

        return run


def _orientation() -> OrientationNet:
    return OrientationNet.unpacked(_own("page-orientation", read_arrays))


def _fingers() -> FingerNet:
    return FingerNet.unpacked(_own("finger-segmentation", read_arrays))


def _page_layers() -> PageLayersNet:
    return PageLayersNet.unpacked(_own("page-layers", read_arrays))


def _own(role: str, load: Callable[[Model], T]) -> T:
    """Load a model that comes with gaopai and has no fallback."""
    try:
        return load(choose(role))
    except RuntimeMissing:
        raise
    except ModelMissing as missing:
        log.error("%s", missing)
        raise ModelDamaged(role=role) from missing
