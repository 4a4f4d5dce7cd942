"""Resources that every work on pictures needs, and the plans of its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from server.access.client import Client
from server.protocol.messages.pictures import check_record
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.naming import FileNamer, NamePlan
from server.services.pictures.order import PictureOrder, PictureOrders
from server.services.pictures.originals import Originals, Provenance
from server.services.pools import ThreadPools
from server.storage.paths import PictureFormat
from server.storage.root import Storage


@dataclass(frozen=True, slots=True)
class PictureResources:
    """Storage, names of files, threads, models, originals, orders, and how pictures came."""

    storage: Storage
    names: FileNamer
    pools: ThreadPools
    cache: ModelCache
    originals: Originals
    orders: PictureOrders
    provenance: Provenance = field(default_factory=Provenance)

    async def plan(self, client: Client, order: PictureOrder, ending: str = "") -> NamePlan:
        """Return the plan of an order's files, after its check; see `FileNamer.plan`."""
        storage = self.storage.of(client.origin, order.profile)
        if order.said is not None:
            check_record(order.said)
            beside = partial(self.provenance.beside, client.origin, order.profile, order.said)
            storage = storage.recording(beside)
        return await self._checked(self.names.plan(client, order.name or "", storage, ending))

    async def plan_document(self, client: Client, name: str, picture_format: PictureFormat) -> NamePlan:
        """Return the plan of one file, after its check; see `FileNamer.plan_document`.

        Raises server.errors.GaopaiError: as `plan`.
        """
        storage = self.storage.of(client.origin)
        return await self._checked(self.names.plan_document(client, name, storage, picture_format))

    async def _checked(self, plan: NamePlan) -> NamePlan:
        await self.pools.run(plan.check)
        return plan
