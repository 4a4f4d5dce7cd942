"""The demo desk: its truth is true, its codes can be read, it looks the same without Chinese fonts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.outline.desk.memory import DeskMemory
from imgcore.types import Image, Points
from server.devices.adapters.demo.camera import DeskFrames
from server.devices.adapters.demo.optics import DemoDesk
from server.devices.ports.camera import CameraMode, PixelFormat, Size
from synthetic import codes
from synthetic.documents import letter
from synthetic.scene import desk as demo_desk
from synthetic.scene import sheet
from synthetic.scene.camera import GRAINS
from synthetic.scene.desk import Desk, Scene
from synthetic.text import typeface

SIZE = Size(1600, 1200)
SHIFTED = demo_desk.STILL + demo_desk.STEPS // 2
"""A frame in the middle of a move."""


def grey(desk: Desk, scene: Scene, index: int = 0, size: Size = SIZE) -> Image:
    picture = desk.renderer(scene, size).picture(demo_desk.moment(index))
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def flattened(picture: Image, corners: Points, size: Size) -> Image:
    """What lies inside `corners`, as a picture of `size`."""
    edge = sheet.box(*size) + np.array([size.width / 2 - 0.5, size.height / 2 - 0.5], np.float32)
    return np.asarray(
        cv2.warpPerspective(picture, cv2.getPerspectiveTransform(corners, edge), size), np.uint8
    )


def likeness(a: Image, b: Image) -> float:
    """Correlation of the fine detail, which the lamp does not change."""
    detail = [it.astype(np.float32) - cv2.GaussianBlur(it.astype(np.float32), (0, 0), 12) for it in (a, b)]
    return float(np.corrcoef(detail[0].ravel(), detail[1].ravel())[0, 1])


@pytest.mark.parametrize("index", [0, SHIFTED])
def test_the_true_corners_are_the_pages(index: int) -> None:
    desk = Desk()
    scene = Scene.PAGE
    flat_size = Size(630, 891)
    truth = desk.layout(scene)[0].sheet.picture[sheet.MARGIN : -sheet.MARGIN, sheet.MARGIN : -sheet.MARGIN]
    flat = cv2.resize(cv2.cvtColor(truth, cv2.COLOR_BGR2GRAY), flat_size, interpolation=cv2.INTER_AREA)
    picture = grey(desk, scene, index)
    (corners,) = desk.corners(index, SIZE, scene)
    at_truth = likeness(flattened(picture, corners, flat_size), np.asarray(flat, np.uint8))
    beside = likeness(flattened(picture, corners + np.float32(1.5), flat_size), np.asarray(flat, np.uint8))
    assert at_truth > 0.9
    assert beside < at_truth - 0.1


@pytest.mark.parametrize(
    ("scene", "count"), [("page", 1), ("white", 1), ("receipts", 4), ("curl", 1), ("finger", 1), ("empty", 0)]
)
def test_every_scene_has_its_documents_inside_the_picture(scene: str, count: int) -> None:
    desk = Desk()
    desk.scene = Scene(scene)
    for index in (0, SHIFTED, demo_desk.STILL + demo_desk.STEPS):
        outlines = desk.corners(index, Size(640, 480))
        assert len(outlines) == count
        for corners in outlines:
            assert (corners.min(axis=0) > 0).all()
            assert (corners.max(axis=0) < (640, 480)).all()
            assert cv2.isContourConvex(corners.reshape(-1, 1, 2).astype(np.int32))


def test_documents_do_not_overlap() -> None:
    outlines = Desk().corners(SHIFTED, SIZE, Scene.RECEIPTS)
    masks = [cv2.fillConvexPoly(np.zeros(SIZE[::-1], np.uint8), it.astype(np.int32), 1) for it in outlines]
    assert np.sum(masks, axis=0).max() == 1


def test_white_on_white_is_hard_and_wood_is_not() -> None:
    def contrast(scene: Scene) -> float:
        desk = Desk()
        picture = grey(desk, scene).astype(float)
        (corners,) = desk.corners(0, SIZE, scene)
        left = corners[[0, 3]].mean(axis=0)
        x = int(left[0])
        y = int(left[1])
        return float(
            picture[y - 40 : y + 40, x + 15 : x + 25].mean()
            - picture[y - 40 : y + 40, x - 60 : x - 40].mean()
        )

    assert contrast(Scene.WHITE) < 30
    assert contrast(Scene.PAGE) > 60


def test_its_codes_can_be_read() -> None:
    desk = Desk()
    size = Size(2592, 1944)
    picture = grey(desk, Scene.PAGE, size=size)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == codes.QR_TEXT
    (corners,) = desk.corners(0, size, Scene.PAGE)
    page = flattened(picture, corners, Size(1680, 2376))
    text = cv2.barcode.BarcodeDetector().detectAndDecode(page[1800:2060, 400:900])[0]
    assert text == codes.EAN_DIGITS + codes.check_digit(codes.EAN_DIGITS)


def test_check_digits() -> None:
    assert codes.check_digit("400638133393") == "1"


def test_a_round_never_jumps_and_never_repeats_a_frame() -> None:
    length = 2 * (demo_desk.STILL + demo_desk.STEPS)
    moments = [demo_desk.moment(index) for index in range(length + 1)]
    assert {it.step for it in moments} == set(range(demo_desk.STEPS + 1))
    assert all(abs(a.step - b.step) <= 1 and a != b for a, b in pairwise(moments))
    assert len(set(moments)) < 2 * (demo_desk.STEPS + GRAINS) + 2


def test_without_fonts_the_page_is_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeface, "FOLDERS", (tmp_path,))
    faces = typeface.typefaces()
    assert not faces.chinese
    assert faces.pick("回执", "Receipt") == "Receipt"
    page = letter.letter(np.random.default_rng(1), faces, sheet.RESOLUTION)
    assert (page < 100).mean() > 0.01


def test_a_broken_font_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Pillow looks in the system's folders for a broken font's name, so it must be a rare one.
    (tmp_path / "SourceHanSansBroken-Regular.ttc").write_bytes(b"ttcf" + bytes(40))
    monkeypatch.setattr(typeface, "FOLDERS", (tmp_path,))
    assert not typeface.typefaces().chinese


@pytest.mark.long
@pytest.mark.parametrize("rests", [(58, 64, 66), (66, 155, 150, 157), (157, 70, 139), (73, -72)])
def test_a_page_that_is_pushed_a_little_does_not_become_the_desk(rests: Sequence[int]) -> None:
    """A page that lay there first, and rests now here, now there: its slivers are no document.

    Nor is its print, which a frame of another size, here a negative one, shows otherwise.
    """
    desk = DemoDesk()
    memory = DeskMemory()
    small, large = (
        DeskFrames(desk, CameraMode(PixelFormat.MJPG, size, 15.0))
        for size in (Size(640, 480), Size(1600, 1200))
    )
    jpegs = [(small if at > 0 else large).frame(abs(at)) for at in (*rests, 62, 72, 140)]
    seen = [np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)) for jpeg in jpegs]
    for picture in seen[: len(rests)]:
        memory.learn(np.asarray(picture, np.uint8))
    for picture in seen:
        found = memory.find(np.asarray(picture, np.uint8))
        assert found is None or found.outlines
