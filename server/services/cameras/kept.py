"""Settings that are kept by camera: of controls, by model, and scales of desks."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from imgcore.desk_scale import DeskScale
from server.devices.ports.camera import AdjustableStream, Camera, CameraStream, ControlName, ControlSetting
from server.errors import GaopaiError
from server.storage.private_file import PrivateFile, PrivateFileUnreadable

log = logging.getLogger(__name__)

FILE = "camera-controls.json"


class _Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    value: int | None = None
    automatic: bool | None = None


class _Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    models: dict[str, dict[ControlName, _Kept]] = {}


class KeptControls:
    """Settings of controls by the cameras' models, in a file of the service's state."""

    def __init__(self, folder: Path) -> None:
        self._file = PrivateFile(folder / FILE, _Content)

    def of(self, camera: Camera) -> Sequence[ControlSetting]:
        """Return what was set on cameras of this model; nothing where the file is damaged."""
        try:
            kept = self._file.read().models.get(camera.info.name, {})
        except PrivateFileUnreadable as exc:
            log.warning("a camera keeps its own settings: %s", exc)
            return ()
        return tuple(ControlSetting(name, one.value, one.automatic) for name, one in kept.items())

    def keep(self, camera: Camera, setting: ControlSetting) -> None:
        """Store a setting in place of the control's earlier one."""
        models = dict(self._file.read().models)
        model = dict(models.get(camera.info.name, {}))
        model[setting.name] = _Kept(value=setting.value, automatic=setting.automatic)
        models[camera.info.name] = model
        self._file.write(_Content(models=models))


def restore(stream: CameraStream, settings: Sequence[ControlSetting]) -> None:
    """Set the controls of a camera that was just opened; what it refuses now is logged."""
    if not settings or not isinstance(stream, AdjustableStream):
        return
    for setting in settings:
        try:
            stream.set_control(setting)
        except GaopaiError as error:
            log.warning("%s: %s", setting.name, error)


SCALES_FILE = "desk-scales.json"


class _Scales(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    cameras: dict[str, DeskScale] = {}


class DeskScales:
    """The scales in a folder.

    Parameters
    ----------
    folder
        Folder of the service's state.
    """

    def __init__(self, folder: Path) -> None:
        self._file = PrivateFile(folder / SCALES_FILE, _Scales)
        self._stamp: tuple[int, ...] = ()
        self._scales: Mapping[str, DeskScale] = {}

    def of(self, camera: str) -> DeskScale | None:
        """Return the scale of the camera with this identifier, None if it has none or the file is damaged."""
        stamp = self._file.stamp()
        if stamp != self._stamp:
            try:
                self._scales = self.read()
            except PrivateFileUnreadable as exc:
                log.warning("captures carry no resolution: %s", exc)
                self._scales = {}
            self._stamp = stamp
        return self._scales.get(camera)

    def read(self) -> Mapping[str, DeskScale]:
        """Return all scales by the cameras' identifiers."""
        return self._file.read().cameras

    def keep(self, camera: str, scale: DeskScale | None) -> None:
        """Store the scale of a camera in place of an earlier one; None forgets it."""
        scales = {other: kept for other, kept in self.read().items() if other != camera}
        if scale is not None:
            scales[camera] = scale
        self._file.write(_Scales(cameras=scales))
