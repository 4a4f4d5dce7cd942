"""Strokes that are kept: encrypted for the organisation, in what the signature covers, and nowhere else."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pikepdf
import pytest

pytest.importorskip("pyhanko", reason="the extra archive is not installed")

from server import config as configuration
from server.config import Config
from server.errors import FileUnreadable
from tests.functional.conftest import Running
from tests.functional.page import Message, Page, connect
from tests.functional.signer import Signer, Strokes
from tests.unit.documents.samples import text_pdf

pytestmark = pytest.mark.long
STROKES: Strokes = [[[0.123456, 0.5, 0.0, 0.777777], [0.5, 0.25, 8.5, 0.5], [0.9, 0.75, 20.0, 0.1]]]
PLACE = {"signer": "Zhang San", "page": 2, "left": 20, "top": 30, "width": 40, "height": 15}


@pytest.fixture
def organisation(tmp_path: Path) -> Path:
    """A folder with the key and the certificate of whoever may read strokes."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    make = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=archive -keyout key.pem -out cert.pem"
    subprocess.run(make.split(), cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


@pytest.fixture
def config(tmp_path: Path, organisation: Path) -> Config:
    return Config(
        storage=configuration.StorageConfig(root=str(tmp_path / "pictures")),
        signature=configuration.SignatureConfig("strokes", str(organisation / "cert.pem")),
    )


async def openssl(command: str, folder: Path) -> tuple[int, bytes]:
    """Run it in a folder; its status, and what it says."""
    run = partial(subprocess.run, command.split(), cwd=folder, check=False, capture_output=True)
    done = await asyncio.to_thread(run)
    return done.returncode, done.stdout


async def signed(service: Running, page: Page) -> Message:
    """The answer to a request for a signature, which is written."""
    (service.root / "c.pdf").write_bytes(text_pdf("one", "two"))
    number = await page.send("RequestSignature", imagePath="c.pdf", **PLACE)
    url = (await page.answer(number))["url"]
    async with Signer(url) as signer:
        assert await signer.sign(STROKES) == 200
    while (message := await page.answer(number))["func"] == "Notify":
        pass
    return message


def private(document: pikepdf.Pdf) -> Any:
    """The dictionary that an appearance keeps for itself."""
    return document.pages[1].Annots[0].AP.N.PieceInfo.GAOP.Private


async def test_strokes_are_for_the_organisation_alone(service: Running, organisation: Path) -> None:
    async with connect(service.url) as page:
        answer = await signed(service, page)
        assert answer["result"] == 0, answer
        verdict = await page.must("VerifyFile", path="c-signed.pdf")
    assert verdict["holds"] and verdict["signatures"][0]["hand"]["strokes"]
    with pikepdf.open(service.root / "c-signed.pdf") as document:
        streams = [one.read_bytes() for one in document.objects if isinstance(one, pikepdf.Stream)]
        assert not any(b"0.123456" in one or b"0.777777" in one for one in streams)
        encrypted = private(document).Strokes.read_bytes()
        record = json.loads(private(document).Signature.read_bytes())
    assert record["strokes"] == hashlib.sha256(encrypted).hexdigest()
    (organisation / "strokes.p7m").write_bytes(encrypted)
    read = "openssl cms -decrypt -inform DER -in strokes.p7m -inkey key.pem"
    _, said = await openssl(read, organisation)
    told = json.loads(said)
    assert told["strokes"] == STROKES
    assert told["document"] == record["document"]
    assert told["document"]["sha256"] == hashlib.sha256((service.root / "c.pdf").read_bytes()).hexdigest()
    assert (told["width"], told["height"]) == pytest.approx((40 * 72 / 25.4, 15 * 72 / 25.4), abs=0.1)


async def test_strokes_of_another_are_told(service: Running) -> None:
    async with connect(service.url) as page:
        await signed(service, page)
        with pikepdf.open(service.root / "c-signed.pdf") as document:
            encrypted = private(document).Strokes.read_raw_bytes()
        data = (service.root / "c-signed.pdf").read_bytes()
        assert data.count(encrypted) == 1
        forged = data.replace(encrypted, encrypted[:-1] + bytes([encrypted[-1] ^ 1]))
        verdict = await page.must("VerifyFile", fileBase64=base64.b64encode(forged).decode())
    assert not verdict["holds"]
    assert {"altered", "hand.strokes"} <= set(verdict["signatures"][0]["problems"])


async def test_a_recipient_that_cannot_read_is_told_before_anybody_writes(
    service: Running, organisation: Path
) -> None:
    (service.root / "c.pdf").write_bytes(text_pdf("one", "two"))
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=a -keyout k -out c"
    assert (await openssl(make, organisation))[0] == 0
    async with connect(service.url) as page:
        for content in (b"", b"\xff\xfe", (organisation / "c").read_bytes()):
            (organisation / "cert.pem").write_bytes(content)
            answer = await page.ask("RequestSignature", imagePath="c.pdf", **PLACE)
            assert answer["result"] == FileUnreadable.code, answer
        (organisation / "cert.pem").unlink()
        answer = await page.ask("RequestSignature", imagePath="c.pdf", **PLACE)
        assert answer["result"] == FileUnreadable.code


def test_strokes_without_a_recipient_are_no_configuration() -> None:
    with pytest.raises(ValueError, match="recipient"):
        configuration.SignatureConfig("strokes")


async def test_the_file_is_signed_for_openssl_too(service: Running, tmp_path: Path) -> None:
    async with connect(service.url) as page:
        await signed(service, page)
    data = (service.root / "c-signed.pdf").read_bytes()
    with pikepdf.open(io.BytesIO(data)) as document:
        seal = document.pages[1].Annots[0].V
        start, size, again, rest = (int(one) for one in seal.ByteRange)
        (tmp_path / "seal.der").write_bytes(bytes(seal.Contents))
    (tmp_path / "content").write_bytes(data[start:size] + data[again : again + rest])
    check = "openssl cms -verify -binary -noverify -inform DER -in seal.der -content content -out /dev/null"
    assert (await openssl(check, tmp_path))[0] == 0
    (tmp_path / "content").write_bytes(data[start:size] + data[again : again + rest] + b" ")
    assert (await openssl(check, tmp_path))[0] != 0
