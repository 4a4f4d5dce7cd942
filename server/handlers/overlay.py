"""Picture in picture as requests of captures ask for it."""

from __future__ import annotations

from server.access.client import Client
from server.devices.ports.camera import Camera
from server.errors import BadParameter, LocalizedText, MissingParameter
from server.protocol.messages.overlay import OverlayRequest
from server.services.cameras.desk import CameraDesk
from server.services.output import SecondCamera

BOTTOM_RIGHT = 3
QUARTER = 25.0
_ITSELF = LocalizedText("不能是所拍摄的摄像头本身", "it is the camera of the capture itself")


def overlay_of(
    desk: CameraDesk, client: Client, camera: Camera, request: OverlayRequest
) -> SecondCamera | None:
    """Return the second camera of a capture with `camera`, None if the request asks for none.

    Raises
    ------
    NoSuchDevice, BadParameter, MissingParameter
    """
    number, corner, share = request.overlay_dev_num, request.overlay_position, request.overlay_size
    if number is None:
        if corner is not None or share is not None:
            raise MissingParameter(field="overlayDevNum")
        return None
    second = desk.camera(client, number)
    if second.info.id == camera.info.id:
        raise BadParameter(field="overlayDevNum", reason=_ITSELF)
    return SecondCamera(
        second, BOTTOM_RIGHT if corner is None else corner, QUARTER if share is None else share
    )
