"""A folder of pictures, or one picture, shown one after the other."""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice
from pathlib import Path

from server.devices.adapters.filesystem.picture import SUFFIXES, Picture, inspect, load, natural
from server.devices.adapters.filesystem.source import FilesystemCamera, Reel, UnusableSource
from server.devices.ports.camera import CameraMode, MediaType, PixelFormat, Size

PICTURE_LIMIT = 2000
"""Pictures of a folder that are shown; each header is read when the camera is listed."""

SIZE_LIMIT = 32
"""Sizes offered, the largest ones."""

KEPT_BYTES = 48 << 20
"""Converted pictures kept, so that a small folder is converted once."""


class Slides:
    """The readable pictures at a path, in natural order.

    Raises
    ------
    UnusableSource
        There is none.
    """

    def __init__(self, entry: FilesystemCamera) -> None:
        self._fps = entry.fps
        self._pictures = _readable(entry.path)
        sizes = sorted({picture.size for picture in self._pictures}, key=_area, reverse=True)
        self._sizes = tuple(sizes[:SIZE_LIMIT])

    @property
    def media(self) -> tuple[MediaType, ...]:
        """MJPG in each size that occurs."""
        return (MediaType(PixelFormat.MJPG, self._sizes),)

    def open(self, mode: CameraMode) -> Reel:
        """Show from the first picture on."""
        if not any(picture.path.is_file() for picture in self._pictures):
            raise UnusableSource("its pictures are not there any more")
        size = min(self._sizes, key=lambda size: abs(_area(size) - _area(mode.size)))
        if mode.size in self._sizes:
            size = mode.size
        return SlideReel(self._pictures, CameraMode(PixelFormat.MJPG, size, self._fps))


class SlideReel:
    """Slides in one mode."""

    def __init__(self, pictures: tuple[Picture, ...], mode: CameraMode) -> None:
        self._pictures = pictures
        self._mode = mode
        self._place = 0
        self._converted: OrderedDict[Path, bytes] = OrderedDict()

    @property
    def mode(self) -> CameraMode:
        """What it delivers."""
        return self._mode

    def advance(self) -> bytes:
        """The next picture that can still be read."""
        for _ in self._pictures:
            picture = self._pictures[self._place]
            self._place = (self._place + 1) % len(self._pictures)
            try:
                return self._data(picture)
            except UnusableSource:
                continue
        raise UnusableSource("none of its pictures can be read any more")

    def close(self) -> None:
        """Forget the converted pictures."""
        self._converted.clear()

    def _data(self, picture: Picture) -> bytes:
        if picture.ready and picture.size == self._mode.size:
            return load(picture, self._mode.size)
        if picture.path not in self._converted:
            self._converted[picture.path] = load(picture, self._mode.size)
            while len(self._converted) > 1 and sum(map(len, self._converted.values())) > KEPT_BYTES:
                self._converted.popitem(last=False)
        return self._converted[picture.path]


def _readable(path: Path) -> tuple[Picture, ...]:
    if path.is_file():
        return (inspect(path),)
    found = []
    for file in islice(_files(path), PICTURE_LIMIT):
        try:
            found.append(inspect(file))
        except UnusableSource:  # one broken file among pictures does not spoil the folder
            continue
    if not found:
        raise UnusableSource("it holds no readable picture")
    return tuple(found)


def _files(folder: Path) -> list[Path]:
    try:
        files = [file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file()]
    except OSError as exc:
        raise UnusableSource("it does not exist or may not be read") from exc
    return sorted(files, key=natural)


def _area(size: Size) -> int:
    return size.width * size.height
