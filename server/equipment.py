"""Equipment in use: the device finders and engines of a configuration. The only place that names adapters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from server import config as configuration
from server.config import Config, ConfigError, Section
from server.devices.access import NodeAccess
from server.devices.adapters import demo as demo_devices
from server.devices.adapters import evdev, filesystem, network, v4l2
from server.devices.adapters.evdev.button import PressSettings
from server.devices.adapters.libfprint import host as libfprint_host
from server.devices.adapters.libfprint.finder import LibfprintFinder
from server.devices.adapters.pcsc import finder as pcsc
from server.devices.adapters.samv import finder as samv
from server.devices.adapters.samv.portrait import Decoder
from server.devices.adapters.sane import finder as sane
from server.devices.ports.button import ButtonFinder
from server.devices.ports.camera import CameraAdapter, CameraFinder
from server.devices.ports.card_reader import CardReaderFinder
from server.devices.ports.fingerprint_sensor import FingerprintSensorFinder
from server.devices.ports.scanner import ScannerFinder
from server.services.cards.reading import Decode
from server.services.faces.engine import FaceEngine
from server.services.faces.insightface_engine import face_engine
from server.services.fingerprints.matcher import MinutiaeMatcher

CAMERA_ADAPTERS: tuple[CameraAdapter[Any], ...] = tuple(
    adapters.ADAPTER for adapters in (v4l2, network, filesystem, demo_devices)
)
"""Camera adapters that a configuration can name, in the order of their search."""


def camera_options(config: Config) -> Mapping[str, Sequence[Section]]:
    """Return the options of the configured cameras, by adapter.

    Raises
    ------
    ConfigError
        A table names no adapter, or holds what its adapter does not know.
    """
    kinds = {adapter.name: adapter.options for adapter in CAMERA_ADAPTERS}
    found: dict[str, list[Section]] = {name: [] for name in kinds}
    for number, table in enumerate(config.cameras):
        place = f"$.cameras[{number}]"
        name = table.get("adapter")
        if name not in kinds:
            raise ConfigError(f"Invalid value {name!r}, none of {', '.join(kinds)} - at `{place}.adapter`")
        options = {key: value for key, value in table.items() if key != "adapter"}
        try:
            found[name].append(msgspec.convert(options, kinds[name]))
        except msgspec.ValidationError as exc:
            raise ConfigError(str(exc).replace("`$", f"`{place}") + f" ({place})") from exc
    return found


def camera_finders(config: Config, demo: bool) -> list[CameraFinder]:
    """Return the camera finders that a configuration asks for.

    Parameters
    ----------
    demo
        List the demo cameras beside the real ones.
    """
    options = camera_options(config)
    adapters = [each for each in CAMERA_ADAPTERS if config.video.enabled or each is not v4l2.ADAPTER]
    return [finder for adapter in adapters for finder in adapter.finders(options[adapter.name], demo)]


def scanner_finders(config: Config, demo: bool) -> Iterator[ScannerFinder]:
    """Yield the scanner finders that a configuration asks for.

    Parameters
    ----------
    demo
        List the demo scanner beside the real ones.
    """
    entries = [entry for entry in config.scanners if isinstance(entry, configuration.SaneScannerConfig)]
    if (scan := config.scan).enabled:
        patience = (scan.silence_seconds, scan.find_seconds)
        yield sane.SaneScannerFinder(entries, *patience, folders=scan.driver_folders)
    names = [entry.name for entry in config.scanners if isinstance(entry, configuration.DemoScannerConfig)]
    if demo or names:
        yield demo_devices.DemoScannerFinder(name=next(iter(names), ""), faulty=demo)


def card_finders(config: Config, demo: bool) -> Iterator[CardReaderFinder]:
    """Yield the card reader finders that a configuration asks for.

    Parameters
    ----------
    demo
        List the demo readers beside the real ones.
    """
    if config.cards.samv_usb:
        yield samv.UsbReaderFinder(config.cards.samv_usb)
    if config.cards.enabled:
        yield pcsc.PcscReaderFinder(config.cards.answer_seconds, with_module=config.cards.samv_pcsc)
    if config.cards.samv:
        yield samv.SerialReaderFinder(config.cards.samv)
    if demo:
        yield demo_devices.DemoCardReaderFinder(faulty=True)


def finger_finders(config: Config, demo: bool) -> Iterator[FingerprintSensorFinder]:
    """Yield the fingerprint sensor finders that a configuration asks for.

    Parameters
    ----------
    demo
        List the demo sensors beside the real ones.
    """
    if config.fingers.enabled:
        yield LibfprintFinder(config.fingers.python, config.fingers.find_seconds)
    if demo:
        yield demo_devices.DemoFingerSensorFinder(faulty=True)


def button_finders(config: Config, demo: bool) -> Iterator[ButtonFinder]:
    """Yield the button finders that a configuration asks for.

    Parameters
    ----------
    demo
        List the demo button beside the real ones, pressed by SIGUSR1.
    """
    section = config.buttons
    if section.enabled:
        settings = PressSettings(section.camera_keys, section.debounce_ms / 1000)
        yield evdev.EvdevButtonFinder(section.switches, settings)
    if demo:
        yield demo_devices.DemoButtonFinder(by_signal=True)


@dataclass(frozen=True, slots=True)
class Finders:
    """Device finders in use, by kind of device."""

    cameras: Sequence[CameraFinder] = ()
    scanners: Sequence[ScannerFinder] = ()
    cards: Sequence[CardReaderFinder] = ()
    fingerprints: Sequence[FingerprintSensorFinder] = ()
    buttons: Sequence[ButtonFinder] = ()


def all_finders(config: Config, demo: bool) -> Finders:
    """Return all finders that a configuration asks for; see the functions above."""
    return Finders(
        camera_finders(config, demo),
        tuple(scanner_finders(config, demo)),
        tuple(card_finders(config, demo)),
        tuple(finger_finders(config, demo)),
        tuple(button_finders(config, demo)),
    )


@dataclass(frozen=True, slots=True)
class Engines:
    """Engines that can be replaced.

    Attributes
    ----------
    matcher
        Fingerprint matcher.
    faces
        Face engine.
    decode
        Decoder of the portraits of resident ID cards, None where this machine has none.
    """

    matcher: MinutiaeMatcher
    faces: FaceEngine
    decode: Decode | None = None


def engines_of(config: Config) -> Engines:
    """Return the engines that the configuration asks for."""
    return Engines(MinutiaeMatcher(), face_engine(config.faces), portrait_decoder(config))


def portrait_decoder(config: Config) -> Decode | None:
    """Return the decoder of portraits of resident ID cards; None where the configuration names none."""
    if not config.cards.wlt_library:
        return None
    return Decoder(Path(config.cards.wlt_library).expanduser(), config.cards.wlt_function).decode


camera_permissions = v4l2.node_access
"""Function that tells the access of this process to each video node."""
scanner_permissions = sane.node_access
"""Function that tells the access of this process to each USB scanner."""
smart_card_service = pcsc.access
"""Function that tells the access of this process to the smart card service, which has the PC/SC readers."""
finger_permissions = libfprint_host.node_access
"""Function that tells the access of this process to each fingerprint sensor."""


def resident_reader_permissions(config: Config) -> Sequence[NodeAccess]:
    """Return the access of this process to each resident ID reader."""
    return samv.node_access(config.cards.samv, config.cards.samv_usb)


def finger_interpreter(config: Config) -> Path | None:
    """Return the Python interpreter that can run libfprint, if there is one."""
    return libfprint_host.interpreter(config.fingers.python)


def button_permissions(config: Config) -> Sequence[NodeAccess]:
    """Return the access of this process to each camera's own button and each switch that is named."""
    return evdev.node_access(config.buttons.switches, config.buttons.camera_keys)
