"""Which cameras show faces, and which of them are one device."""

from __future__ import annotations

import pytest

from server.config.devices import FacePairConfig
from server.devices.ports.camera import Camera, CameraInfo, CameraMode, MediaType, PixelFormat, Size
from server.errors import ModeNotSupported
from server.services.faces.cameras import FaceCamera, face_cameras, is_infrared, nearest

HOUSING = "usb-0000:00:14.0-2"
HD = Size(1280, 720)
VGA = Size(640, 480)
QVGA = Size(320, 240)


class Listed:
    """A camera that is only listed."""

    def __init__(
        self, name: str, housing: str = "", size: Size = HD, grey: bool = False, key: str = ""
    ) -> None:
        media = (MediaType(PixelFormat.MJPG, (size,)),)
        self.info = CameraInfo(key or f"test:{name}", name, media, housing, grey)

    def open(self, mode: CameraMode) -> None:  # type: ignore[override]
        raise NotImplementedError


def names(*found: Listed, pairs: tuple[FacePairConfig, ...] = ()) -> list[tuple[str, ...]]:
    cameras: tuple[Camera, ...] = found  # type: ignore[assignment]
    return [tuple(camera.info.name for camera in face.cameras) for face in face_cameras(cameras, pairs)]


@pytest.mark.parametrize(
    ("size", "shown"),
    [(Size(2592, 1944), False), (Size(2500, 2000), False), (Size(2499, 2000), True), (VGA, True)],
)
def test_a_camera_shows_faces_below_five_megapixels(size: Size, shown: bool) -> None:
    assert names(Listed("A", size=size)) == ([("A",)] if shown else [])


def test_a_camera_without_a_size_cannot_be_opened_and_is_not_shown() -> None:
    camera = Listed("A")
    camera.info = CameraInfo("test:A", "A", ())
    assert names(camera) == []


@pytest.mark.parametrize(
    ("name", "infrared"),
    [
        ("Integrated IR Camera", True),
        ("IR_Cam", True),
        ("USB-NIR", True),
        ("IRCamera", True),
        ("Infrared", True),
        ("红外摄像头", True),
        ("Air Camera", False),
        ("AIR 4", False),
        ("FaceFirst", False),
        ("USB Camera", False),
    ],
)
def test_infrared_by_its_name(name: str, infrared: bool) -> None:
    assert is_infrared(Listed(name).info) is infrared


def test_a_housing_with_a_grey_camera_is_one_device() -> None:
    assert names(Listed("USB Camera", HOUSING), Listed("USB Camera 2", HOUSING, VGA, grey=True)) == [
        ("USB Camera", "USB Camera 2")
    ]


def test_a_housing_with_a_camera_named_infrared_is_one_device() -> None:
    assert names(Listed("Twin: IR", HOUSING), Listed("Twin: RGB", HOUSING)) == [("Twin: RGB", "Twin: IR")]


def test_two_colour_cameras_in_one_housing_are_two_devices() -> None:
    assert names(Listed("A", HOUSING), Listed("B", HOUSING)) == [("A",), ("B",)]


def test_an_infrared_camera_elsewhere_stays_alone() -> None:
    assert names(Listed("USB Camera", HOUSING), Listed("IR", "usb-0000:00:14.0-3")) == [
        ("USB Camera",),
        ("IR",),
    ]
    assert names(Listed("USB Camera"), Listed("IR")) == [("USB Camera",), ("IR",)], "no address says nothing"


def test_behind_the_hub_in_a_housing_names_must_agree() -> None:
    colour = Listed("Face RGB", f"{HOUSING}.1")
    infrared = Listed("Face IR", f"{HOUSING}.2")
    assert names(colour, infrared) == [("Face RGB", "Face IR")]
    stranger = Listed("Webcam C920", f"{HOUSING}.3")
    assert names(stranger, infrared) == [("Webcam C920",), ("Face IR",)]
    assert names(Listed("Face RGB", "usb-0000:00:14.0-1.1"), infrared) == [("Face RGB",), ("Face IR",)]


def test_one_infrared_camera_has_one_partner() -> None:
    found = (Listed("A", HOUSING), Listed("B", HOUSING), Listed("IR", HOUSING))
    assert names(*found) == [("A", "IR"), ("B",)]


def test_a_document_camera_is_no_partner() -> None:
    assert names(Listed("Scanner", HOUSING, Size(3264, 2448)), Listed("IR", HOUSING)) == [("IR",)]


def test_the_configuration_comes_first_and_by_name_or_id() -> None:
    found = (Listed("A", HOUSING), Listed("B"), Listed("IR", HOUSING))
    assert names(*found, pairs=(FacePairConfig(colour="B", infrared="test:IR"),)) == [("A",), ("B", "IR")]
    assert names(*found, pairs=(FacePairConfig(colour="B", infrared="absent"),)) == [("A", "IR"), ("B",)]
    assert names(*found, pairs=(FacePairConfig(colour="B", infrared="B"),)) == [("A", "IR"), ("B",)]
    large = Listed("Large", size=Size(3264, 2448))
    assert names(large, *found, pairs=(FacePairConfig(colour="Large", infrared="IR"),)) == [
        ("Large", "IR"),
        ("A",),
        ("B",),
    ]


def test_sizes_of_all_formats_are_one_list() -> None:
    camera = Listed("A")
    media = (MediaType(PixelFormat.MJPG, (HD, VGA)), MediaType(PixelFormat.YUYV, (VGA, QVGA)))
    camera.info = CameraInfo("test:A", "A", media)
    face = FaceCamera(camera)  # type: ignore[arg-type]
    assert face.sizes == (HD, VGA, QVGA)
    assert (face.choice(1, 1, 15).media, face.choice(1, 1, 15).resolution) == (1, 0)
    for media_number, resolution in ((0, 2), (1, 0), (0, 3), (2, 0)):
        with pytest.raises(ModeNotSupported):
            face.choice(media_number, resolution, 15)
    with pytest.raises(ModeNotSupported):
        face.stream(1)
    assert nearest(camera.info, QVGA, 15).resolution == 1
