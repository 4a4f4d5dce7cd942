"""Devices that need no hardware: they render their own world and fail on request."""

from server.devices.adapters.demo.camera import DemoCamera, DemoCameraFinder, DemoCameraStream
from server.devices.adapters.demo.card_reader import DemoCardReaderFinder
from server.devices.adapters.demo.desk import Desk, Scene
from server.devices.adapters.demo.face_camera import DemoFaceCameraFinder
from server.devices.adapters.demo.faults import Faults
from server.devices.adapters.demo.finger_sensor import DemoFingerSensorFinder
from server.devices.adapters.demo.scanner_faults import ScannerFaults
from server.devices.adapters.demo.scanner_finder import DemoScannerFinder

__all__ = [
    "DemoCamera",
    "DemoCameraFinder",
    "DemoCameraStream",
    "DemoCardReaderFinder",
    "DemoFaceCameraFinder",
    "DemoFingerSensorFinder",
    "DemoScannerFinder",
    "Desk",
    "Faults",
    "ScannerFaults",
    "Scene",
]
