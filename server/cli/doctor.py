"""``gaopai doctor``: what is missing on this machine, and what to type."""

from __future__ import annotations

import argparse
import ctypes
import json
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module, metadata
from pathlib import Path

from imgcore.kernels import COMPILED
from server import config as configuration
from server.config import Config, ConfigError
from server.documents.tesseract import LANGUAGES, languages
from server.errors import GaopaiError, ToolMissing
from server.finders import (
    camera_permissions,
    finger_interpreter,
    finger_permissions,
    resident_reader_permissions,
    scanner_permissions,
    smart_card_service,
)
from server.session.listening import addresses, listen
from server.storage.root import Storage

SUMMARY = "Check this machine and say what is missing."
LIBRARIES = {
    "cv2": "pip install opencv-contrib-python; apt install libgl1 libglib2.0-0",
    "av": "pip install av",
    "pikepdf": "pip install pikepdf",
    "pyudev": "pip install pyudev",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the service needs.

    Attributes
    ----------
    reason
        What was found.
    remedy
        What to type; empty when all is well.
    optional
        Whether the service runs without it, and only lacks what it is for.
    """

    name: str
    ok: bool
    reason: str
    remedy: str = ""
    optional: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")


def run(arguments: argparse.Namespace) -> int:
    """Print every check; 1 when one failed that is not optional."""
    checks = list(examine(arguments.config))
    if arguments.json:
        print(json.dumps({"checks": [asdict(check) for check in checks]}, ensure_ascii=False))
    else:
        for check in checks:
            _print(check)
    return int(not all(check.ok or check.optional for check in checks))


def examine(path: Path | None) -> Iterator[Check]:
    """All checks, cheapest first."""
    yield _python()
    yield _kernels()
    for name, remedy in LIBRARIES.items():
        yield _library(name, remedy)
    try:
        config = configuration.load(path) if path else Config()
    except ConfigError as exc:
        yield Check("configuration", False, str(exc), "correct the file")
        config = Config()
    else:
        yield Check("configuration", True, str(path or "none, the defaults hold"))
    yield _guard("storage", lambda: _storage(config))
    yield _guard("port", lambda: _port(config))
    yield from _cameras()
    yield from _scanners()
    yield from _resident_readers(config)
    yield from _smart_cards(config)
    yield from _finger_sensors(config)
    yield _tesseract()


def _python() -> Check:
    ok = sys.version_info >= (3, 11)
    return Check("python", ok, platform.python_version(), "" if ok else "install Python 3.11 or newer")


def _kernels() -> Check:
    if COMPILED:
        return Check("kernels", True, "compiled")
    return Check("kernels", False, "the slow twins are in use", "python setup.py build_ext --inplace")


def _library(name: str, remedy: str) -> Check:
    try:
        module = import_module(name)
    except ImportError as exc:
        return Check(name, False, str(exc), remedy)
    return Check(name, True, str(getattr(module, "__version__", "present")))


def _guard(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (ConfigError, GaopaiError) as exc:
        return Check(name, False, str(exc), "see the sentence before")


def _storage(config: Config) -> Check:
    root = configuration.storage_root(config.storage)
    Storage(root)
    return Check("storage", True, f"{root} can be written")


def _port(config: Config) -> Check:
    wanted = addresses(config)
    for each in wanted:
        listen(each.host, each.port).close()
    return Check("port", True, ", ".join(f"{each.host} port {each.port}" for each in wanted) + " is free")


def _cameras() -> Iterator[Check]:
    permissions = camera_permissions()
    if not permissions:
        yield Check("cameras", True, "no /dev/video node; plug a camera in, or use --demo")
    for node in permissions:
        yield Check(node.path, node.ok, node.reason.en, node.remedy.en)


def _scanners() -> Iterator[Check]:
    yield _libsane()
    yield _python_sane()
    for node in scanner_permissions():
        yield Check(node.path, node.ok, node.reason.en, node.remedy.en)


def _libsane() -> Check:
    try:
        ctypes.CDLL("libsane.so.1")
    except OSError:
        reason = "libsane is not installed: no scanner can be used"
        return Check("libsane", False, reason, "sudo apt install libsane-dev sane-utils", optional=True)
    return Check("libsane", True, "present")


def _python_sane() -> Check:
    try:
        version = import_module("sane").__version__
    except ImportError as exc:
        remedy = "sudo apt install libsane-dev sane-utils && pip install python-sane"
        return Check("python-sane", False, f"no scanner can be used: {exc}", remedy, optional=True)
    return Check("python-sane", True, str(version))


def _resident_readers(config: Config) -> Iterator[Check]:
    for module, package in (("serial", "pyserial"), ("usb", "pyusb")):
        yield _resident_reader_library(module, package)
    yield _libusb()
    for node in resident_reader_permissions(config):
        yield Check(node.path, node.ok, node.reason.en, node.remedy.en)


def _resident_reader_library(module: str, package: str) -> Check:
    try:
        version = import_module(module).__version__
    except ImportError as exc:
        reason = f"no resident ID reader can be used with it: {exc}"
        return Check(package, False, reason, f"pip install {package}", optional=True)
    return Check(package, True, str(version))


def _libusb() -> Check:
    try:
        ctypes.CDLL("libusb-1.0.so.0")
    except OSError:
        reason = "libusb is not installed: no USB resident ID reader can be used"
        return Check("libusb", False, reason, "sudo apt install libusb-1.0-0", optional=True)
    return Check("libusb", True, "present")


def _smart_cards(config: Config) -> Iterator[Check]:
    if not config.cards.enabled:
        yield Check("pcscd", True, "not used: [cards] enabled is false")
        return
    library = _pyscard()
    yield library
    if not library.ok:
        return  # which is all there is to say of the service
    service = smart_card_service()
    yield Check(service.path, service.ok, service.reason.en, service.remedy.en, optional=True)


def _pyscard() -> Check:
    try:
        return Check("pyscard", True, metadata.version("pyscard"))
    except metadata.PackageNotFoundError:
        reason = "no PC/SC reader can be used: pyscard is not installed"
        remedy = "sudo apt install pcscd libpcsclite-dev swig && pip install pyscard"
        return Check("pyscard", False, reason, remedy, optional=True)


def _finger_sensors(config: Config) -> Iterator[Check]:
    if not config.fingers.enabled:
        yield Check("libfprint", True, "not used: [fingers] enabled is false")
        return
    yield _libfprint(config)
    for node in finger_permissions():
        # Built-in sensors are among them, which mostly give no pictures and are nobody's concern here.
        yield Check(node.path, node.ok, node.reason.en, node.remedy.en, optional=True)


def _libfprint(config: Config) -> Check:
    python = finger_interpreter(config)
    if python is None:
        reason = "no fingerprint sensor can be used: no Python here loads libfprint's bindings"
        remedy = "sudo apt install libfprint-2-2 gir1.2-fprint-2.0 python3-gi"
        return Check("libfprint", False, reason, remedy, optional=True)
    return Check("libfprint", True, f"runs under {python}")


def _tesseract() -> Check:
    install = "sudo apt install tesseract-ocr tesseract-ocr-chi-sim"
    try:
        known = languages()
    except ToolMissing:
        return Check("tesseract", False, "searchable PDFs cannot be made", install, optional=True)
    missing = [language for language in LANGUAGES if language not in known]
    found = ", ".join(known) or "no language"
    if missing:
        reason = f"reads {found}, but not {', '.join(missing)}"
        return Check("tesseract", False, reason, install, optional=True)
    return Check("tesseract", True, f"reads {found}")


def _print(check: Check) -> None:
    mark = "ok     " if check.ok else "without" if check.optional else "MISSING"
    print(f"{mark} {check.name}: {check.reason}")
    if check.remedy:
        print(f"        -> {check.remedy}")
