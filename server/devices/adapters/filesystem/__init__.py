"""Cameras made of files: a folder of pictures, one picture, or a video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from server.config import Doc, Section
from server.devices.adapters.filesystem.camera import FilesystemCameraFinder
from server.devices.adapters.filesystem.frame_source import FilesystemCamera
from server.devices.ports.camera import CameraAdapter, CameraFinder

__all__ = ["ADAPTER", "FilesystemCamera", "FilesystemCameraFinder", "FilesystemCameraOptions"]


class FilesystemCameraOptions(Section, frozen=True):
    """A folder of pictures, one picture or a video file, played as a camera."""

    path: Annotated[
        str,
        Doc(
            "图片文件夹、一张图片或一个视频文件。",
            "A folder of pictures, one picture or a video file.",
        ),
    ]
    name: Annotated[
        str,
        Doc(
            "网页显示的名称。请填写，否则列表中名称为空。",
            "What pages show. Give one: without it the list shows an empty name.",
        ),
    ] = ""


def _finders(tables: Sequence[FilesystemCameraOptions], demo: bool) -> Sequence[CameraFinder]:
    cameras = [FilesystemCamera(table.name or Path(table.path).name, Path(table.path)) for table in tables]
    return [FilesystemCameraFinder(cameras)] if cameras else []


ADAPTER = CameraAdapter("filesystem", FilesystemCameraOptions, _finders)
