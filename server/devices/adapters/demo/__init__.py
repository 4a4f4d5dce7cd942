"""Demo devices that need no hardware: they render their pictures and fail on request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from server.config import Doc, Section
from server.devices.adapters.demo.button import DemoButtonFinder
from server.devices.adapters.demo.camera import (
    CARD_INFO,
    PAGES_INFO,
    PAPERS_INFO,
    DemoCamera,
    DemoCameraFinder,
    DemoCameraStream,
)
from server.devices.adapters.demo.card_reader import DemoCardReaderFinder
from server.devices.adapters.demo.face_camera import DemoFaceCameraFinder
from server.devices.adapters.demo.faults import CameraFaults, ScannerFaults
from server.devices.adapters.demo.fingerprint_sensor import DemoFingerSensorFinder
from server.devices.adapters.demo.papers import PaperDesk
from server.devices.adapters.demo.scanner import DemoScannerFinder
from server.devices.ports.camera import CameraAdapter, CameraFinder
from synthetic.scene.desk import Scene

__all__ = [
    "ADAPTER",
    "CameraFaults",
    "DemoButtonFinder",
    "DemoCamera",
    "DemoCameraFinder",
    "DemoCameraOptions",
    "DemoCameraStream",
    "DemoCardReaderFinder",
    "DemoFaceCameraFinder",
    "DemoFingerSensorFinder",
    "DemoScannerFinder",
    "ScannerFaults",
]


class DemoCameraOptions(Section, frozen=True):
    """A camera that renders its own desk."""

    name: Annotated[
        str,
        Doc(
            "在 `[[cameras]]` 中尚未使用：名称为 “Demo Document Camera”。在 `[[scanners]]` 中为网页显示的名"
            "称。",
            'In `[[cameras]]` not in use yet: the camera is called "Demo Document Camera". In '
            "`[[scanners]]` what pages show.",
        ),
    ] = ""


def _finders(tables: Sequence[DemoCameraOptions], demo: bool) -> Sequence[CameraFinder]:
    cameras = [DemoCameraFinder()] if demo or tables else []
    if not demo:
        return cameras
    cards = DemoCameraFinder(info=CARD_INFO, scene=Scene.CARD)
    pages = DemoCameraFinder(info=PAGES_INFO, scene=Scene.PAGES)
    # Under it they lie still as long as a card does: time to read what they say.
    papers = DemoCameraFinder(info=PAPERS_INFO, scene=Scene.CARD, desk=PaperDesk)
    for camera in (*cameras, cards, pages, papers):
        camera.ready_when_opened = True
    # Last: pages know the others by their numbers.
    return [*cameras, cards, DemoFaceCameraFinder(attacks=True), pages, papers]


ADAPTER = CameraAdapter("demo", DemoCameraOptions, _finders)
