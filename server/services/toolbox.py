"""Models for the picture core: loaded when first needed, told of once when missing."""

from __future__ import annotations

import logging
import threading

from imgcore.settings import Crop, Settings
from imgcore.stages import Tools
from models.locate import ModelMissing
from models.page_grid import load_page_grid

log = logging.getLogger(__name__)


class Toolbox:
    """What `imgcore.pipeline.process` is handed; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tools: Tools | None = None

    def tools(self, settings: Settings) -> Tools:
        """The models these settings can use, as far as they are there.

        The first call for a curved page takes some 0.2 s.
        """
        if settings.crop is not Crop.CURVE:
            return Tools()
        with self._lock:
            if self._tools is None:
                self._tools = _load()
            return self._tools


def _load() -> Tools:
    try:
        return Tools(load_page_grid())
    except ModelMissing as missing:
        log.warning("curved pages are flattened by their borders and lines alone: %s", missing)
        return Tools()
