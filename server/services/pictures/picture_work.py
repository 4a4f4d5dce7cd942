"""Work on one captured or scanned picture: from its pixels to the files of its documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

from imgcore.barcode import read_codes
from imgcore.pipeline import Look, process
from imgcore.settings import Crop, Settings
from imgcore.strips import lent
from imgcore.types import CropOutcome, Image, ImageError, Prior, Result
from imgcore.verdict import Verdict, judge
from server.access.client import Client
from server.errors import LocalizedText, PictureUnreadable
from server.protocol.messages.pictures import check_record
from server.services.pictures.messages import OutputOptions
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.naming import FileNamer, NamePlan
from server.services.pictures.originals import Originals, Provenance
from server.services.pictures.output import EncodedPicture, Output, encode
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


OUTSIDE = LocalizedText("裁切矩形不在图片之内", "the crop rectangle holds nothing of it")


def process_image(
    image: Image,
    settings: Settings,
    cache: ModelCache,
    label: str | LocalizedText,
    look: Look | None = None,
    desk: Image | None = None,
) -> Result:
    """Process a picture as the settings ask.

    Parameters
    ----------
    label
        Name of the picture in errors.
    look
        As for `imgcore.pipeline.process`.
    desk
        The desk below the camera without documents, where that is known.

    Raises
    ------
    server.errors.PictureUnreadable
        The settings do not fit the picture, for instance a rectangle outside it.
    server.errors.ModelDamaged
        A model that they need and that comes with gaopai is missing, or its file has another hash.
    """
    try:
        return cache.use(
            settings,
            lambda models: process(image, settings, time.perf_counter, replace(models, desk=desk), look),
        )
    except ImageError as exc:
        reason = OUTSIDE if settings.crop is Crop.MANUAL else str(exc)
        raise PictureUnreadable(picture=label, reason=reason) from exc


PendingVerdict = Callable[[], Verdict | None]
"""Waits for the verdict on a picture, and returns it; None where none is wanted."""


class FinishedPicture(NamedTuple):
    """File of one document, and its pixels without a watermark."""

    encoded: EncodedPicture
    image: Image


@dataclass(frozen=True, slots=True)
class PictureWork:
    """Processing and encoding, as the settings of a connection and the request say.

    Attributes
    ----------
    with_barcode
        True to read a barcode of each picture, for its name.
    with_verdict
        True to judge whether the text of each picture will be readable.
    helpers
        Threads in which pictures are judged while they are enhanced and encoded, and that share in that; None
        for the caller's own alone.
    desk
        The desk below the camera without documents, where that is known.
    prior
        Knowledge of the pictures where no desk is known.
    """

    settings: Settings
    picture_format: PictureFormat
    output: Output
    cache: ModelCache = field(repr=False)
    with_barcode: bool = False
    with_verdict: bool = False
    helpers: Executor | None = field(default=None, repr=False)
    desk: Image | None = field(default=None, repr=False, compare=False)
    prior: Prior = Prior.PICTURE

    def run(self, image: Image, label: str | LocalizedText, dots: float = 0.0) -> list[FinishedPicture]:
        """Process a picture and encode what it gives; blocks.

        Parameters
        ----------
        label
            Name of the picture in errors.
        dots
            Resolution of the device in dots per inch; 0 if unknown.

        Raises
        ------
        server.errors.PictureUnreadable, PictureTooLarge, ModelDamaged
        """
        verdicts: list[PendingVerdict] = []
        finished = []
        with lent(self.helpers):
            result = process_image(
                image,
                self.settings,
                self.cache,
                label,
                lambda plain, beyond: verdicts.append(self._begin_verdict(plain, beyond)),
                self.desk,
            )
            stages = tuple(one.name for one in result.report.stages if one.applied)
            each = zip(result.pictures, result.plain, result.crops, result.dots, verdicts, strict=True)
            for pixels, plain, crop, measured, verdict in each:
                encoded = encode(pixels, self.picture_format, self.output, measured or dots)
                one = self._described(encoded, plain, verdict)
                known = one.dots_source or ("desk" if measured else "device" if dots else "")
                made = replace(one, crop=self._by(crop), stages=(*stages, *one.stages), dots_source=known)
                finished.append(FinishedPicture(made, pixels))
        return finished

    def _by(self, crop: CropOutcome) -> CropOutcome:
        return crop if crop.prior is Prior.DESK else replace(crop, prior=self.prior)

    def described(self, encoded: EncodedPicture, image: Image) -> EncodedPicture:
        """Add to a picture's file what is told of its pixels, which were not enhanced."""
        return self._described(encoded, image, self._begin_verdict(image, 0.0))

    @property
    def looks(self) -> bool:
        """True if `described` looks at pixels."""
        return self.with_barcode or self.with_verdict

    def _begin_verdict(self, plain: Image, beyond: float) -> PendingVerdict:
        if not self.with_verdict:
            return lambda: None
        judged = partial(judge, plain, beyond)
        return judged if self.helpers is None else self.helpers.submit(judged).result

    def _described(self, encoded: EncodedPicture, plain: Image, verdict: PendingVerdict) -> EncodedPicture:
        barcode = barcode_of(plain) if self.with_barcode else ""
        return replace(encoded, barcode=barcode, verdict=verdict())


def barcode_of(image: Image) -> str:
    """Return the text of a picture's first barcode in reading order; empty if there is none."""
    return next((code.text for code in read_codes(image)), "")
