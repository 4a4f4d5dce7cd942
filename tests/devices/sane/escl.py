"""A driverless network scanner: the eSCL that sane-airscan speaks, well-behaved or not, on the loopback."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.patience import PATIENCE

RED = (40, 40, 220)
BLUE = (220, 40, 40)
"""BGR of the left and the right half of each page."""
BAR_ROWS = 8
"""A page carries as many black bars of that height as its number says, from its top."""
PAGE_SECONDS = 0.1
"""Sheets do not fly: where all of a job is done before sane-airscan looks, it calls the feeder empty."""
UNITS_PER_INCH = 300
RESOLUTIONS = (75, 100, 200, 300)

_NAMES = 'xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"'


@dataclass
class Behaviour:
    """What the scanner does; may be changed while it runs.

    Attributes
    ----------
    pages
        Sides that the feeder gives for each job.
    adf_state
        As ScannerStatus says, such as ``ScannerAdfEmpty`` or ``ScannerAdfJam``.
    refused
        HTTP status with which jobs are refused for ever, such as 409.
    busy
        So many jobs more are answered with 503.
    fail_page
        The page at which `failure` happens, from 1; the adf_state is that of `fail_state` then.
    failure
        ``drop`` (the connection, in the middle of a page), ``truncate`` (a JPEG that ends too
        early, well delivered), ``stall`` (no answer until the server is closed), ``409``, ``503``.
    """

    pages: int = 3
    adf_state: str = "ScannerAdfLoaded"
    refused: int = 0
    busy: int = 0
    fail_page: int = 0
    failure: str = ""
    fail_state: str = ""


@dataclass
class Job:
    """One scan job as the client ordered it."""

    feeder: bool
    width: int
    height: int
    grey: bool
    page: int = 0


class EsclScanner:
    """Serves until it is closed.

    Attributes
    ----------
    requests
        Method and path of each request, in order.
    behaviour
        What the scanner does from now on.
    """

    def __init__(self) -> None:
        self.behaviour = Behaviour()
        self.requests: list[str] = []
        self.jobs: dict[str, Job] = {}
        self.ended = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"scanner": self}))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/eSCL/"

    def state(self) -> str:
        """The feeder's state; a failure shows its own, once it happened."""
        how = self.behaviour
        failed = how.fail_state and any(job.page >= how.fail_page > 0 for job in self.jobs.values())
        return how.fail_state if failed else how.adf_state

    def deleted(self) -> list[str]:
        """Jobs that the client cancelled or ended, by path."""
        return [line.split()[1] for line in self.requests if line.startswith("DELETE ")]

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join(PATIENCE)
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    scanner: EsclScanner
    protocol_version = "HTTP/1.1"
    timeout = 10

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing on the terminal."""

    def send(self, status: int, body: bytes = b"", kind: str = "text/xml", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.scanner.requests.append(f"GET {self.path}")
        if self.path.endswith("/ScannerCapabilities"):
            self.send(200, _capabilities().encode())
        elif self.path.endswith("/ScannerStatus"):
            self.send(200, _status(self.scanner.state()).encode())
        elif self.path.endswith("/NextDocument"):
            self._next_document(self.scanner.jobs.get(self.path.split("/")[-2]))
        else:
            self.send(404)

    def do_POST(self) -> None:
        self.scanner.requests.append(f"POST {self.path}")
        order = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        how = self.scanner.behaviour
        if how.refused or how.busy:
            how.busy = max(how.busy - 1, 0)
            self.send(how.refused or 503)
            return
        number = str(len(self.scanner.requests))
        self.scanner.jobs[number] = _job(order)
        self.send(201, Location=f"{self.scanner.url}ScanJobs/{number}")

    def do_DELETE(self) -> None:
        self.scanner.requests.append(f"DELETE {self.path}")
        known = self.scanner.jobs.pop(self.path.split("/")[-1], None)
        self.send(200 if known else 404)

    def _next_document(self, job: Job | None) -> None:
        how = self.scanner.behaviour
        self.scanner.ended.wait(PAGE_SECONDS)
        if job is None or job.page >= (how.pages if job.feeder else 1):
            self.send(404)
            return
        job.page += 1
        picture = _encoded(job.page, job.width, job.height, job.grey)
        if job.page != how.fail_page:
            self.send(200, picture, "image/jpeg")
        elif how.failure.isdecimal():
            self.send(int(how.failure))
        else:
            self._fail(how.failure, picture)

    def _fail(self, failure: str, picture: bytes) -> None:
        if failure == "stall":
            self.scanner.ended.wait()
        elif failure == "truncate":
            self.send(200, picture[: len(picture) // 2], "image/jpeg")
        elif failure == "drop":
            self.send(200, b"", "image/jpeg", **{"Content-Length": str(len(picture))})
            self.wfile.write(picture[: len(picture) // 2])
        self.close_connection = True


def page_pixels(page: int, width: int, height: int) -> NDArray[np.uint8]:
    """A page as it was before the JPEG, BGR."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:, : width // 2] = RED
    picture[:, width // 2 :] = BLUE
    for bar in range(page):
        picture[2 * bar * BAR_ROWS : (2 * bar + 1) * BAR_ROWS] = 0
    return picture


@cache
def _encoded(page: int, width: int, height: int, grey: bool) -> bytes:
    picture = page_pixels(page, width, height)
    if grey:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


def _job(order: str) -> Job:
    def value(name: str, otherwise: str) -> str:
        found = re.search(rf"<(?:scan|pwg):{name}>([^<]*)<", order)
        return found.group(1) if found else otherwise

    def pixels(name: str, axis: str) -> int:
        return int(value(name, "300")) * int(value(f"{axis}Resolution", "300")) // UNITS_PER_INCH

    return Job(
        feeder=value("InputSource", "Platen") == "Feeder",
        width=pixels("Width", "X"),
        height=pixels("Height", "Y"),
        grey=value("ColorMode", "RGB24") == "Grayscale8",
    )


# Documents ---------------------------------------------------------------------------------------------


def _element(name: str, *content: str) -> str:
    return f"<{name}>{''.join(content)}</{name.partition(' ')[0]}>"


def _elements(values: Mapping[str, object]) -> str:
    return "".join(_element(name, str(value)) for name, value in values.items())


def _inputs(name: str) -> str:
    sizes = {"MinWidth": 16, "MaxWidth": 2550, "MinHeight": 16, "MaxHeight": 3508, "MaxScanRegions": 1}
    modes = "".join(_element("scan:ColorMode", mode) for mode in ("Grayscale8", "RGB24"))
    steps = "".join(
        _element("scan:DiscreteResolution", _elements({"scan:XResolution": dots, "scan:YResolution": dots}))
        for dots in RESOLUTIONS
    )
    profile = _element(
        "scan:SettingProfile",
        _element("scan:ColorModes", modes),
        _element("scan:DocumentFormats", _element("pwg:DocumentFormat", "image/jpeg")),
        _element("scan:SupportedResolutions", _element("scan:DiscreteResolutions", steps)),
    )
    named = {f"scan:{key}": value for key, value in sizes.items()}
    return _element(name, _elements(named), _element("scan:SettingProfiles", profile))


def _document(name: str, *content: str) -> str:
    version = _element("pwg:Version", "2.63")
    return '<?xml version="1.0" encoding="UTF-8"?>' + _element(f"{name} {_NAMES}", version, *content)


@cache
def _capabilities() -> str:
    feeder = (_inputs("scan:AdfSimplexInputCaps"), _inputs("scan:AdfDuplexInputCaps"))
    return _document(
        "scan:ScannerCapabilities",
        _element("pwg:MakeAndModel", "Virtual eSCL"),
        _element("scan:Platen", _inputs("scan:PlatenInputCaps")),
        _element("scan:Adf", *feeder, _element("scan:FeederCapacity", "50")),
    )


def _status(state: str) -> str:
    return _document("scan:ScannerStatus", _element("pwg:State", "Idle"), _element("scan:AdfState", state))
