"""Names from templates: their parts, their numbers, and that none is given twice."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path

import pytest

from server.access.client import Client
from server.devices.ports.camera import Size
from server.errors import BadName, BadSuffix, FileExists, NamePartMissing, PathOutside
from server.services.pictures.naming import (
    CARD_SECONDS,
    CardNumbers,
    FileNamer,
    NameTemplate,
    SeriesPlan,
    safe_content,
    time_values,
)
from server.services.pictures.output import EncodedPicture
from server.storage.paths import NumberedName, Numbers
from server.storage.root import Storage

CLIENT = Client(1, "https://oa.example.cn")
NOW = datetime(2026, 11, 27, 9, 5, 7)


def picture(data: bytes = b"x", barcode: str = "") -> EncodedPicture:
    return EncodedPicture(data, Size(1, 1), barcode)


def saved(
    storage: Storage, template: str, *pictures: EncodedPicture, cards: CardNumbers | None = None
) -> list[str]:
    plan = FileNamer(cards or CardNumbers()).plan(CLIENT, template, storage)
    plan.check()
    return [str(path.relative_to(storage.root)) for path in plan.save(pictures or (picture(),))]


def test_numbers_go_on_from_what_is_there(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    assert saved(storage, "in/a-{seq}.jpg") == ["in/a-0001.jpg"]
    assert saved(storage, "in/a-{seq}.jpg", picture(), picture()) == ["in/a-0002.jpg", "in/a-0003.jpg"]
    (tmp_path / "in" / "a-0041.jpg").write_bytes(b"")
    (tmp_path / "in" / "b-0900.jpg").write_bytes(b"")
    assert saved(storage, "in/a-{seq}.jpg") == ["in/a-0042.jpg"]
    assert saved(storage, "out/a-{seq:2}.jpg") == ["out/a-01.jpg"], "each folder counts for itself"
    (tmp_path / "in" / "a-0042.jpg").unlink()
    assert saved(storage, "in/a-{seq}.jpg") == ["in/a-0043.jpg"], "a number is not given twice"


def test_a_template_without_a_number_gets_one_where_it_must(tmp_path: Path) -> None:
    storage = Storage(tmp_path, "always")
    today = time_values(datetime.now())["date"]
    assert saved(storage, "{date}.png") == [f"{today}.png"]
    assert saved(storage, "{date}.png", picture(), picture()) == [f"{today}-2.png", f"{today}-3.png"]


def test_a_barcode_is_part_of_the_name_and_cannot_lead_elsewhere(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    names = saved(
        storage, "{barcode}.jpg", picture(barcode="../../etc/x"), picture(barcode="AB 12/7"), picture()
    )
    assert names == ["etc-x.jpg", "AB-12-7.jpg", "nobarcode.jpg"]
    assert saved(storage, "{barcode}-{seq}.jpg", picture(barcode="合同7"), picture(barcode="合同7")) == [
        "合同7-0001.jpg",
        "合同7-0002.jpg",
    ]
    assert len(safe_content("7" * 100)) == 64 and safe_content("\x00\x1b/..\\7") == "7"


def test_a_card_names_files_while_its_holder_is_there(tmp_path: Path) -> None:
    now = [0.0]
    cards = CardNumbers(lambda: now[0])
    storage = Storage(tmp_path)
    with pytest.raises(NamePartMissing):
        saved(storage, "{idNum}.jpg", cards=cards)
    cards.keep(CLIENT, "11010519491231002X")
    assert saved(storage, "{idNum}/{seq}.jpg", cards=cards) == ["11010519491231002X/0001.jpg"]
    now[0] = CARD_SECONDS + 1
    with pytest.raises(NamePartMissing):
        saved(storage, "{idNum}.jpg", cards=cards)
    now[0] = 0.0
    cards.release(CLIENT)
    with pytest.raises(NamePartMissing):
        saved(storage, "{idNum}.jpg", cards=cards)


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{name}.jpg", BadName),
        ("{seq:0}.jpg", BadName),
        ("{seq}-{seq}.jpg", BadName),
        ("{barcode}/a.jpg", BadName),
        ("{seq}/a.jpg", BadName),
        ("{date}.exe", BadSuffix),
        ("{date}", BadSuffix),
        ("../{date}.jpg", PathOutside),
        ("//host/{date}.jpg", PathOutside),
        (".{date}.jpg", BadName),
    ],
)
def test_a_bad_template_is_refused_before_anything_is_written(
    tmp_path: Path, template: str, error: type[Exception]
) -> None:
    storage = Storage(tmp_path)
    with pytest.raises(error):
        saved(storage, template)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_case_names_files_of_its_page_and_cannot_lead_elsewhere(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    try:
        CLIENT.page.case = "../2024/118"
        assert saved(storage, "{case}/{case}-{seq}.jpg") == ["2024-118/2024-118-0001.jpg"]
        CLIENT.page.case = " "
        assert saved(storage, "{case}.jpg") == ["nocase.jpg"]
    finally:
        CLIENT.page.case = ""


def test_the_configured_template_names_what_requests_do_not(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    namer = FileNamer(CardNumbers(), "{date}/s-{seq}")
    plan = namer.plan(CLIENT, "", storage)
    assert plan.save([picture()])[0].name == "s-0001.jpg"
    assert isinstance(namer.plan(CLIENT, "mine.png", storage), SeriesPlan)
    assert namer.plan(CLIENT, "own-{seq}.png", storage).save_next(picture()).name == "own-0001.png"


def test_nothing_is_left_of_a_series_that_fails(tmp_path: Path) -> None:
    storage = Storage(tmp_path, quota_bytes=10)
    with pytest.raises(Exception, match="full"):
        saved(storage, "q/{seq}.jpg", picture(b"x" * 8), picture(b"x" * 8))
    assert list(tmp_path.rglob("*.jpg")) == []


def test_many_at_once_never_meet(tmp_path: Path) -> None:
    storages = [Storage(tmp_path), Storage(tmp_path)]
    names: list[str] = []

    def save(storage: Storage) -> None:
        for _ in range(20):
            names.extend(saved(storage, "{seq}.jpg"))

    threads = [threading.Thread(target=save, args=(storage,)) for storage in storages * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 80 == len(list(tmp_path.glob("*.jpg")))


def test_a_name_knows_its_own_numbers() -> None:
    name = NumberedName("a-", ".jpg", 4)
    assert name.highest(["a-7.jpg", "a-0012.jpg", "a-x.jpg", "b-0099.jpg", "a-0013.jpg.bak"]) == 12
    open_name = NumberedName("a", ".jpg", 0)
    assert open_name.highest(["a.jpg", "a-3.jpg", "a3.jpg"]) == 3
    assert (open_name.file(1), open_name.file(2)) == ("a.jpg", "a-2.jpg")
    numbers = Numbers()
    assert [numbers.next("", name, []) for _ in range(3)] == [1, 2, 3]
    assert NameTemplate("{date}/{time}-{seq:2}.jpg").folder(time_values(NOW)) == "20261127"


def test_existing_names_are_errors_as_before(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(FileExists):
        saved(Storage(tmp_path), "a.jpg")
