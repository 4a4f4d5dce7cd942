"""Cameras reached over the network: Motion-JPEG or snapshots over HTTP, and RTSP."""

from server.devices.adapters.network.camera import NetworkCameraFinder
from server.devices.adapters.network.entry import NetworkCamera

__all__ = ["NetworkCamera", "NetworkCameraFinder"]
