"""Stamps of a batch: on every page, in its colours, and told apart by the journal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore import codec
from imgcore.output.finish import ColourMode, OutputSettings
from imgcore.settings import Crop, Settings
from imgcore.types import Image
from server.batch.work import EnhanceRequest, PageStamp, enhance_page
from server.cli import main
from tests.unit.documents.samples import drawn

RED = (0, 0, 200)
LOOK = PageStamp(codec.encode(np.full((40, 80, 3), RED, np.uint8), "png"), 0, 20)
PLAIN = EnhanceRequest(Settings(crop=Crop.NONE), "png", stamp=LOOK)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((1000, 800, 3), 255, np.uint8))
    return tmp_path / "a.png"


def made(page: Path, request: EnhanceRequest) -> Image:
    (data,) = enhance_page(page, 1, request).pictures
    return drawn(data, scale=2) if request.format == "pdf" else codec.decode(data, 1 << 24)


def inked(picture: Image) -> np.ndarray:
    """Rows and columns of what is not white."""
    return np.argwhere((picture if picture.ndim == 2 else picture.min(axis=2)) < 200)


def test_a_page_gets_its_stamp_in_mm(page: Path) -> None:
    output = OutputSettings(dots=200)
    found = inked(made(page, replace(PLAIN, output=output)))
    assert np.ptp(found[:, 1]) == pytest.approx(20 / 25.4 * 200, abs=2)
    assert found.min(axis=0) == pytest.approx((24, 24), abs=2)


@pytest.mark.parametrize(("position", "half"), [(0, (False, False)), (2, (False, True)), (8, (True, True))])
def test_positions_go_row_by_row(page: Path, position: int, half: tuple[bool, bool]) -> None:
    found = inked(made(page, replace(PLAIN, stamp=replace(LOOK, position=position))))
    assert (found[:, 0].mean() > 500, found[:, 1].mean() > 400) == half


@pytest.mark.parametrize("mode", [ColourMode.GREY, ColourMode.BLACK_WHITE])
def test_a_grey_result_stays_grey(page: Path, mode: ColourMode) -> None:
    picture = made(page, replace(PLAIN, output=OutputSettings(colour_mode=mode)))
    assert picture.ndim == 2 and len(inked(picture)) > 500


def test_a_pdf_has_it_too(page: Path) -> None:
    assert len(inked(made(page, replace(PLAIN, format="pdf")))) > 500


def test_the_journal_tells_stamps_apart() -> None:
    without = replace(PLAIN, stamp=None).digest()
    digests = {
        without,
        PLAIN.digest(),
        replace(PLAIN, stamp=replace(LOOK, position=1)).digest(),
        replace(PLAIN, stamp=replace(LOOK, width=30)).digest(),
        replace(PLAIN, stamp=replace(LOOK, image=codec.encode(np.zeros((2, 2), np.uint8), "png"))).digest(),
    }
    assert len(digests) == 5 and EnhanceRequest(Settings(crop=Crop.NONE), "png").digest() == without


def test_the_command_takes_a_file_or_a_text(page: Path, tmp_path: Path) -> None:
    seal = np.zeros((60, 60, 4), np.uint8)
    cv2.circle(seal, (30, 30), 25, (*RED, 255), -1)
    cv2.imwrite(str(tmp_path / "seal.png"), seal)
    command = ["enhance", str(page), "-o", str(tmp_path / "out"), "--crop", "none", "--force"]
    for wish in (["--stamp", str(tmp_path / "seal.png")], ["--stamp-text", "SEEN\\n{date}"]):
        assert main([*command, *wish]) == 0
        picture = cv2.imread(str(tmp_path / "out/a.png"))
        ink = inked(picture)
        assert len(ink) > 200 and ink.mean(axis=0).min() > 400


@pytest.mark.parametrize(
    "wish",
    [
        ["--stamp", "{folder}/none.png"],
        ["--stamp", "{folder}/no-picture.png"],
        ["--stamp", "{folder}"],
        ["--stamp-text", "x", "--stamp-color", "red"],
    ],
)
def test_a_wrong_stamp_stops_the_batch_before_it_begins(
    page: Path, tmp_path: Path, wish: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "no-picture.png").write_text("no picture")
    words = [word.format(folder=tmp_path) for word in wish]
    assert main(["enhance", str(page), "-o", str(tmp_path / "out"), *words]) == 2
    assert "--stamp" in capsys.readouterr().err and not (tmp_path / "out").exists()


@pytest.mark.parametrize("wish", [["--stamp-width", "0"], ["--stamp-position", "9"]])
def test_a_stamp_out_of_range_is_refused(page: Path, wish: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(["enhance", str(page), "-o", "out", *wish])
