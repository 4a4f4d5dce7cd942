"""Names, numbers, portraits, prints, features and PINs are in the answers, and nowhere else."""

from __future__ import annotations

import asyncio
import base64
import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from server.devices.ports.card_reader import BankCard, CardKind, ResidentCard, SocialCard
from server.devices.ports.fingerprint_sensor import FingerprintScan
from server.errors import CardTakenAway, FingerUnclear
from server.protocol.messages import cards, fingerprints
from server.services.cards.reading import CardReadOptions
from tests.fakes.card_reader import RESIDENT, SOCIAL
from tests.fakes.finger_sensor import press, print_of
from tests.functional.conftest import Running, Watch
from tests.functional.page import Page, connect

NAME = "司马金丝雀"
NUMBER = "330102197709010042"
BANK_NUMBER = "6217000000000000019"
PIN = "902173"
ADDRESS = "金丝雀胡同 77 号"
PORTRAIT = b"WLf\0canary of a portrait" + bytes(1000)
FEATURE = b"FMR" + bytes(range(200, 232))
RESIDENT_CANARY = replace(
    RESIDENT, name=NAME, number=NUMBER, address=ADDRESS, portrait_wlt=PORTRAIT, finger_features=FEATURE
)
CARDS: dict[CardKind, ResidentCard | SocialCard | BankCard] = {
    CardKind.RESIDENT: RESIDENT_CANARY,
    CardKind.SOCIAL: replace(SOCIAL, name=NAME, number=NUMBER, card_number="CANARY77X"),
    CardKind.BANK: BankCard(BANK_NUMBER, "2031-12"),
}
PLANTED = (
    *(text.encode() for text in (NAME, NUMBER, BANK_NUMBER, PIN, ADDRESS, "CANARY77X")),
    *(NAME.encode(code) for code in ("gb18030", "utf-16-le")),
    NAME.encode("unicode_escape"),
    b"canary of a portrait",
    FEATURE[3:],
    base64.b64encode(FEATURE)[:32],
    base64.b64encode(PORTRAIT)[:24],
)


def birds_in(content: bytes) -> list[bytes]:
    """The canaries that fly in `content`."""
    return [bird for bird in PLANTED if bird in content]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go while a test runs."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def written(*folders: Path) -> bytes:
    """All names and contents of the files below `folders`."""
    paths = [path for folder in folders for path in folder.rglob("*")]
    return b"".join(str(path).encode() + (path.read_bytes() if path.is_file() else b"") for path in paths)


async def read_and_fail(page: Page, service: Running) -> list[str]:
    """Every way a reading can go; the error texts that pages get."""
    reader = service.reader
    told = []
    for kind in CardKind:
        answer = await page.must("ReadIDCardInfo", idType=int(kind), pin=PIN)
        told.append(str(answer.get("errorMsg")))
    faults = (CardTakenAway(device="Reader"), RuntimeError(NAME + NUMBER), ValueError(PORTRAIT))
    for fault in faults:
        reader.fault = fault  # type: ignore[assignment]
        told.append((await page.ask("ReadIDCardInfo", pin=PIN))["errorMsg"])
    reader.fault = None
    reader.cards[CardKind.RESIDENT] = replace(RESIDENT_CANARY, finger_features=NAME)  # type: ignore[arg-type]
    told.append((await page.ask("ReadIDCardInfo"))["errorMsg"])
    del reader.cards[CardKind.BANK]
    told.append((await page.ask("ReadIDCardInfo", idType=2))["errorMsg"])
    told.append((await page.ask("ReadIDCardInfo", idType=1, pin=f"{PIN}x"))["errorMsg"])
    reader.going_on.clear()
    number = await page.send("ReadIDCardInfo", pin=PIN)
    await asyncio.sleep(0.02)
    await page.must("CancelScan")
    told.append(str(number))
    reader.going_on.set()
    return told


async def press_and_fail(page: Page, service: Running) -> list[str]:
    """Every way a comparison can go."""
    coded = base64.b64encode(FEATURE).decode()
    picture = base64.b64encode(cv2.imencode(".png", print_of(230))[1]).decode()
    service.sensor.presses = [press(230), press(230), press(100), FingerUnclear(reason="short"), press(230)]
    await page.must("FingerMatch", fingerFeature=coded)
    await page.must("FingerMatch", fingerImageBase64=picture)
    told = [(await page.ask("FingerMatch", fingerFeature=coded, timeout=0))["errorMsg"]]
    told.append((await page.ask("ReadFingerInfo"))["errorMsg"])
    await page.must("ReadFingerInfo")
    damaged = base64.b64encode(b"\x89PNG\r\n\x1a\n" + FEATURE).decode()
    for wrong in (coded[:-1], base64.b64encode(b"GA" + FEATURE).decode(), f"{coded};%"):
        told.append((await page.ask("FingerMatch", fingerFeature=wrong))["errorMsg"])
    told.append((await page.ask("FingerMatch", fingerImageBase64=damaged))["errorMsg"])
    service.sensor.presses = [FingerprintScan(print_of(230)[:0], 500.0)]
    told.append((await page.ask("FingerMatch", fingerFeature=coded))["errorMsg"])
    return told


async def test_what_is_read_is_nowhere_but_in_answers(
    service: Running, watch: Watch, scratch: Path, tmp_path: Path
) -> None:
    service.reader.cards.update(CARDS)
    async with connect(service.url) as page:
        told = await read_and_fail(page, service)
        told += await press_and_fail(page, service)
        await page.send("ReadIDCardInfo", idType=1, pin=PIN)
    await service.stop()
    assert len(watch.said) > 3, "somebody listened"
    assert any("incident" in line for line in watch.said), "what went wrong was logged"
    assert birds_in("\n".join(watch.said).encode()) == []
    assert birds_in("\n".join(told).encode()) == []
    assert birds_in(written(scratch, tmp_path)) == []


def test_a_canary_is_seen_where_it_flies(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"..." + NAME.encode("gb18030"))
    assert birds_in(written(tmp_path)) == [NAME.encode("gb18030")]
    assert birds_in(base64.b64encode(PORTRAIT)) != []


def test_no_repr_says_it() -> None:
    resident = cards.CardInfo(
        name=NAME,
        id=NUMBER,
        address=ADDRESS,
        **dict.fromkeys(("gender", "folk", "birth", "issue", "start_date", "end_date"), NAME),
        **dict.fromkeys(("image_base64", "finger_feature"), NAME),
    )
    social = cards.SocialCardInfo(
        **dict.fromkeys(("name", "id", "gender", "folk", "birth", "address", "card_number"), NAME)
    )
    holders = [
        *CARDS.values(),
        CardReadOptions(CardKind.SOCIAL, pin=PIN),
        cards.ReadIDCardInfoRequest(pin=PIN),
        resident,
        social,
        cards.ReadIDCardInfoAnswer.resident(resident),
        cards.ReadIDCardInfoAnswer(id_card_info=social, id_num=BANK_NUMBER),
        fingerprints.ReadFingerInfoAnswer(finger_image_base64=NAME, finger_feature=NAME),
        fingerprints.FingerMatchRequest(finger_image_base64=NAME, finger_feature=NAME),
        fingerprints.FingerMatchAnswer(finger_image_base64=NAME),
    ]
    for holder in holders:
        assert birds_in(repr(holder).encode()) == [], type(holder).__name__
