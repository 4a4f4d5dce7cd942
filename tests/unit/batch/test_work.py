"""One page in, pictures and a report out, whatever happens."""

from __future__ import annotations

import io
import json
from pathlib import Path

import img2pdf
import numpy as np
import pikepdf
import PIL.Image
import pytest

from imgcore import codec
from imgcore.settings import Crop, ImageType, Rect, Settings
from imgcore.types import NO_CROP, Image, ProcessingReport, Result, StageReport
from models import locate
from server.batch import work
from server.batch.work import EnhanceRequest, enhance_page
from server.services.pictures.model_cache import ModelCache

PLAIN = EnhanceRequest(Settings(), "png")


def picture(value: int = 90) -> bytes:
    return codec.encode(np.full((20, 30), value, np.uint8), "png")


def test_the_report_names_every_stage_with_its_time() -> None:
    answer = enhance_page(picture(), 1, EnhanceRequest(Settings(rotate=90), "png"))
    assert answer.failure is None
    assert answer.pages == 1
    stages = {stage["name"]: stage for stage in answer.stages}
    assert stages["rotate"]["applied"]
    assert stages["rotate"]["values"] == {"clockwise": 90}
    assert not stages["crop"]["applied"]
    assert stages["crop"]["note"]
    assert answer.milliseconds > 0


def test_figures_of_numpy_are_told_as_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"degrees": np.float32(0.5), "corners": np.eye(2), "name": Path("x")}

    def measured(image: Image, *_: object) -> Result:
        report = ProcessingReport((StageReport("deskew", True, 0.0, "", values),))
        return Result((image,), report, (image,), (0.0,), (NO_CROP,))

    monkeypatch.setattr(work, "process", measured)
    (stage,) = enhance_page(picture(), 1, PLAIN).stages
    assert json.loads(json.dumps(stage["values"])) == {
        "degrees": 0.5,
        "corners": [[1.0, 0.0], [0.0, 1.0]],
        "name": "x",
    }


def test_a_bad_picture_is_a_failure_in_both_languages() -> None:
    failure = enhance_page(b"no picture", 1, PLAIN).failure
    assert failure is not None
    assert "not a JPEG" in failure.en
    assert "图片" in failure.zh


def test_an_unforeseen_error_is_told_by_kind_and_place_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("name of a person")

    monkeypatch.setattr(work, "process", broken)
    failure = enhance_page(picture(), 1, PLAIN).failure
    assert failure is not None
    assert "ZeroDivisionError" in failure.en
    assert "test_work:" in failure.en
    assert "person" not in failure.en + failure.zh


def test_no_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(work, "process", broken)
    failure = enhance_page(picture(), 1, PLAIN).failure
    assert failure is not None
    assert "--workers" in failure.en


def test_pages_of_a_pdf_keep_their_size() -> None:
    """A page of 40 x 60 points comes out as one, in whatever resolution it was scanned."""
    layout = img2pdf.get_layout_fun((40, 60))
    scanned = img2pdf.convert(codec.encode(np.full((240, 160), 90, np.uint8), "png"), layout_fun=layout)
    answer = enhance_page(scanned, 1, EnhanceRequest(Settings(), "pdf"))
    with pikepdf.open(io.BytesIO(answer.pictures[0])) as opened:
        assert np.allclose([float(side) for side in opened.pages[0].mediabox], [0, 0, 40, 60], atol=0.1)


def test_pages_of_a_tiff_keep_their_size_in_a_pdf() -> None:
    sink = io.BytesIO()
    PIL.Image.new("L", (200, 400), 90).save(sink, "TIFF", dpi=(200, 200))
    answer = enhance_page(sink.getvalue(), 1, EnhanceRequest(Settings(), "pdf"))
    with pikepdf.open(io.BytesIO(answer.pictures[0])) as opened:
        assert np.allclose([float(side) for side in opened.pages[0].mediabox], [0, 0, 72, 144], atol=0.1)


def test_black_and_white_becomes_ccitt_in_a_pdf() -> None:
    page = np.where(np.eye(300) > 0, 0, 255).astype(np.uint8)
    answer = enhance_page(codec.encode(page, "png"), 1, EnhanceRequest(Settings(), "pdf"))
    assert b"/CCITTFaxDecode" in answer.pictures[0]
    assert len(answer.pictures[0]) < 6000


@pytest.mark.parametrize("suffix", work.FORMATS)
def test_the_same_page_gives_the_same_bytes(suffix: str) -> None:
    request = EnhanceRequest(Settings(image_type=ImageType.GREY), suffix)
    first, second = (enhance_page(picture(), 1, request).pictures for _ in range(2))
    assert first == second
    assert len(first) == 1


def test_requests_are_told_apart_by_what_they_ask_for() -> None:
    asked = [
        EnhanceRequest(Settings(), "png"),
        EnhanceRequest(Settings(), "jpg"),
        EnhanceRequest(Settings(crop=Crop.SINGLE), "png"),
        EnhanceRequest(Settings(crop=Crop.MANUAL, rect=Rect(0, 0, 5, 5)), "png"),
        EnhanceRequest(Settings(crop=Crop.MANUAL, rect=Rect(0, 0, 5, 6)), "png"),
        EnhanceRequest(Settings(deskew=True), "png"),
    ]
    assert len({request.digest() for request in asked}) == len(asked)


def test_only_what_was_asked_for_counts() -> None:
    """An option that a later version adds must not make a million pages be done again."""
    assert EnhanceRequest(Settings(rotate=90), "png").digest() == "158b95a8433edd43"


def test_a_damaged_installation_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(locate, "OWN", tmp_path)
    monkeypatch.setattr(work, "_cache", ModelCache)
    failure = enhance_page(picture(), 1, EnhanceRequest(Settings(crop=Crop.MULTI), "png")).failure
    assert failure is not None
    assert "document-scoring" in failure.en and "installs gaopai again" in failure.en
    assert "重新安装" in failure.zh
