"""The folder of forms: what is kept comes back, and nothing else does."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from imgcore.forms import CheckRule, Form, FormZone, ZoneKind, find_form
from server.documents.form_print import read_print
from server.errors import StorageFull
from server.errors.forms import FormDamaged, FormUnknown, FormUnusable
from server.storage import forms as stored
from server.storage.forms import MOST_ZONES, FormFolder, zones_in
from synthetic.datasets.form_copies import draw_copy, draw_form
from tests.fakes.forms import as_json, zones
from tests.service import REPOSITORY


@pytest.fixture
def folder(tmp_path: Path) -> FormFolder:
    return FormFolder(tmp_path / "forms", read_print)


@pytest.fixture
def claim(folder: FormFolder) -> Form:
    return folder.teach("claim", draw_form(0).sample, zones(0))


def fresh(folder: FormFolder) -> FormFolder:
    return FormFolder(folder.path, read_print)


def zone(**changed: object) -> dict[str, object]:
    plain = {"name": "a", "kind": "text", "left": 10, "top": 10, "right": 90, "bottom": 40}
    return {**plain, **changed}


def test_a_form_comes_back_as_it_was_taught(folder: FormFolder, claim: Form) -> None:
    read = fresh(folder).read("claim")
    assert (read.name, read.version, read.print.zones) == ("claim", 1, zones(0))
    assert np.array_equal(read.print.grey, claim.print.grey)
    found = find_form(draw_copy(500, 0).picture, fresh(folder).all())
    assert found is not None and found.form.name == "claim"


def test_all_that_a_zone_may_say_comes_back(folder: FormFolder) -> None:
    full = FormZone(
        "卡号 No.", ZoneKind.NUMBER, 10, 10.5, 90, 40, "9999", CheckRule.LUHN, ("1230", "4562"), True
    )
    folder.teach("a", draw_form(0).sample, (full,))
    assert fresh(folder).read("a").print.zones == (full,)


def test_a_form_is_one_json_and_one_picture_and_both_are_private(folder: FormFolder, claim: Form) -> None:
    assert sorted(path.name for path in folder.path.iterdir()) == ["claim.json", "claim@1.png"]
    assert {path.stat().st_mode & 0o777 for path in folder.path.iterdir()} == {0o600}
    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_what_is_taught_again_is_the_next_version_and_read_at_once(folder: FormFolder, claim: Form) -> None:
    other = fresh(folder)
    assert other.read("claim").version == 1
    assert folder.teach("claim", draw_form(2).sample, zones(2)).version == 2
    assert other.read("claim").print.zones == zones(2)
    assert sorted(path.name for path in folder.path.iterdir()) == ["claim.json", "claim@2.png"]


def test_a_form_that_did_not_change_is_read_once(folder: FormFolder, claim: Form) -> None:
    reader = fresh(folder)
    assert reader.read("claim") is reader.read("claim")


def test_forms_that_nobody_asks_for_give_back_their_memory(folder: FormFolder, claim: Form) -> None:
    reader = fresh(folder)
    read = reader.read("claim")
    reader.forget(3600)
    assert reader.read("claim") is read
    reader.forget(0)
    again = reader.read("claim")
    assert again is not read and again.print.zones == read.print.zones


def test_a_form_goes_to_another_folder_and_back(folder: FormFolder, claim: Form, tmp_path: Path) -> None:
    other = FormFolder(tmp_path / "other", read_print)
    exported = folder.exported("claim")
    assert other.imported(exported).version == 1
    assert np.array_equal(fresh(other).read("claim").print.grey, claim.print.grey)
    assert other.imported(exported).version == 1, "the same form stays the version that it is"
    folder.teach("claim", draw_form(2).sample, zones(2))
    folder.teach("claim", draw_form(2).sample, zones(2))
    assert other.imported(folder.exported("claim")).version == 3, "versions agree from folder to folder"
    assert other.imported(exported).version == 4, "an older one that comes back is no older version"


def test_a_form_that_was_removed_is_unknown(folder: FormFolder, claim: Form) -> None:
    folder.remove("claim")
    assert list(folder.path.iterdir()) == [] and folder.all() == []
    for ask in (folder.read, folder.exported, folder.remove):
        with pytest.raises(FormUnknown):
            ask("claim")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../a", "a/b", "a@1", "-a", "a" * 65, "\U00020000" * 60, "a\n"]
)
def test_a_name_that_is_no_files_is_refused(folder: FormFolder, name: str) -> None:
    with pytest.raises(FormUnusable, match="a name has"):
        folder.teach(name, draw_form(0).sample, zones(0))
    with pytest.raises(FormUnknown):
        folder.read(name)


def test_names_may_be_chinese_and_as_long_as_they_may(folder: FormFolder) -> None:
    name = "理" * 64
    folder.teach(name, draw_form(0).sample, zones(0))
    assert fresh(folder).names() == [name] and fresh(folder).read(name).version == 1


def many(count: int) -> bytes:
    numbers = {"left": 10.123456789012, "top": 20.123456789012, "right": 30.5, "bottom": 40.25}
    return json.dumps({"zones": [zone(name=f"z{n}", **numbers) for n in range(count)]}).encode()


def test_as_many_zones_as_may_be_come_back(folder: FormFolder) -> None:
    folder.teach("a", draw_form(0).sample, zones_in(many(MOST_ZONES)))
    assert len(fresh(folder).read("a").print.zones) == MOST_ZONES


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"zones": []}',
        b'{"zones": {"$ref": "#/zones"}}',
        b"[" * 100_000,
        b'{"zones": ' * 100_000,
        b'{"zones": ' + b"[" * 100_000,
        b"\xff\xfe{}",
        b'{"zones": [{"name": "\\ud800"}]}',
        many(10_000),
        json.dumps({"zones": [zone(left=1e999)]}).encode(),
        json.dumps({"zones": [zone(left=-1)]}).encode(),
        json.dumps({"zones": [zone(right="90")]}).encode(),
        json.dumps({"zones": [zone(kind="picture")]}).encode(),
        json.dumps({"zones": [zone(check="sum")]}).encode(),
        json.dumps({"zones": [zone(name="a\nb")]}).encode(),
        json.dumps({"zones": [zone(inner=zone())]}).encode(),
        json.dumps({"zones": [zone()], "zone": 1}).encode(),
        json.dumps({"type": "FeatureCollection", "features": []}).encode(),
    ],
    ids=lambda text: text[:24].decode("latin-1") if isinstance(text, bytes) else None,
)
def test_foreign_json_is_no_list_of_zones(text: bytes) -> None:
    with pytest.raises(FormUnusable, match="not the JSON of a form"):
        zones_in(text)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"right": 5}, "empty or reaches beyond"),
        ({"right": 10.5}, "empty or reaches beyond"),
        ({"bottom": 90_000}, "empty or reaches beyond"),
        ({"kind": "tick", "right": 410, "bottom": 20}, "tick box is over"),
    ],
)
def test_zones_that_fit_no_sample_are_refused(folder: FormFolder, changed: dict[str, Any], told: str) -> None:
    given = zones_in(json.dumps({"zones": [zone(**changed)]}).encode())
    with pytest.raises(FormUnusable, match=told):
        folder.teach("a", draw_form(0).sample, given)
    assert folder.names() == []


def test_two_zones_of_one_name_are_refused(folder: FormFolder) -> None:
    twice = zones_in(json.dumps({"zones": [zone(), zone()]}).encode())
    with pytest.raises(FormUnusable, match="two zones"):
        folder.teach("a", draw_form(0).sample, twice)


@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (60, 60, 3), (900, 700, 3)])
def test_a_sample_without_print_is_refused(folder: FormFolder, shape: tuple[int, ...]) -> None:
    with pytest.raises(FormUnusable, match="too little print"):
        folder.teach("a", np.full(shape, 255, np.uint8), ())


def test_a_sample_that_zones_cover_is_refused(folder: FormFolder) -> None:
    sample = draw_form(0).sample
    rows, cols = sample.shape[:2]
    with pytest.raises(FormUnusable, match="too little print"):
        folder.teach("a", sample, (FormZone("all", ZoneKind.TEXT, 0, 0, cols, rows),))


def test_no_more_forms_than_may_be(folder: FormFolder, claim: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST_FORMS", 1)
    with pytest.raises(FormUnusable, match="forms already"):
        folder.teach("b", draw_form(0).sample, zones(0))
    assert folder.teach("claim", draw_form(0).sample, zones(0)).version == 2


def exported(folder: FormFolder, **changed: object) -> bytes:
    return json.dumps({**json.loads(folder.exported("claim")), **changed}).encode()


def png(shape: tuple[int, ...]) -> str:
    return base64.b64encode(cv2.imencode(".png", np.full(shape, 255, np.uint8))[1]).decode()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"picture": ""}, "picture"),
        ({"picture": "?"}, "picture"),
        ({"picture": base64.b64encode(b"GIF89a").decode()}, "picture"),
        ({"picture": png((1, 1))}, "beyond the sample"),
        ({"picture": png((2000, 2000))}, "picture"),
        ({"picture": png((1400, 990))}, "too little print"),
        ({"name": "../claim"}, "a name has"),
        ({"version": 0}, "not the JSON"),
        ({"scale": 0}, "not the JSON"),
        ({"scale": 1e-300}, "not the JSON"),
        ({"zones": [zone(right=1e5)]}, "beyond the sample"),
        ({"extra": 1}, "not the JSON"),
    ],
)
def test_what_is_no_exported_form_is_refused(
    folder: FormFolder, claim: Form, changed: dict[str, object], told: str, tmp_path: Path
) -> None:
    other = FormFolder(tmp_path / "other", read_print)
    with pytest.raises(FormUnusable, match=told):
        other.imported(exported(folder, **changed))
    assert other.names() == []


def test_an_exported_form_that_is_too_large_is_refused(folder: FormFolder) -> None:
    with pytest.raises(FormUnusable, match="more than 8 MiB"):
        folder.imported(b" " * (stored.MOST_BYTES + 1))


@pytest.mark.parametrize("damage", ["cut", "empty", "foreign", "renamed", "no picture", "torn picture"])
def test_a_damaged_form_is_named_and_can_be_taught_or_removed(
    folder: FormFolder, claim: Form, damage: str
) -> None:
    file = folder.path / "claim.json"
    picture = folder.path / "claim@1.png"
    content = file.read_bytes()
    if damage == "no picture":
        picture.unlink()
    elif damage == "torn picture":
        picture.write_bytes(picture.read_bytes()[:40])
    else:
        changed = {"cut": content[:50], "empty": b"", "foreign": b"[]"}
        file.write_bytes(changed.get(damage, content.replace(b'"claim"', b'"other"')))
    reader = fresh(folder)
    with pytest.raises(FormDamaged, match="The stored form claim is damaged"):
        reader.all()
    with pytest.raises(FormDamaged):
        reader.exported("claim")
    assert reader.teach("claim", draw_form(0).sample, zones(0)).version >= 1
    assert [form.name for form in fresh(folder).all()] == ["claim"]
    file.write_bytes(b"")
    reader.remove("claim")
    assert list(folder.path.iterdir()) == []


def test_a_disk_that_refuses_is_told(folder: FormFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stored, "write_private", full)
    with pytest.raises(StorageFull):
        folder.teach("a", draw_form(0).sample, zones(0))


@pytest.mark.parametrize("guide", ["forms.md", "forms.zh.md"])
def test_zones_of_the_guide_can_be_used(guide: str) -> None:
    text = (REPOSITORY / "docs" / guide).read_text(encoding="utf-8")
    block = text.partition("```json\n")[2].partition("```")[0]
    assert [zone.name for zone in zones_in(block.encode())] == ["card", "born", "member", "signed"]


def test_zones_come_as_they_were_written() -> None:
    assert zones_in(as_json(0)) == zones(0)
