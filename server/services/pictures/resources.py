"""Resources that every work on pictures needs, and the plans of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from server.access.client import Client
from server.protocol.messages.pictures import check_record
from server.services.pictures.messages import OutputOptions
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.naming import FileNamer, NamePlan
from server.services.pictures.originals import Originals, Provenance
from server.services.pools import ThreadPools
from server.storage.ownership import PROFILE
from server.storage.paths import PictureFormat
from server.storage.root import Storage

Said = Mapping[str, Any]
"""Claims of a page about a file, for its record."""


@dataclass(frozen=True, slots=True)
class PictureResources:
    """Storage, names and form of files, threads, models, originals, and how pictures came."""

    storage: Storage
    names: FileNamer
    pools: ThreadPools
    cache: ModelCache
    originals: Originals
    outputs: OutputOptions
    provenance: Provenance = field(default_factory=Provenance)

    async def plan(self, client: Client, name: str, ending: str = "", said: Said | None = None) -> NamePlan:
        """Return the plan of a request's files, after its check; see `FileNamer.plan`.

        Parameters
        ----------
        said
            Claims of the page for the record beside each file; None for no record.

        Raises
        ------
        server.errors.BadSuffix, BadName, PathOutside, FileExists, NamePartMissing, BadParameter
        """
        storage = self.storage.of(client.origin)
        if said is not None:
            check_record(said)
            storage = storage.recording(partial(self.provenance.beside, client.origin, PROFILE.get(), said))
        return await self._checked(self.names.plan(client, name, storage, ending))

    async def plan_document(self, client: Client, name: str, picture_format: PictureFormat) -> NamePlan:
        """Return the plan of one file, after its check; see `FileNamer.plan_document`.

        Raises server.errors.GaopaiError: as `plan`.
        """
        storage = self.storage.of(client.origin)
        return await self._checked(self.names.plan_document(client, name, storage, picture_format))

    async def _checked(self, plan: NamePlan) -> NamePlan:
        await self.pools.run(plan.check)
        return plan
