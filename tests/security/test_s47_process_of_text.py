"""S47: what reads the text of foreign pictures can do nothing else, and what it says is checked.

It has the profile of the decoding processes, which S34 tries one attempt after the other. Here is that the
process the service starts has that profile, holds nothing but memory, and is believed no word unchecked.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import docx
import msgspec
import pikepdf
import pytest

from server.children.async_child import start_child
from server.children.child import ChildSpec
from server.children.confinement import seccomp
from server.decoding import packing, text_process
from server.decoding.pool import PROFILE, DecodingProcess
from server.decoding.text_process import TextDecoder
from server.documents import ofd_writer, text_reader
from server.documents.faults import DocumentFault
from server.documents.ofd_writer import OfdText
from server.documents.office_writer import TablesPage, write_docx, write_xlsx
from server.documents.text_layer import text_page
from tests.architecture.test_foreign_input import serving, used
from tests.fakes.text import printed
from tests.patience import PATIENCE

QUAD = [[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]]
NAN = float("nan")
PAGE = printed("Counter")


@pytest.fixture
async def texts() -> AsyncIterator[TextDecoder]:
    if not await asyncio.to_thread(text_reader.is_there):
        pytest.skip("the text models are not here: gaopai models fetch")
    decoder = TextDecoder(4_000_000)
    yield decoder
    await decoder.close()


async def idle(texts: TextDecoder) -> DecodingProcess:
    """The process, after a page."""
    assert [one.text for one in await texts.read(PAGE)] == ["Counter"]
    (process,) = texts._pool.idle
    return process


@pytest.mark.long
async def test_it_is_confined_before_it_sees_a_picture_and_holds_memory_and_its_channel_alone(
    texts: TextDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs: list[ChildSpec] = []

    async def noted(kind: type[DecodingProcess], spec: ChildSpec) -> DecodingProcess:
        specs.append(spec)
        return await start_child(kind, spec)

    monkeypatch.setattr(text_process, "start_child", noted)
    process = await idle(texts)
    assert [(spec.untrusted, spec.profile) for spec in specs] == [(True, PROFILE)]
    status = await asyncio.to_thread(Path(f"/proc/{process.pid}/status").read_text)
    said = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert said["NoNewPrivs"] == "1"
    assert said["Seccomp"] == ("2" if seccomp.available() else "0")
    folder = Path(f"/proc/{process.pid}/fd")
    held = await asyncio.to_thread(lambda: [str(one.readlink()) for one in folder.iterdir()])
    assert all(one.startswith(("/memfd:", "socket:", "pipe:", "anon_inode:", "/dev/null")) for one in held)
    assert sum(one.startswith("socket:") for one in held) <= 1, held


@pytest.mark.long
# S16 holds the other ends of it: the same process decodes pictures there.
async def test_a_crash_costs_its_page_only(texts: TextDecoder) -> None:
    pid = (await idle(texts)).pid
    os.kill(pid, signal.SIGSTOP)
    reading = asyncio.create_task(texts.read(PAGE))
    async with asyncio.timeout(PATIENCE):
        while texts._pool.idle:
            await asyncio.sleep(0)
    os.kill(pid, signal.SIGSEGV)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
    with pytest.raises(DocumentFault, match="SIGSEGV"):
        await reading
    assert (await idle(texts)).pid != pid


def line(text: str = "a", score: float = 0.5, corners: object = QUAD, spans: object = ((0, 1),)) -> object:
    return [text, score, corners, spans, False]


@pytest.mark.parametrize(
    "lie",
    [
        line("a\x00"),
        line("a\n", spans=((0, 0.5), (0.5, 1))),
        line(score=NAN),
        line(corners=[[NAN, 0], *QUAD[1:]]),
        line(corners=[[1e300, 0], *QUAD[1:]]),
        line(spans=((0, -1e9),)),
        line(spans=()),
        ["a", 0.5, QUAD],
        {"text": "a"},
    ],
)
def test_lines_that_no_page_has_are_refused(lie: object) -> None:
    assert packing.unpacked_text(msgspec.msgpack.encode([[line()]]))
    with pytest.raises(DocumentFault):
        packing.unpacked_text(msgspec.msgpack.encode([[lie]]))


def cell(row: int = 0, column: int = 0, text: str = "1", **places: int) -> object:
    return [row, column, places.get("rows", 1), places.get("columns", 1), text, QUAD]


def table(*cells: object, rows: int = 1, columns: int = 1, corners: object = QUAD) -> object:
    return [rows, columns, list(cells), corners, True]


@pytest.mark.parametrize(
    "lie",
    [
        table(),
        table(cell(column=-1)),
        table(cell(row=1)),
        table(cell(rows=2)),
        table(cell(), cell()),
        table(cell(text="\x1b[2J")),
        table(cell(), corners=[[NAN, 0], *QUAD[1:]]),
        table(cell(rows=1 << 20, columns=2), rows=1 << 20, columns=2),
        table(cell(rows=0), rows=0),
    ],
)
def test_tables_that_no_page_has_are_refused(lie: object) -> None:
    assert packing.unpacked_text(msgspec.msgpack.encode([[], [table(cell())]]))
    with pytest.raises(DocumentFault):
        packing.unpacked_text(msgspec.msgpack.encode([[], [lie]]))


def test_tables_are_sought_where_the_text_is_read() -> None:
    """A page ruled all over takes a minute and a gigabyte, which no thread of the service can be freed of."""
    assert not [path for path in serving() if any(name.endswith(".find_tables") for name in used(path))]


def document(
    kind: str = "bank-card",
    fields: object = None,
    valid: object = True,
    problems: Iterable[str] = ("number.check",),
    corners: object = QUAD,
) -> object:
    return [kind, fields or {"number": "1"}, valid, list(problems), corners]


@pytest.mark.parametrize(
    "lie",
    [
        document(kind="passkey"),
        document(fields={"__class__": "1"}),
        document(fields={"number": "1\x1b[2J"}),
        document(fields={"number": 1}),
        document(valid="yes"),
        document(problems=["the number is 1"]),
        document(corners=QUAD[:3]),
        document(corners=[[NAN, 0], *QUAD[1:]]),
    ],
)
def test_documents_of_no_kind_are_refused(lie: object) -> None:
    assert packing.unpacked_documents(msgspec.msgpack.encode([document()]))
    with pytest.raises(DocumentFault):
        packing.unpacked_documents(msgspec.msgpack.encode([lie]))


INJECTED = (
    r"\) Tj ET /Im Do <</JS(app.alert(1))>> BT (",
    "> Tj ET Q q <",
    ']]></ofd:TextCode><!DOCTYPE x><x a="\'"/>&#1;&lt;',
    "=cmd|' /C calc'!A0",
)
"""Lines that a page may show, which are operators, elements or formulas elsewhere."""


@pytest.mark.parametrize("text", INJECTED)
def test_read_text_is_text_in_whatever_is_written(text: str) -> None:
    packed = msgspec.msgpack.encode([[line(text, spans=[(0, 1)] * len(text))]])
    lines, _ = packing.unpacked_text(packed)
    with pikepdf.open(io.BytesIO(text_page(lines, (100, 100)))) as document:
        instructions = list(pikepdf.parse_content_stream(document.pages[0]))
        words = [str(one.operator) for one in instructions]
        assert words == ["BT", "Tr", "Tf", "Tz", "Tm", "Tj", "ET"]
        assert bytes(instructions[5].operands[0]).decode("utf-16-be") == text
    xml = '<a xmlns:ofd="b">' + ofd_writer._text(OfdText(text, 0, 0, 9, 9, False), 1, 1) + "</a>"
    assert [one.text for one in ET.fromstring(xml).iter("{b}TextCode")] == [text]
    assert [one.text for one in docx.Document(io.BytesIO(write_docx([text]))).paragraphs] == [text]
    sheet = zipfile.ZipFile(io.BytesIO(write_xlsx([TablesPage((), [text])])))
    assert not [name for name in sheet.namelist() if b"<f>" in sheet.read(name)]
