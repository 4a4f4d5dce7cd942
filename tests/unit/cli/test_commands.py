"""The commands, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.reliability.service import DEMO_ONLY
from imgcore.outline import Refusal
from models import locate
from server.cli import main
from server.devices.ports.camera import Size
from synthetic.datasets.whole_pages import make_whole_page
from tests.fakes.camera import page_jpeg

PAGE = Size(640, 480)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.jpg"
    path.write_bytes(page_jpeg(PAGE))
    return path


def _run(*words: object) -> int:
    return main([str(word) for word in words])


def test_detect_prints_one_json_line_a_file(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("detect", page, page, "--json") == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["file"] == second["file"] == str(page)
    assert (first["width"], first["height"]) == PAGE
    (document,) = first["documents"]
    expected = [[160, 96], [480, 96], [480, 384], [160, 384]]
    assert np.abs(np.array(document["corners"]) - expected).max() < 4
    assert 0 < document["score"] <= 1
    assert first["unsure"] == []
    assert first["ms"] > 0


@pytest.mark.long
def test_what_is_not_trusted_is_no_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = tmp_path / "form.png"
    cv2.imwrite(str(whole), make_whole_page(41, "form").picture)
    assert _run("detect", whole, "--json") == 0
    (found,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert found["documents"] == []
    (unsure, *_) = found["unsure"]
    assert unsure["reason"] in list(Refusal) and len(unsure["corners"]) == 4 and 0 < unsure["score"] <= 1
    assert _run("detect", whole) == 0
    assert f"0 document(s) ({len(found['unsure'])} not trusted: " in capsys.readouterr().out


def test_detect_goes_on_past_a_bad_file(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = page.with_name("bad.jpg")
    bad.write_bytes(page.read_bytes()[:200])
    assert _run("detect", bad, page.with_name("none.png"), page, "--json") == 1
    printed = capsys.readouterr()
    assert [json.loads(line)["file"] for line in printed.out.splitlines()] == [str(page)]
    assert "bad.jpg" in printed.err
    assert "none.png" in printed.err


def test_detect_says_that_gaopai_is_damaged(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(locate, "OWN", tmp_path)
    assert _run("detect", page) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "installs gaopai again" in printed.err


def test_enhance_writes_the_cropped_page(page: Path, tmp_path: Path) -> None:
    assert _run("enhance", page, "-o", tmp_path / "out", "--crop", "single", "--image-type", "bw") == 0
    image = cv2.imread(str(tmp_path / "out" / "page.png"), cv2.IMREAD_UNCHANGED)
    assert abs(image.shape[0] - 289) < 6
    assert abs(image.shape[1] - 321) < 6
    assert set(np.unique(image)) == {0, 255}


@pytest.mark.long
def test_enhance_takes_folders_and_rectangles_and_keeps_the_size_without_a_crop(
    page: Path, tmp_path: Path
) -> None:
    before = page.read_bytes()
    assert _run("enhance", tmp_path, "-o", tmp_path / "a", "--crop", "10,20,110,70", "--format", "jpg") == 0
    assert cv2.imread(str(tmp_path / "a" / "page.jpg")).shape[:2] == (50, 100)
    assert _run("enhance", page, "-o", tmp_path / "b", "--crop", "none", "--rotate", 90) == 0
    assert cv2.imread(str(tmp_path / "b" / "page.png")).shape[:2] == PAGE
    assert page.read_bytes() == before


@pytest.mark.parametrize("words", [["--crop", "oval"], ["--crop", "1,2,3"]])
def test_enhance_says_what_it_cannot_do(
    page: Path, tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("enhance", page, "-o", tmp_path / "out", *words) == 2
    assert words[1].split(",")[0] in capsys.readouterr().err.lower()


@pytest.fixture
def demo_only(tmp_path: Path) -> Path:
    """A configuration with which nobody's devices are looked for."""
    path = tmp_path / "gaopai.toml"
    path.write_text(DEMO_ONLY, encoding="utf-8")
    return path


def test_devices_lists_demo_devices_only_when_asked(
    demo_only: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("devices", "--json", "--demo", "--config", demo_only) == 0
    listed = json.loads(capsys.readouterr().out)
    names = {"cameras": "document", "scanners": "scanner", "cardReaders": "card-reader"}
    for kind, name in {**names, "fingerReaders": "finger-sensor", "buttons": "button"}.items():
        assert f"demo:{name}" in [device["id"] for device in listed[kind]]
    assert listed["cardReaders"][-1]["idTypes"] == [0, 1, 2]
    assert _run("devices", "--json", "--config", demo_only) == 0
    assert "demo:" not in capsys.readouterr().out


def test_devices_are_printed_one_a_line(demo_only: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("devices", "--demo", "--config", demo_only) == 0
    lines = capsys.readouterr().out.splitlines()
    for kind in ("camera", "scanner", "card reader", "fingerprint sensor", "button"):
        assert any(line.startswith(f"{kind} 0: ") for line in lines)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--host", "0.0.0.0"], "loopback"),
        (["--host", "192.168.1.5"], "loopback"),
        (["--allow-origin", "oa.example.cn"], "oa.example.cn"),
        (["--allow-origin", "https://*.com"], "strangers"),
        (["--config", "/nonexistent.toml"], "/nonexistent.toml"),
        (["--root", "/proc/nowhere"], "/proc/nowhere"),
    ],
)
def test_serve_refuses_what_it_should_not_do(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    root = [] if "--root" in words else ["--root", str(tmp_path)]
    assert _run("serve", *root, *words) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("serve", "--port", "99999"), "99999 is no port; those are 1 to 65535"),
        (("serve", "--port", "http"), "http is no port"),
        (
            ("enhance", "--hide", "passport,id", "x.jpg", "-o", "y"),
            "passport cannot be hidden; what can: id,",
        ),
    ],
)
def test_a_wrong_argument_is_told_with_what_would_do(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        _run(*words)
    assert told in capsys.readouterr().err


EXPORTED = ("reference.en.md", "reference.zh.md", "gaopai-protocol.d.ts")
"""Files of an export that are kept with the sources; schemas come with a release."""


def test_protocol_export_writes_what_is_checked_in(tmp_path: Path) -> None:
    assert _run("protocol", "export", tmp_path) == 0
    checked_in = Path(__file__).parents[3] / "docs" / "protocol"
    written = {path.name for path in tmp_path.iterdir()}
    assert written > set(EXPORTED)
    for name in EXPORTED:
        assert (tmp_path / name).read_text() == (checked_in / name).read_text(), name


def test_enhance_gives_results_the_form_that_is_asked_for(page: Path, tmp_path: Path) -> None:
    form = ("--quality", 60, "--max-bytes", 9000, "--dpi", 150, "--color-mode", "grey")
    marked = ("--watermark", "COPY", "--watermark-position", "tiled", "--watermark-opacity", 1)
    assert (
        _run("enhance", page, "-o", tmp_path / "out", "--crop", "none", "--format", "jpg", *form, *marked)
        == 0
    )
    data = (tmp_path / "out" / "page.jpg").read_bytes()
    assert len(data) <= 9000
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert image.ndim == 2
    assert _run("enhance", page, "-o", tmp_path / "plain", "--crop", "none", "--format", "png") == 0
    plain = cv2.imread(str(tmp_path / "plain" / "page.png"), cv2.IMREAD_GRAYSCALE)
    shown = cv2.resize(image, plain.shape[::-1])
    assert (np.abs(shown.astype(int) - plain) > 20).mean() > 0.005


def test_enhance_refuses_a_form_that_cannot_be(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for bad in (
        ("--quality", 0),
        ("--watermark", "x", "--watermark-color", "red"),
        ("--watermark", "\U0010ffff"),
    ):
        assert _run("enhance", page, "-o", tmp_path / "out", *bad) == 2
        assert capsys.readouterr().err.startswith("gaopai: ")
    assert not list(tmp_path.rglob("out/*.png"))
