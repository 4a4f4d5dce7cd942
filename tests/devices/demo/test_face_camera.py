"""The demo face cameras: a person who moves, in colour and infrared, and two attacks."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from imgcore.types import Image
from server.devices.adapters.demo import DemoFaceCameraFinder
from server.devices.adapters.demo.face_camera import NAME, FaceFrames, _live
from server.devices.ports.camera import Camera, CameraFinder, CameraMode, PixelFormat, Size
from server.errors import DeviceBusy, DeviceGone
from server.services.faces.cameras import face_cameras
from synthetic.attacks import Print, Screen
from synthetic.faces import STEPS, Pose, Sitter, pose

WIDTH = 640
HEIGHT = 480
MODE = CameraMode(PixelFormat.MJPG, Size(WIDTH, HEIGHT), 30)


@pytest.fixture
def finder() -> Iterator[DemoFaceCameraFinder]:
    finder = DemoFaceCameraFinder(attacks=True)
    yield finder
    finder.close()


def grey(picture: Image) -> Image:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def difference(one: Image, other: Image) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def test_each_is_a_pair_below_five_megapixels(finder: DemoFaceCameraFinder) -> None:
    port: CameraFinder = finder
    found: list[Camera] = list(port.find())
    faces = face_cameras(found)
    assert [face.name for face in faces] == [NAME, f"{NAME} (phone screen)", f"{NAME} (print)"]
    assert all(face.infrared is not None and face.infrared.info.grey for face in faces)
    assert len({camera.info.id for camera in found}) == 6


def test_attacks_come_on_demand_only() -> None:
    finder = DemoFaceCameraFinder()
    assert len(finder.find()) == 2
    finder.close()


@pytest.mark.parametrize("number", range(6))
def test_every_camera_gives_frames_in_every_mode(finder: DemoFaceCameraFinder, number: int) -> None:
    camera = finder.find()[number]
    for kind in camera.info.media:
        stream = camera.open(CameraMode(kind.format, kind.sizes[-1], 30))
        stream.start()
        frame = stream.read(5)
        assert frame is not None
        assert (frame.format, frame.size) == (kind.format, kind.sizes[-1])
        if kind.format is PixelFormat.MJPG:
            picture = cv2.imdecode(np.frombuffer(frame.data, np.uint8), cv2.IMREAD_COLOR)
            assert picture is not None and picture.shape[1::-1] == frame.size
        else:
            assert len(frame.data) == 2 * frame.size.width * frame.size.height
        stream.close()


def test_both_halves_run_at_once_and_each_is_taken_once(finder: DemoFaceCameraFinder) -> None:
    colour, infrared = (camera.open(MODE) for camera in finder.find()[:2])
    for stream in (colour, infrared):
        stream.start()
        assert stream.read(5) is not None
    with pytest.raises(DeviceBusy, match=f"{NAME} IR"):
        finder.find()[1].open(MODE)
    finder.faults.disconnect()
    assert finder.find() == () and finder.acknowledge_change()
    with pytest.raises(DeviceGone, match=NAME):
        colour.read(1)


def test_the_head_turns_to_both_sides_and_blinks() -> None:
    poses = [pose(step) for step in range(STEPS)]
    assert max(held.yaw for held in poses) > 0.3 and min(held.yaw for held in poses) < -0.3
    assert {held.shut for held in poses} >= {0.0, 1.0}
    assert abs(pose(STEPS - 1).yaw - pose(0).yaw) < 0.02, "the round closes without a jump"
    sitter = Sitter(WIDTH, HEIGHT)
    ahead, left, right = (sitter.colour(Pose(yaw=yaw)) for yaw in (0.0, 0.4, -0.4))
    assert min(difference(ahead, left), difference(ahead, right), difference(left, right)) > 0.5
    assert difference(sitter.colour(Pose(shut=1.0)), ahead) > 0.02


def test_infrared_shows_relief_of_a_head_and_none_of_a_print() -> None:
    """A lit head falls off to its rim; a sheet of paper does not."""
    head = Sitter(WIDTH, HEIGHT).infrared(Pose())
    sheet = Print(WIDTH, HEIGHT).infrared(0)
    x = WIDTH // 2
    row = slice(int(0.49 * HEIGHT), int(0.51 * HEIGHT))
    half = int(0.185 * HEIGHT)
    centre, rim = (grey(head)[row, x + off : x + off + 6].mean() for off in (-30, int(0.88 * half)))
    assert centre > 1.6 * rim
    flat = grey(sheet)[row, x - 40 : x + 40]
    assert flat.max() < 1.6 * flat.min()


def test_a_screen_is_dark_in_infrared_and_has_a_bezel_in_colour() -> None:
    screen = Screen(WIDTH, HEIGHT)
    assert grey(screen.infrared(0)).max() < 60
    middle = grey(screen.colour(0))[HEIGHT // 2]
    dark = np.flatnonzero(middle < 40)
    assert dark.size and dark[0] < WIDTH // 2 < dark[-1], "on both sides of the face"


def test_a_screen_plays_and_a_print_does_not() -> None:
    steps = (0, 30)
    sheet, screen = (
        [thing.colour(step) for step in steps] for thing in (Print(WIDTH, HEIGHT), Screen(WIDTH, HEIGHT))
    )
    level = [_straightened(picture, step) for picture, step in zip(sheet, steps, strict=True)]
    played = [_straightened(picture, step) for picture, step in zip(screen, steps, strict=True)]
    assert difference(*level) < 2.0 < difference(*played)


def test_frames_are_rendered_once() -> None:
    painted: list[int] = []
    seen = _live(WIDTH, HEIGHT)

    def see(width: int, height: int):  # type: ignore[no-untyped-def]
        def paint(step: int) -> Image:
            painted.append(step)
            return seen(step)

        return paint

    frames = FaceFrames(see, MODE)
    frames.prepare()
    assert frames.frame(0) == frames.frame(STEPS) != frames.frame(1)
    assert painted == [0, 1]


def _straightened(picture: Image, step: int) -> Image:
    """The middle of what is held, turned back: what is left moves by itself."""
    turn = 2 * np.pi * step / STEPS
    back = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), -2.5 * float(np.sin(turn)), 1.0)
    back[:, 2] -= (0.02 * WIDTH * float(np.sin(2 * turn)), 0)
    level = np.asarray(cv2.warpAffine(picture, back, (WIDTH, HEIGHT)), np.uint8)
    return level[HEIGHT // 2 - 60 : HEIGHT // 2 + 60, WIDTH // 2 - 60 : WIDTH // 2 + 60]
