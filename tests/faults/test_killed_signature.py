"""The service is killed while somebody signs: there is no half signature, and nothing that was not shown."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from pathlib import Path

import aiohttp
import pytest

pytest.importorskip("pyhanko", reason="the extra archive is not installed")

from server.cli import main
from tests.extent import extent
from tests.functional.page import connect
from tests.functional.signer import Signer, name_of
from tests.patience import PATIENCE
from tests.service import running
from tests.unit.documents.samples import text_pdf

pytestmark = pytest.mark.long
MOMENTS = (None, *(0.4 * number for number in range(extent(3, 12))))
"""Seconds after the signer is done; None: before."""


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_document_is_signed_or_as_it_was(
    tmp_path: Path, moment: float | None, capsys: pytest.CaptureFixture[str]
) -> None:
    document = text_pdf("one", "two")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "c.pdf").write_bytes(document)
    with running(tmp_path) as service:
        async with connect(service.url) as page:
            place = {"signer": "Zhang San", "left": 20, "top": 30, "width": 40, "height": 15}
            number = await page.send("RequestSignature", imagePath="c.pdf", **place)
            async with Signer((await page.answer(number))["url"]) as signer:
                told = await signer.open()
                await signer.read(told["pages"])
                if moment is None:
                    service.process.kill()
                else:
                    done = asyncio.create_task(signer.ask("done", body={"strokes": name_of()}))
                    await asyncio.wait([done], timeout=moment)
                    service.process.kill()
                    with contextlib.suppress(aiohttp.ClientError):
                        await done
        await asyncio.to_thread(service.process.wait, PATIENCE)
    assert (pictures / "c.pdf").read_bytes() == document
    signed = pictures / "c-signed.pdf"
    if not signed.exists():
        return
    assert moment is not None
    assert signed.read_bytes().startswith(document)
    assert await asyncio.to_thread(main, ["verify", str(signed), "--json"]) == 0
    (report,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert report["signatures"][0]["hand"]["signer"] == "Zhang San"
    assert hashlib.sha256(document).hexdigest() in signed.read_bytes().decode("latin-1")
