"""Symbols beyond the standard's kinds on pages of print: blurred, noisy, unevenly lit, tilted and turned."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from benchmarks.barcode import symbols
from benchmarks.barcode.sets import BarcodeSample
from benchmarks.barcode.symbols import SECONDS, Random, digits, with_check, word
from benchmarks.gate.probe import Better, Case, Figure, Outcome
from imgcore import codec
from imgcore.barcode import USUAL, read_codes
from imgcore.barcode.code import Symbology
from imgcore.barcode.engines import best_engine
from imgcore.types import Image
from synthetic.documents.pages import make_page

_SIDE = 720
"""Pixels on a side of a page; a larger symbol gets a larger page."""
_FINE = 2
"""Samples a pixel along each side, before a page is reduced to what a camera sees."""
_CELL = 8
"""Pixels a module of the symbol as zint draws it."""
_HEXAGON = 20
"""Pixels a hexagon of a MaxiCode as zint draws it at the same scale."""
_MODULE = (2.0, 6.0)
"""Least and largest pixels a module."""
_TURN = (10.0, 70.0)
"""Least and largest turn in degrees, in either direction."""
_BLUR = (0.15, 0.4)
"""Least and largest standard deviation of the blur in modules."""
_NOISE = (2.0, 10.0)
"""Least and largest standard deviation of the noise in grey levels."""
_TILT = 0.2
"""Largest share by which the far end is smaller."""
_SHADE = 0.5
"""Least light at the dark side of the page over that at the bright one."""
_FADED = 0.6
"""Least contrast of the ink."""
_QUIET = 4
"""Modules of white ground around a symbol."""
_MOST_PIXELS = 4_000_000
"""Limit of zint's picture of a symbol."""

Compose = Callable[[Random], tuple[str, str]]


def _same(compose: Callable[[Random], str]) -> Compose:
    def both(random: Random) -> tuple[str, str]:
        text = compose(random)
        return text, text

    return both


def _gs1(random: Random) -> tuple[str, str]:
    item = with_check("0" + digits(random, 12))
    batch = word(random, 6)
    return f"[01]{item}[17]281231[10]{batch}", f"01{item}1728123110{batch}"


def _item(first: str) -> Compose:
    def compose(random: Random) -> tuple[str, str]:
        number = first + digits(random, 12)
        return number, f"01{with_check(number)}"

    return compose


def _boarding_pass(random: Random) -> str:
    name = f"{word(random, 7)}/{word(random, 5)}".ljust(20)
    return f"M1{name}E{word(random, 6)} PEKSHACA 1831 {random.integers(1, 366):03}Y021A0034 100"


def _film(random: Random) -> str:
    return f"{random.integers(1, 128)}-{random.integers(1, 16)}"


_KINDS: Mapping[Symbology, tuple[tuple[str, ...], Compose]] = {
    Symbology.DATA_MATRIX: (("-b", "71", "--gs1"), _gs1),
    Symbology.PDF417: (("-b", "55"), _same(_boarding_pass)),
    Symbology.AZTEC: (("-b", "92"), _same(_boarding_pass)),
    Symbology.MICRO_PDF417: (("-b", "84"), _same(lambda random: word(random, 24))),
    Symbology.MICRO_QR: (("-b", "97"), _same(lambda random: word(random, 8))),
    Symbology.RMQR: (("-b", "145"), _same(lambda random: word(random, 14))),
    Symbology.MAXICODE: (("-b", "57"), _same(lambda random: word(random, 40))),
    Symbology.DATABAR: (("-b", "29"), _item("0")),
    Symbology.DATABAR_LIMITED: (("-b", "30"), _item("1")),
    Symbology.DATABAR_EXPANDED: (("-b", "31"), _gs1),
    Symbology.DX_FILM_EDGE: (("-b", "147"), _same(_film)),
    Symbology.TELEPEN: (("-b", "32"), _same(lambda random: word(random, 8))),
}
KINDS = tuple(_KINDS)
"""Kinds that are drawn."""


SEED = 1
"""Seed of the symbols that stand in the ledger."""
_EACH = 30
"""Symbols of each kind in the ledger."""
FIGURES = (
    *(Figure(f"{kind.value}: right", goal=0.99, unit="%") for kind in KINDS),
    Figure("wrong texts", Better.LOWER, 0, "of"),
)
"""Figures of a reader."""


def cases() -> Sequence[Case]:
    """Return the symbols of the ledger: of each kind, each with its own seed."""
    if not symbols.available():
        return ()
    return [Case(f"{kind.value} {number}", (kind, SEED, number)) for number in range(_EACH) for kind in KINDS]


def sample(kind: Symbology, seed: int, number: int) -> BarcodeSample:
    """Return a degraded symbol of a kind."""
    random = np.random.default_rng([seed, KINDS.index(kind), number])
    options, compose = _KINDS[kind]
    data, text = compose(random)
    with TemporaryDirectory() as folder:
        symbol = _drawn(options, data, Path(folder) / "symbol.png")
    cell = _HEXAGON if kind is Symbology.MAXICODE else _CELL
    module = random.uniform(*_MODULE)
    side = max(_SIDE, int(1.2 * np.hypot(*symbol.shape) / cell * module))
    seen = _placed(symbol, module / cell, side, random)
    seen = cv2.GaussianBlur(seen, (0, 0), random.uniform(*_BLUR) * module)
    white = 235.0
    seen = white - (white - seen) * random.uniform(_FADED, 1)
    across = np.linspace(random.uniform(_SHADE, 1), 1, side, dtype=np.float32)
    seen *= across if random.integers(2) else across[::-1, None]
    noisy = seen + random.normal(0, random.uniform(*_NOISE), seen.shape)
    return BarcodeSample(kind.value, None, np.clip(noisy, 0, 255).astype(np.uint8), (text,))


def _drawn(options: tuple[str, ...], data: str, path: Path) -> Image:
    """Return the symbol as zint draws it, grey, with white ground around it."""
    command = ["zint", *options, "-d", data, "--scale=4", "--notext", f"--whitesp={_QUIET}", "-o", str(path)]
    subprocess.run(command, check=True, timeout=SECONDS, capture_output=True)
    picture = np.asarray(cv2.cvtColor(codec.decode(path.read_bytes(), _MOST_PIXELS), cv2.COLOR_BGR2GRAY))
    ground = _QUIET * _CELL
    return np.pad(picture, ground, constant_values=255).astype(np.uint8)


def _placed(symbol: Image, factor: float, side: int, random: Random) -> cv2.typing.MatLike:
    """Return a page with the symbol on it, turned and tilted, as an ideal camera sees it."""
    made = make_page(int(random.integers(1 << 30)), (_SIDE, _SIDE), "white").picture
    ground = cv2.resize(cv2.cvtColor(made, cv2.COLOR_BGR2GRAY), (side * _FINE, side * _FINE))
    high, wide = symbol.shape
    angle = np.deg2rad(random.uniform(*_TURN) * random.choice((-1, 1)))
    corners = np.array([(-wide, -high), (wide, -high), (wide, high), (-wide, high)]) * factor * _FINE / 2
    corners[1:3] *= 1 - random.uniform(0, _TILT)
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    there = (corners @ turn + side * _FINE / 2).astype(np.float32)
    here = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    way = cv2.getPerspectiveTransform(here, there)
    size = (side * _FINE, side * _FINE)
    # A symbol that is drawn finer than the page would be undersampled.
    reach = max(0.5 / (factor * _FINE), 0.4)
    soft = cv2.GaussianBlur(np.where(symbol > 127, 235, 25).astype(np.float32), (0, 0), reach)
    drawn = cv2.warpPerspective(soft, way, size)
    share = cv2.warpPerspective(np.ones(symbol.shape, np.float32), way, size)
    page = ground.astype(np.float32) * (1 - share) + drawn * share
    return cv2.resize(page, (side, side), interpolation=cv2.INTER_AREA)


def outcome(drawn: BarcodeSample, texts: Iterable[str]) -> Outcome:
    """Judge the texts that a reader gives of a symbol."""
    found = set(map(bare, texts))
    wanted = set(drawn.texts)
    return Outcome(
        {f"{drawn.group}: right": float(wanted <= found), "wrong texts": float(bool(found - wanted))}
    )


def main(arguments: Sequence[str]) -> int:
    """Print how many degraded symbols of each kind are read, by zxing-cpp alone and by gaopai."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.barcode.degraded", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="names of kinds (default: all)")
    parser.add_argument("--count", type=int, default=1000, help="symbols of each kind (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    options = parser.parse_args(arguments)
    print("kind: symbols, read by zxing-cpp, read by gaopai, with a wrong text")
    for kind in map(Symbology, options.kinds) if options.kinds else KINDS:
        asked = USUAL | {kind}
        engine = best_engine(asked)
        assert engine is not None
        counts = np.zeros(3, int)
        for number in range(options.count):
            drawn = sample(kind, options.seed, number)
            alone = {bare(one.text) for one in engine.read_picture(drawn.picture, False)}
            found = {bare(one.text) for one in read_codes(drawn.picture, kinds=asked)}
            wanted = set(drawn.texts)
            counts += wanted <= alone, wanted <= found, bool(found - wanted)
        print(f"{kind.value}: {options.count}, {', '.join(map(str, counts))}", flush=True)
    return 0


def bare(text: str) -> str:
    """Return a text without the characters that some readers leave out."""
    return text.replace("\x1d", "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
