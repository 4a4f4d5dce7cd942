"""Folders and single pictures as cameras."""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from server.devices.adapters.filesystem import FilesystemCamera, FilesystemCameraFinder
from server.devices.adapters.filesystem.camera import FilesystemStream
from server.devices.ports.camera import CameraFinder, CameraMode, Frame, PixelFormat, Size
from server.errors import DeviceFailed, DeviceGone
from tests.patience import PATIENCE

ORIENTATION = 0x0112


def colour(size: Size, rgb: tuple[int, int, int] = (200, 60, 30)) -> Pillow.Image:
    return Pillow.new("RGB", size, rgb)


def camera(path: Path, fps: float = 1000.0) -> CameraFinder:
    return FilesystemCameraFinder([FilesystemCamera("Archive", path, fps)])


def opened(path: Path, size: Size) -> FilesystemStream:
    (found,) = FilesystemCameraFinder([FilesystemCamera("Archive", path, 1000.0)]).find()
    stream = found.open(CameraMode(PixelFormat.MJPG, size, 30))
    stream.start()
    return stream


def frame(stream: FilesystemStream) -> Frame:
    taken = stream.read(PATIENCE)
    assert taken is not None
    return taken


def pixels(taken: Frame) -> np.ndarray:
    picture = Pillow.open(io.BytesIO(taken.data))
    assert picture.size == taken.size
    return np.asarray(picture.convert("RGB"))


def test_jpegs_travel_untouched_in_natural_order_and_loop(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        colour(Size(64, 48), (number * 20, 0, 0)).save(tmp_path / f"page{number}.jpg")
    stream = opened(tmp_path, Size(64, 48))
    expected = [(tmp_path / f"page{number}.jpg").read_bytes() for number in (1, 2, 10, 1)]
    assert [frame(stream).data for _ in range(4)] == expected


def test_sizes_are_those_of_the_files_largest_first(tmp_path: Path) -> None:
    colour(Size(64, 48)).save(tmp_path / "a.png")
    colour(Size(320, 240)).save(tmp_path / "b.jpg")
    (media,) = camera(tmp_path).find()[0].info.media
    assert media.sizes == (Size(320, 240), Size(64, 48))


def test_other_sizes_are_fitted_with_their_shape_kept(tmp_path: Path) -> None:
    colour(Size(200, 100)).save(tmp_path / "a.jpg")
    colour(Size(100, 100), (0, 0, 255)).save(tmp_path / "b.jpg")
    stream = opened(tmp_path, Size(200, 100))
    frame(stream)
    fitted = pixels(frame(stream))
    assert fitted[50, 100, 2] > 200
    assert fitted[50, 20].max() < 60
    assert fitted[50, 180].max() < 60


def test_exif_orientation_comes_out_upright(tmp_path: Path) -> None:
    lying = colour(Size(80, 40), (255, 255, 255))
    lying.paste((255, 0, 0), (0, 0, 40, 40))
    exif = Pillow.Exif()
    exif[ORIENTATION] = 6  # to be turned clockwise: the left end comes to the top
    lying.save(tmp_path / "a.jpg", exif=exif, quality=95)
    upright = pixels(frame(opened(tmp_path / "a.jpg", Size(40, 80))))
    assert upright[10, 20, 1] < 60
    assert upright[70, 20, 1] > 200


@pytest.mark.parametrize("options", [{"progressive": True}, {"format": "PNG"}])
def test_what_cameras_do_not_send_becomes_baseline(tmp_path: Path, options: dict[str, Any]) -> None:
    colour(Size(64, 48)).save(tmp_path / "a.jpg", **options)
    data = frame(opened(tmp_path, Size(64, 48))).data
    assert data != (tmp_path / "a.jpg").read_bytes()
    assert b"\xff\xc0" in data
    assert b"\xff\xc2" not in data


def test_a_jpeg_that_lies_about_being_whole_is_left_out(tmp_path: Path) -> None:
    colour(Size(64, 48)).save(tmp_path / "a.jpg")
    whole = tmp_path / "a.jpg"
    (tmp_path / "b.jpg").write_bytes(whole.read_bytes()[:-200])
    stream = opened(tmp_path, Size(64, 48))
    assert frame(stream).data == frame(stream).data == whole.read_bytes()


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    Pillow.new("RGBA", (64, 48), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert pixels(frame(opened(tmp_path, Size(64, 48)))).min() > 250


def test_sixteen_bits_are_scaled(tmp_path: Path) -> None:
    Pillow.fromarray(np.full((48, 64), 0x4000, np.uint16)).save(tmp_path / "a.png")
    assert abs(int(pixels(frame(opened(tmp_path, Size(64, 48)))).mean()) - 0x40) < 3


def test_too_many_pixels_are_refused_by_the_header(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bomb = io.BytesIO()
    Pillow.new("1", (8, 8)).save(bomb, "PNG")
    data = bytearray(bomb.getvalue())
    data[16:24] = (20_000).to_bytes(4, "big") * 2
    (tmp_path / "a.png").write_bytes(with_checksum(data))
    assert camera(tmp_path / "a.png").find() == ()
    assert "megapixels" in caplog.text


def with_checksum(png: bytearray) -> bytes:
    import zlib

    png[29:33] = zlib.crc32(png[12:29]).to_bytes(4, "big")
    return bytes(png)


def test_useless_paths_are_left_out_and_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 no")
    paths = [tmp_path / "missing", tmp_path / "missing.jpg", tmp_path / "notes.txt", tmp_path]
    finder = FilesystemCameraFinder([FilesystemCamera(f"No {i}", path) for i, path in enumerate(paths)])
    with caplog.at_level(logging.WARNING):
        assert finder.find() == ()
        assert finder.find() == ()
    assert len(caplog.records) == len(paths)
    assert all("[[cameras]]" in record.getMessage() for record in caplog.records)


def test_vanished_before_opening_fails_and_later_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    colour(Size(64, 48)).save(file)
    (found,) = camera(tmp_path).find()
    mode = CameraMode(PixelFormat.MJPG, Size(64, 48), 30)
    stream = found.open(mode)
    stream.start()
    file.unlink()
    with pytest.raises(DeviceGone):
        stream.read(1)
    with pytest.raises(DeviceFailed, match="not there any more"):
        found.open(mode)


def test_read_gives_none_until_the_next_is_due(tmp_path: Path) -> None:
    colour(Size(64, 48)).save(tmp_path / "a.jpg")
    (found,) = camera(tmp_path, fps=0.01).find()
    stream = found.open(CameraMode(PixelFormat.MJPG, Size(64, 48), 30))
    stream.start()
    assert stream.read(1) is not None
    assert stream.read(0.01) is None
    stream.stop()
    stream.stop()
    stream.close()
    stream.close()
