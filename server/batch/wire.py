"""Messages between a batch and its workers: numbers, text and bytes, never objects.

The first packet is the request, which is answered by `READY`; each further one is a page, answered by `DONE`
with the result in the file that goes along.
"""

from __future__ import annotations

import msgspec

from server.batch.work import EnhanceRequest, PageResult

READY, DONE = b"ready", b"done"


class PageTask(msgspec.Struct, frozen=True, array_like=True):
    """One page to be worked on, counted from 1; the file by its absolute path, as the system spells it."""

    path: bytes
    page: int


encode = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(EnhanceRequest).decode
decode_task = msgspec.msgpack.Decoder(PageTask).decode
decode_result = msgspec.msgpack.Decoder(PageResult).decode
