"""The camera's side of the port: a started stream, and what it reads."""

from __future__ import annotations

from server.devices.adapters.network import NetworkCamera, NetworkCameraFinder
from server.devices.adapters.network.camera import NetworkStream, Patience
from server.devices.ports.camera import CameraMode, Frame
from tests.patience import PATIENCE


def opened(url: str, mode: CameraMode, patience: Patience | None = None) -> NetworkStream:
    """A started stream of the camera at `url`."""
    (camera,) = NetworkCameraFinder([NetworkCamera("Window 3", url)]).find()
    stream = camera.open(mode)
    stream.patience = patience or stream.patience
    stream.start()
    return stream


def frames(stream: NetworkStream, count: int) -> list[Frame]:
    """The next ones, none missing."""
    taken = [stream.read(PATIENCE) for _ in range(count)]
    assert all(taken)
    return [frame for frame in taken if frame]
