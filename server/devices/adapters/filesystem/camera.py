"""Files as cameras: listed from the configuration, opened, paced."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from server.devices import hotplug
from server.devices.adapters.filesystem import slideshow, video
from server.devices.adapters.filesystem.frame_source import (
    FilesystemCamera,
    FrameReader,
    FrameSource,
    UnusableFile,
)
from server.devices.adapters.filesystem.slideshow import Slideshow
from server.devices.adapters.filesystem.video import Video
from server.devices.ports.camera import CameraInfo, CameraMode, Frame
from server.errors import NOT_STARTED, DeviceFailed, DeviceGone, LocalizedText

log = logging.getLogger(__name__)


class FilesystemStream:
    """An opened source, played at its rate."""

    def __init__(self, name: str, frames: FrameReader) -> None:
        self._name = name
        self._frames = frames
        self._due: float | None = None
        self._seq = 0

    @property
    def mode(self) -> CameraMode:
        """The source's own rate, in a size it offers."""
        return self._frames.mode

    def start(self) -> None:
        """Start; the first frame is due at once."""
        self._due = time.monotonic()

    def read(self, timeout: float) -> Frame | None:
        """Return the next frame when it is due; a conversion may take longer than `timeout`."""
        if self._due is None:
            raise DeviceFailed(device=self._name, reason=NOT_STARTED)
        wait = self._due - time.monotonic()
        if wait > timeout:
            time.sleep(max(0.0, timeout))
            return None
        time.sleep(max(0.0, wait))
        return self._take(self._due)

    def stop(self) -> None:
        """Stop at this frame."""
        self._due = None

    def close(self) -> None:
        """Close the files."""
        self.stop()
        self._frames.close()

    def _take(self, due: float) -> Frame:
        try:
            data = self._frames.next_frame()
        except UnusableFile as exc:
            raise DeviceGone(device=self._name) from exc
        now = time.monotonic()
        # A reader that is late does not make the following frames hurry.
        self._due = max(due + 1.0 / self.mode.fps, now)
        frame = Frame(self._seq, now, self.mode.format, self.mode.size, data)
        self._seq += 1
        return frame


class FileCamera:
    """A configured path that holds something to show."""

    def __init__(self, entry: FilesystemCamera, source: FrameSource) -> None:
        self._source = source
        self.info = CameraInfo(entry.id, entry.name, source.media)
        """Information about the camera; sizes are those of the files."""

    def open(self, mode: CameraMode) -> FilesystemStream:
        """Open the files; several streams may have them at once."""
        try:
            return FilesystemStream(self.info.name, self._source.open(mode))
        except UnusableFile as exc:
            raise DeviceFailed(device=self.info.name, reason=exc.reason) from exc


_ABSENT = LocalizedText("不存在", "it does not exist")
_NEITHER = LocalizedText("既不是图片也不是视频", "it is neither a picture nor a video")


class FilesystemCameraFinder(hotplug.WatchedCameras):
    """Lists the configured paths that hold something to show.

    A path that does not is left out and logged once, until it is of use again.
    """

    def __init__(self, cameras: Sequence[FilesystemCamera]) -> None:
        self._entries = tuple(cameras)
        self._reported: set[FilesystemCamera] = set()

    def find(self) -> tuple[FileCamera, ...]:
        """Return the usable cameras in the configuration's order; reads each picture's header."""
        cameras = [self._inspect(entry) for entry in self._entries]
        return tuple(camera for camera in cameras if camera is not None)

    def _inspect(self, entry: FilesystemCamera) -> FileCamera | None:
        try:
            camera = FileCamera(entry, frame_source(entry))
        except UnusableFile as exc:
            self._report(entry, exc)
            return None
        self._reported.discard(entry)
        return camera

    def _report(self, entry: FilesystemCamera, reason: UnusableFile) -> None:
        if entry in self._reported:
            return
        self._reported.add(entry)
        remedy = "Correct its path in [[cameras]], or put a picture or video there that the service may read."
        log.warning("Camera %r is not listed: %s (%s). %s", entry.name, reason, entry.path, remedy)


def frame_source(entry: FilesystemCamera) -> FrameSource:
    """Return the frame source of a path.

    Raises
    ------
    UnusableFile
        Nothing to show.
    """
    if entry.path.is_dir() or entry.path.suffix.lower() in slideshow.SUFFIXES:
        return Slideshow(entry)
    if entry.path.suffix.lower() in video.SUFFIXES:
        return Video(entry)
    raise UnusableFile(_NEITHER if entry.path.exists() else _ABSENT)
