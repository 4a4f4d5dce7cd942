"""Text is read in a process apart, which gives way, can be stopped, and tells nonsense from lines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import msgspec
import numpy as np
import pytest

from imgcore.tables import find_tables
from server.decoding import packing, text_process
from server.decoding.text_process import NICENESS, TextDecoder
from server.documents import text_reader
from server.documents.faults import DocumentFault
from server.errors import ToolMissing
from tests.fakes.text import line, printed
from tests.patience import PATIENCE
from tests.unit.imgcore.tables.test_tables import ROWS, page_of

pytestmark = pytest.mark.long


@pytest.fixture
async def texts() -> AsyncIterator[TextDecoder]:
    if not text_reader.is_there():
        pytest.skip("the text models are not here: gaopai models fetch")
    decoder = TextDecoder(4_000_000)
    yield decoder
    await decoder.close()


async def test_words_come_back_from_a_process_that_gives_way_and_outlives_a_wrong_shape(
    texts: TextDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of others, tests do without it: tests/conftest.py.
    monkeypatch.setattr(text_process, "NICENESS", NICENESS)
    with pytest.raises(Exception, match="grey or BGR"):
        await texts.read(np.zeros((4, 4, 4), np.uint8))
    lines = await texts.read(printed("Counter", "Window"))
    assert [one.text for one in lines] == ["Counter", "Window"]
    (idle,) = texts._pool.idle
    assert os.getpriority(os.PRIO_PROCESS, idle.pid) == NICENESS


async def test_a_read_that_is_given_up_ends(texts: TextDecoder) -> None:
    await texts.read(printed("Counter"))
    reading = asyncio.create_task(texts.read(np.tile(printed(*["Words and more"] * 9), (1, 2, 1))))
    await asyncio.sleep(0.2)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    async with asyncio.timeout(PATIENCE):
        assert [one.text for one in await texts.read(printed("Again"))] == ["Again"]


async def test_without_models_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> list[bytes]:
        raise ToolMissing(tool=text_reader.ENGINE)

    monkeypatch.setattr(text_process, "model_contents", missing)
    with pytest.raises(ToolMissing, match="PP-OCRv6"):
        await TextDecoder(100).read(np.zeros((4, 4), np.uint8))


def test_lines_travel_unharmed() -> None:
    ((one,), tables) = packing.unpacked_text(packing.packed_text([line("甲 b", 3, 4, 50)]))
    before = line("甲 b", 3, 4, 50)
    assert (one.text, one.vertical, tables) == (before.text, False, ())
    assert np.array_equal(one.corners, before.corners) and np.allclose(one.spans, before.spans)


def test_tables_travel_unharmed() -> None:
    (before,) = find_tables(*page_of(ROWS, ruled=True))
    (_, (table,)) = packing.unpacked_text(packing.packed_text([], [before]))
    assert (table.rows, table.columns, table.ruled) == (before.rows, before.columns, True)
    assert np.array_equal(table.corners, before.corners)
    for one, other in zip(table.cells, before.cells, strict=True):
        assert (one.row, one.column, one.row_span, one.column_span, one.text) == (
            *(other.row, other.column, other.row_span, other.column_span, other.text),
        )
        assert np.array_equal(one.corners, other.corners)


@pytest.mark.parametrize(
    "packed",
    [
        b"nonsense",
        msgspec.msgpack.encode([[["a", 0.5, [[0, 0]] * 3, [[0, 1]], False]]]),
        msgspec.msgpack.encode([[["a", 0.5, [[0, 0]] * 4, [], False]]]),
        msgspec.msgpack.encode([[["a\x00", 0.5, [[0, 0]] * 4, [[0, 1]] * 2, False]]]),
        msgspec.msgpack.encode([[["a", float("nan"), [[0, 0]] * 4, [[0, 1]], False]]]),
        msgspec.msgpack.encode([[["a", 0.5, [[0, float("inf")]] * 4, [[0, 1]], False]]]),
    ],
)
def test_nonsense_is_refused(packed: bytes) -> None:
    with pytest.raises(DocumentFault):
        packing.unpacked_text(packed)
