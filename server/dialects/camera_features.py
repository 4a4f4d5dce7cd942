"""Features of open cameras for dialects: recording, zoom, focus and other controls."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from server.devices.ports.camera import CameraControl, ControlName, ControlSetting
from server.dialects.device_session import DeviceSession, SessionRecording
from server.dialects.services import as_name
from server.errors import GaopaiError, NotRecording
from server.services.cameras.recording import RecordedFile, RecordingLimits

ZOOM_STEPS = 10
"""Number of steps that a camera's range of zoom is divided into."""


async def record(session: DeviceSession, number: int, spelling: str) -> str:
    """Begin to record; return the page's spelling of the file, whose suffix is that of what is written."""
    folder, mark, name = spelling.replace("\\", "/").rpartition("/")
    name = f"{name.rpartition('.')[0] or name}.mkv" if name else ""
    path = spelling[: len(folder + mark)] + name if name else ""
    camera = await session.camera(number)
    recording = SessionRecording(camera, path, time.monotonic())

    def ended(result: RecordedFile | GaopaiError) -> None:
        recording.result = result

    limits = RecordingLimits(math.inf, 2**63, 0)
    recordings = session.services.cameras.recordings
    made = await recordings.start(session.client, camera, as_name(path), limits, ended)
    recording.spelling = path or str(made)
    session.recording = recording
    return recording.spelling


async def stop_recording(session: DeviceSession) -> RecordedFile:
    """End the recording; raises errors as `RecordingService.stop`."""
    recording = session.recording
    session.recording = None
    if recording is None:
        raise NotRecording(device="-")
    return await session.services.cameras.recordings.stop(session.client, recording.camera)


async def set_control(
    session: DeviceSession, number: int, name: ControlName, wanted: Callable[[CameraControl], float]
) -> None:
    """Set a control to the value nearest to the one wanted."""
    camera = await session.camera(number)
    controls = session.services.cameras.controls
    control = await controls.control(session.client, camera, name)
    step = max(control.step, 1)
    most = (control.maximum - control.minimum) // step
    steps = min(max(round((wanted(control) - control.minimum) / step), 0), most)
    setting = ControlSetting(name, control.minimum + steps * step, None)
    await controls.set(session.client, camera, setting)


async def automate(session: DeviceSession, number: int, name: ControlName) -> None:
    """Leave a control to the camera; raises errors as `set_control`."""
    camera = await session.camera(number)
    await session.services.cameras.controls.set(session.client, camera, ControlSetting(name, None, True))


async def zoom(session: DeviceSession, number: int, steps: int) -> None:
    """Zoom in or out by so many tenths of the camera's range, by 0 back to where it begins."""

    def wanted(control: CameraControl) -> float:
        reach = control.maximum - control.minimum
        now = control.default if control.value is None else control.value
        return now + steps * max(reach / ZOOM_STEPS, control.step) if steps else control.minimum

    await set_control(session, number, ControlName.ZOOM, wanted)


async def focus(session: DeviceSession, number: int) -> None:
    """Have the camera look for its focus once; raises errors as `set_control`."""
    await session.services.cameras.controls.adjust_once(
        session.client, await session.camera(number), ControlName.FOCUS
    )
