"""Forms that were taught: told and read on stored files, uploaded pictures and below cameras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from imgcore.forms import FilledForm, FilledZone, Form, find_form
from imgcore.types import Image
from server.decoding.text_process import FormDecoder
from server.errors.forms import NothingTaught
from server.protocol.messages import forms as messages
from server.protocol.messages.base import Answer
from server.services.context import RequestContext, handles
from server.services.page_source import PageSource
from server.storage.forms import FormFolder

FINDING_BYTES = 800 << 20
"""Memory in which marked points of a page are found: 650 MB at 2,400 x 1,800 pixels, which is the most."""


class FormHandlers:
    """Handlers of requests to read forms."""

    def __init__(self, source: PageSource, reader: FormDecoder, folder: FormFolder) -> None:
        self._source = source
        self._pools = source.resources.pools
        self._reader = reader
        self._folder = folder

    @handles("RecogForm")
    async def read(self, context: RequestContext, request: messages.RecogFormRequest) -> Answer:
        forms = await self._pools.run_document(self._forms, request.forms)

        async def info(picture: Image, path: str, number: int) -> messages.FormInfo:
            found = await self._pools.run_weighed(FINDING_BYTES, find_form, picture, forms)
            read = None if found is None else await self._reader.read(picture, found)
            return _info(read, path, number)

        infos = await self._source.each_asked(context.client, request, info)
        return messages.RecogFormAnswer(form_infos=tuple(infos))

    def _forms(self, names: Sequence[str]) -> Sequence[Form]:
        """Return the forms of some names, all without any; blocks.

        Raises
        ------
        FormUnknown, FormDamaged
        NothingTaught
            There are none: every page would look like one that is no form.
        """
        forms = [self._folder.read(name) for name in dict.fromkeys(names)] if names else self._folder.all()
        if not forms:
            raise NothingTaught()
        return forms


def _info(read: FilledForm | None, path: str, page: int) -> messages.FormInfo:
    if read is None:
        return messages.FormInfo(
            image_path=path or None, page=page, form=None, version=None, score=0.0, zones=()
        )
    found = read.found
    return messages.FormInfo(
        image_path=path or None,
        page=page,
        form=found.form.name,
        version=found.form.version,
        score=round(found.score, 3),
        zones=tuple(map(_zone_info, read.zones)),
    )


def _zone_info(read: FilledZone) -> messages.FormZoneInfo:
    return messages.FormZoneInfo(
        name=read.zone.name,
        kind=read.zone.kind.value,
        value=read.value,
        score=round(read.score, 3),
        valid=read.valid,
        problem=cast(messages.ProblemWord, read.problem),
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in read.corners),
    )
