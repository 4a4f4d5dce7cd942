"""Which codes are read on photographs and samples with known texts, beside zxing-cpp and zbar alone."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks import report
from benchmarks.quality.photographs import SHARED
from imgcore import codec
from imgcore.barcode import engines, read_codes
from imgcore.types import Image, ImageError

FOLDER = SHARED / "data" / "barcode"
LIMIT = 250_000_000
HEAD = ("set", "reader", "pictures", "all texts read", "a wrong or extra text", "ms, median")
Read = Callable[[Image], Sequence[str]]


@dataclass
class Score:
    """How one reader did on one set."""

    pictures: int = 0
    right: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="barcode", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every tenth picture, and nothing is written")
    options = parser.parse_args(arguments)
    if not (FOLDER / "manifest.json").is_file():
        print("barcode: the pictures are not here; name their folder in GAOPAI_SHARED", file=sys.stderr)
        return 1
    scores = _measure(10 if options.quick else 1)
    rows = [_row(name, reader, score) for (name, reader), score in sorted(scores.items())]
    intro = (
        f"{report.machine(('zxing-cpp', 'pyzbar', 'opencv-contrib-python'))} Pictures with known texts; a "
        "text counts as read when it is given whole, leading zeros and FNC1 aside. Thresholds were tuned "
        "while looking at these sets. Wall time on two threads for gaopai, one for the others."
    )
    report.publish("barcode", "Barcodes", f"{intro}\n\n{report.table(HEAD, rows)}", options.quick)
    return 0


def _row(name: str, reader: str, score: Score) -> tuple[str, ...]:
    share = f"{score.right} ({score.right / score.pictures:.1%})"
    middle = f"{statistics.median(score.seconds) * 1000:.1f}"
    return name, reader, str(score.pictures), share, str(score.wrong), middle


def _measure(every: int) -> dict[tuple[str, str], Score]:
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    with ThreadPoolExecutor(1) as helper:
        readers = dict(_readers(helper))
        for number, (name, image, texts) in enumerate(_pictures()):
            if number % every == 0:
                for reader, read in readers.items():
                    _judge(scores[name, reader], image, texts, read)
    return scores


def _readers(helper: ThreadPoolExecutor) -> Iterator[tuple[str, Read]]:
    yield "gaopai", lambda image: [code.text for code in read_codes(image, run=helper.submit)]
    for engine in engines.find_engines():
        yield engine.name, _alone(engine)


def _alone(engine: engines.Engine) -> Read:
    return lambda image: [hit.text for hit in engine.read_picture(_grey(image), False)]


def _grey(image: Image) -> Image:
    return image if image.ndim == 2 else codec.decode(codec.encode(image[:, :, 1], "png"), LIMIT)


def _judge(score: Score, image: Image, texts: Sequence[str], read: Read) -> None:
    begun = time.perf_counter()
    given = {_plain(text) for text in read(image)}
    score.seconds.append(time.perf_counter() - begun)
    wanted = {_plain(text) for text in texts}
    score.pictures += 1
    score.right += wanted <= given
    score.wrong += bool(given - wanted)


def _plain(text: str) -> str:
    return text.replace("\x1d", "").lstrip("0")


def _pictures() -> Iterator[tuple[str, Image, list[str]]]:
    for entry in json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8")):
        found = entry["expected"] or []
        texts = [one["text"] for one in found if one.get("text")]
        name = _set_of(entry["set"], texts)
        # Some sets know where codes are and not what they say.
        if name is None or len(texts) < len(found):
            continue
        try:
            yield name, codec.decode((FOLDER / entry["path"]).read_bytes(), LIMIT), texts
        except ImageError as exc:
            print(f"barcode: {entry['path']}: {exc}", file=sys.stderr)


def _set_of(name: str, texts: Sequence[str]) -> str | None:
    top, _, kind = name.partition("/")
    if top == "zxing-cpp" and not kind.startswith("falsepositives"):
        return "zxing-cpp, QR" if kind.startswith("qrcode") else "zxing-cpp, linear"
    if not texts:
        return None if top in ("boofcv", "jsqr", "zbar") else "no code that is read"
    return top


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
