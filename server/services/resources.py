"""Resources that the services which make pictures share."""

from __future__ import annotations

from dataclasses import dataclass

from server.services.model_cache import ModelCache
from server.services.naming import FileNamer
from server.services.originals import Originals
from server.services.pools import ThreadPools
from server.storage.root import Storage


@dataclass(frozen=True, slots=True)
class PictureResources:
    """Storage and names of files, threads, models, and the keeper of originals."""

    storage: Storage
    names: FileNamer
    pools: ThreadPools
    cache: ModelCache
    originals: Originals
