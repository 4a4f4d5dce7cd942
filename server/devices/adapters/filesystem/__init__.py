"""Cameras made of files: a folder of pictures, one picture, or a video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from server.config import Section
from server.devices.adapters.filesystem.camera import FilesystemCameraFinder
from server.devices.adapters.filesystem.frame_source import FilesystemCamera
from server.devices.ports.camera import CameraAdapter, CameraFinder

__all__ = ["ADAPTER", "FilesystemCamera", "FilesystemCameraFinder", "FilesystemCameraOptions"]


class FilesystemCameraOptions(Section, frozen=True):
    """A folder of pictures, one picture or a video file, played as a camera."""

    path: str
    name: str = ""


def _finders(tables: Sequence[FilesystemCameraOptions], demo: bool) -> Sequence[CameraFinder]:
    cameras = [FilesystemCamera(table.name or Path(table.path).name, Path(table.path)) for table in tables]
    return [FilesystemCameraFinder(cameras)] if cameras else []


ADAPTER = CameraAdapter("filesystem", FilesystemCameraOptions, _finders)
