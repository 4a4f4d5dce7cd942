"""``gaopai calibrate`` and the file it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.reliability.service import DEMO_ONLY
from server.cli import calibrate, main
from server.cli.calibrate import NotCalibrated, measure, uncertainty
from server.services.cameras.kept import SCALES_FILE, DeskScales
from server.storage.private_file import PrivateFileUnreadable

A4 = (210.0, 297.0)
PICTURE = (1600, 1200)
SHEET = np.array([(300, 100), (1000, 100), (1000, 1090), (300, 1090)], np.float64) - 0.5


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    return tmp_path / "gaopai-access"


@pytest.fixture
def demo(tmp_path: Path, folder: Path) -> list[str]:
    """The command, for a machine with nothing but the demo devices."""
    path = tmp_path / "demo.toml"
    path.write_text(DEMO_ONLY, encoding="utf-8")
    return ["calibrate", "--demo", "--config", str(path)]


@pytest.mark.long
def test_the_demo_camera_is_calibrated_and_forgotten(
    demo: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*demo, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["dpi"] > 100
    assert printed["uncertainty"] < 0.01
    assert (folder / SCALES_FILE).stat().st_mode & 0o777 == 0o600
    (kept,) = DeskScales(folder).read().values()
    size = kept.size(np.array([(0, 0), (1e3, 0), (1e3, 750), (0, 750)]), (1000, 750))
    assert size is not None
    assert 300 < size[0] < 600
    assert main([*demo, "--forget"]) == 0
    assert DeskScales(folder).read() == {}


@pytest.mark.long
def test_another_sheet_than_named_is_refused(
    demo: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*demo, "--sheet", "240x140"]) == 1
    assert "--sheet" in capsys.readouterr().err
    assert not (folder / SCALES_FILE).exists()


def test_a_camera_that_is_not_there_is_named(demo: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*demo, "--camera", "99"]) == 1
    assert "there is no camera 99" in capsys.readouterr().err


def test_without_a_camera_it_says_what_to_do(
    demo: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(finders: object) -> list[object]:
        return []

    monkeypatch.setattr(calibrate, "list_cameras", none)
    assert main(demo) == 1
    assert "no camera is connected; plug it in" in capsys.readouterr().err


@pytest.mark.parametrize("sheet", ["a3x", "2x1", "0x0", "210", "9000x20"])
def test_a_sheet_is_known_or_has_two_sides(sheet: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", "--sheet", sheet])
    assert ended.value.code == 2


def test_a_sheet_may_lie_either_way() -> None:
    for quad in (SHEET, np.roll(SHEET, 1, axis=0)):
        size = measure(quad, PICTURE, A4).size(SHEET, PICTURE)
        assert size == pytest.approx(A4, rel=2e-3)


def test_a_sheet_of_other_proportions_is_no_ruler() -> None:
    with pytest.raises(NotCalibrated, match=r"1\.41 : 1"):
        measure(SHEET, PICTURE, (85.6, 53.98))


def test_a_small_sheet_tells_less() -> None:
    small = (SHEET - SHEET[0]) * 0.2 + SHEET[0]
    assert uncertainty(small, PICTURE, A4) > 2 * uncertainty(SHEET, PICTURE, A4)


@pytest.mark.long
def test_a_moving_sheet_is_waited_for_and_then_given_up(
    demo: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calibrate, "STILL", 0.0)
    monkeypatch.setattr(calibrate, "MOST_FRAMES", 6)
    assert main(demo) == 1
    assert "no sheet lies still" in capsys.readouterr().err


class TestFile:
    scale = measure(SHEET, PICTURE, A4)

    def test_a_change_is_seen_without_a_restart(self, tmp_path: Path) -> None:
        scales = DeskScales(tmp_path)
        assert scales.of("one") is None
        DeskScales(tmp_path).keep("one", self.scale)
        assert scales.of("one") == self.scale
        assert scales.of("another") is None
        DeskScales(tmp_path).keep("one", None)
        assert scales.of("one") is None

    @pytest.mark.parametrize(
        "content",
        ["{", "[]", '{"cameras":{"one":{"homography":[1],"aspect":1}}}', '{"version":2}', "\udcff"],
    )
    def test_a_damaged_file_costs_the_resolution_alone(self, tmp_path: Path, content: str) -> None:
        path = tmp_path / SCALES_FILE
        path.write_bytes(content.encode(errors="surrogateescape"))
        path.chmod(0o600)
        assert DeskScales(tmp_path).of("one") is None
        with pytest.raises(PrivateFileUnreadable, match=r"remove the file"):
            DeskScales(tmp_path).keep("one", self.scale)

    def test_a_file_that_others_may_write_is_not_believed(self, tmp_path: Path) -> None:
        scales = DeskScales(tmp_path)
        scales.keep("one", self.scale)
        (tmp_path / SCALES_FILE).chmod(0o666)
        assert DeskScales(tmp_path).of("one") is None
