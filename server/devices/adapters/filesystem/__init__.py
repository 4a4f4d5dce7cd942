"""Cameras made of files: a folder of pictures, one picture, or a video."""

from server.devices.adapters.filesystem.camera import FilesystemCameraFinder
from server.devices.adapters.filesystem.entry import FilesystemCamera

__all__ = ["FilesystemCamera", "FilesystemCameraFinder"]
