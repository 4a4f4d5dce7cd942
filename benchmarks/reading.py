"""Real pictures that nobody here drew, read: text beside RapidOCR, zones, invoices, cards, tables, time."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks import report
from benchmarks.text import made, pages, readers, real
from benchmarks.text.cells import Cell, cells_right
from benchmarks.text.made import Sample
from benchmarks.text.real import RealPicture
from benchmarks.text.score import character_f1, f1, order
from imgcore.fields import Document, DocumentReader
from imgcore.tables import find_tables
from imgcore.text import TextReader
from imgcore.types import Image
from server.documents.text_reader import model_contents, text_reader
from server.services.pictures.model_cache import ModelCache
from synthetic.documents.data_tables import make_table_page

Row = dict[str, Any]
"""Measurements of one picture: name, set, half, and figures by their names."""
HALVES = ("open", "held-out")
NO_PAPERS = 15
"""Pictures of print that are asked for papers, of which there are none on them."""
TABLES = 4
TABLE_SEED = 500
"""Drawn tables of each kind, in Chinese and English in turns."""
ABOUT = """Pictures of public sources that nobody here drew and no net was trained on, not part of the
project. A line a set: its half on which thresholds were chosen, then the *held-out* half (by the hash of
each file), which was only ever measured. Text: F1 of characters wherever they stand, F1 of pairs of
neighbours within lines, and the share of what was read that stands in the true order;
CPU in seconds of one processor. *Turned* are pictures of these sets by {angles} degrees, *low resolution*
those of {small} at {reduced}. Zones and invoices: every character counts; *EXIF*: one zone stored in the
seven ways; *bank cards* are drawn, with {contrasts} of their contrast left. Cells of tables are right
with their text, place and spans; those drawn are poor copies. *Drawn* is what no collected picture
shows. {machine}

"""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; 0 where the pictures are not here, which is said."""
    parser = argparse.ArgumentParser(prog="reading", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="nothing is written to the page")
    parser.add_argument("--folder", type=Path, default=real.FOLDER, help="pictures with their truth.json")
    parser.add_argument(
        "--tables", type=Path, help="folder of pictures of tables, with cells in its truth.json"
    )
    parser.add_argument("--sets", nargs="*", help="these alone; the others' figures are those of --json")
    parser.add_argument("--half", choices=HALVES, help="this alone")
    parser.add_argument("--most", type=int, default=sys.maxsize, help="pictures of a set, spread over all")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--json", type=Path, help="file for the figures of each picture")
    options = parser.parse_args(arguments)
    if not (options.folder / "truth.json").exists():
        print(f"reading: skipped, there is no truth.json in {options.folder}", file=sys.stderr)
        return 0
    rows = _kept(options)
    for row in _rows(options):
        print(json.dumps(row, ensure_ascii=False), file=sys.stderr, flush=True)
        rows.append(row)
        if options.json:
            options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    body = ABOUT.format(
        machine=report.machine(("onnxruntime", "opencv-contrib-python", "numpy")),
        angles=", ".join(f"{angle:.0f}" for angle in made.ANGLES),
        small=", ".join(made.SMALL_SETS),
        reduced=made.REDUCED,
        contrasts=", ".join(f"{share}" for share in made.CONTRASTS),
    )
    partial = options.half or (options.sets and not options.json)
    report.publish(
        "reading",
        "Reading of real pictures",
        body + "\n\n".join(_tables(rows)),
        bool(options.quick or partial),
    )
    return 0


def _kept(options: argparse.Namespace) -> list[Row]:
    """Return the figures of the sets that are not measured now."""
    if not (options.sets and options.json and options.json.exists()):
        return []
    rows: list[Row] = json.loads(options.json.read_text(encoding="utf-8"))
    return [row for row in rows if row["set"] not in options.sets]


def _rows(options: argparse.Namespace) -> Iterator[Row]:
    cv2.setNumThreads(1)

    def wanted(name: str) -> bool:
        return not options.sets or name in options.sets

    halves = [one for one in real.pictures(options.folder) if options.half in (None, HALVES[one.held_out])]
    pictures = _spread(halves, options.most)
    begun = time.process_time()
    text = text_reader(model_contents(), 1)
    if wanted("time"):
        yield from _time_rows(text, begun)
    texts = [one for one in pictures if "text" in one.truth]
    samples: list[Iterator[RealPicture | Sample]] = [
        iter(texts), made.turned(texts), made.reduced(texts), made.columns()
    ]  # fmt: skip
    peer = None if options.no_peers else readers.rapidocr()
    yield from _text_rows((one for group in samples for one in group if wanted(one.set)), text, peer)
    documents = DocumentReader(text, ModelCache().documents())
    yield from _document_rows([one for one in pictures if one not in texts], documents, wanted)
    if wanted("no paper"):
        for one in texts[:: max(1, len(texts) // NO_PAPERS)][:NO_PAPERS]:
            said, seconds = _timed(documents.read, one.image)
            yield _row(one, "no paper", {"said": len(said), "CPU": round(seconds, 2)})
    yield from _table_rows(options.tables, text, wanted)


def _spread(pictures: Sequence[RealPicture], most: int) -> list[RealPicture]:
    """Return so many pictures of each set at most."""
    groups = [[one for one in pictures if one.set == name] for name in dict.fromkeys(p.set for p in pictures)]
    return [one for group in groups for one in group[:: -(-len(group) // most)]]


def _row(one: RealPicture | Sample, group: str, figures: Row) -> Row:
    return {"name": one.name, "set": group, "half": HALVES[one.held_out], **figures}


def _time_rows(text: TextReader, begun: float) -> Iterator[Row]:
    """Yield processor time of the first answer, which loads the nets, of the next, and of large pictures."""
    form = pages.page(3, "zh").picture
    text.read(form)
    first = time.process_time() - begun
    second = _timed(text.read, form)[1]
    yield {"name": "a form, first answer", "set": "time", "half": HALVES[1], "CPU": round(first, 2)}
    yield {"name": "a form, second answer", "set": "time", "half": HALVES[1], "CPU": round(second, 2)}
    photograph = pages.photograph(np.random.default_rng(7), pages.page(0, "zh").picture)
    pictures = {
        "A4 page of prose, zh, 150 dpi": pages.page(0, "zh").picture,
        "A4 page of prose, en, 150 dpi": pages.page(0, "en").picture,
        "photograph of a page, 12 MP": cv2.resize(photograph, (4000, 3000), interpolation=cv2.INTER_CUBIC),
    }
    for name, picture in pictures.items():
        spent = _timed(text.read, np.asarray(picture, np.uint8))[1]
        yield {"name": name, "set": "time", "half": HALVES[1], "CPU": round(spent, 2)}


def _text_rows(
    samples: Iterator[RealPicture | Sample], text: TextReader, peer: readers.Reader | None
) -> Iterator[Row]:
    own = readers.gaopai(text)
    for warm in filter(None, (own, peer)):
        warm(np.full((64, 256, 3), 255, np.uint8))
    for one in samples:
        peers = _text_figures(one, peer, "RapidOCR") if peer else {}
        yield _row(one, one.set, _text_figures(one, own, "gaopai") | peers)


def _text_figures(one: RealPicture | Sample, reader: readers.Reader, name: str) -> Row:
    said, seconds = _timed(reader, one.image)
    figures = {
        "characters": character_f1(one.lines, said),
        "pairs": f1(one.lines, said),
        "order": order(one.lines, said),
        "CPU": seconds,
    }
    return {name: {key: round(figure, 3) for key, figure in figures.items()}}


def _document_rows(
    pictures: Sequence[RealPicture], reader: DocumentReader, wanted: Callable[[str], bool]
) -> Iterator[Row]:
    for one in pictures:
        if wanted(one.set):
            yield _row(one, one.set, _document_figures(one.image, wanted_fields(one.truth), reader))
    stored = next((one for one in pictures if "mrz" in one.truth and one.path.suffix == ".jpg"), None)
    if wanted("mrz, EXIF") and stored is not None:
        for name, image in made.stored_turned(stored):
            figures = _document_figures(image, wanted_fields(stored.truth), reader)
            yield _row(stored, "mrz, EXIF", figures) | {"name": name}
    if wanted("bank cards (drawn)"):
        for name, seen in made.bank_cards():
            number = {"number": seen.specimen.fields["number"]}
            figures = _document_figures(seen.picture, number, reader)
            yield {"name": name, "set": "bank cards (drawn)", "half": HALVES[1], **figures}


def _document_figures(image: Image, wanted: Mapping[str, str], reader: DocumentReader) -> Row:
    found, seconds = _timed(reader.read, image)
    counts = max((tally(wanted, one) for one in found), key=lambda one: one["right"], default=tally(wanted))
    return {**counts, "lies": sum(is_lie(wanted, one) for one in found), "CPU": round(seconds, 2)}


def _table_rows(folder: Path | None, text: TextReader, wanted: Callable[[str], bool]) -> Iterator[Row]:
    for ruled in (True, False):
        group = f"tables, {'' if ruled else 'un'}ruled (drawn)"
        for seed in range(TABLE_SEED, TABLE_SEED + TABLES if wanted(group) else TABLE_SEED):
            page = make_table_page(seed, "zh" if seed % 2 else "en", ruled)
            copy = pages.poor_copy(np.random.default_rng(seed), page.picture)
            figures = _cell_figures(copy, page.cells, text)
            yield {"name": f"{seed}", "set": group, "half": HALVES[1], **figures}
    for one in real.pictures(folder) if folder is not None else ():
        if wanted(one.set):
            cells: list[Cell] = [tuple(cell) for cell in one.truth["cells"]]
            yield _row(one, one.set, _cell_figures(one.image, cells, text))


def _cell_figures(image: Image, cells: Sequence[Cell], text: TextReader) -> Row:
    found, seconds = _timed(lambda picture: find_tables(picture, text.read(picture)), image)
    return {"cells": len(cells), "cells right": cells_right(cells, found), "CPU": round(seconds, 2)}


def wanted_fields(truth: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the fields that a document has, by their names."""
    return {"mrz": "\n".join(truth["mrz"])} if "mrz" in truth else dict(truth["fields"])


def tally(wanted: Mapping[str, str], document: Document | None = None) -> Row:
    """Count the fields that were read right, wrong and not at all."""
    said = document.fields if document is not None else {}
    right = sum(name in said and _agree(said[name], text) for name, text in wanted.items())
    missing = sum(name not in said for name in wanted)
    wrong = sorted(name for name, text in wanted.items() if name in said and not _agree(said[name], text))
    valid = document.valid if document is not None else None
    return {
        "right": right, "wrong": len(wrong), "missing": missing, "fields wrong": wrong, "valid": valid,
        "fields missing": sorted(name for name in wanted if name not in said),
    }  # fmt: skip


def is_lie(wanted: Mapping[str, str], document: Document) -> bool:
    """Return whether a document is said to be valid of which a field is wrong or missing."""
    counts = tally(wanted, document)
    return document.valid is True and bool(counts["wrong"] or counts["missing"])


def _agree(said: str, true: str) -> bool:
    """Return whether two texts are the same; a question mark stands for a character that nobody can tell."""
    plain, wanted = (text.replace("（", "(").replace("）", ")") for text in (said, true))
    return len(plain) == len(wanted) and all(b in ("?", a) for a, b in zip(plain, wanted, strict=True))


def _timed(read: Callable[[Image], Any], image: Image) -> tuple[Any, float]:
    begun = time.process_time()
    found = read(image)
    return found, time.process_time() - begun


def _tables(rows: Sequence[Row]) -> Iterator[str]:
    names = ("gaopai", "RapidOCR")
    keys = ("characters", "pairs", "order", "CPU")
    if texts := [row for row in rows if "gaopai" in row]:
        head = ("text", "pictures", *(f"{name} {key}" for key in keys for name in names))
        yield report.table(head, [_text_row(*group, names, keys) for group in _groups(texts)])
    if documents := [row for row in rows if "right" in row]:
        head = ("documents", "pictures", "fields", "right", "wrong", "missing", "true", "lies", "CPU")
        yield report.table(head, [_document_row(*group) for group in _groups(documents)])
    if others := [row for row in rows if "said" in row]:
        silent = sum(not row["said"] for row in others)
        yield f"Of {len(others)} pictures without any such paper, of {silent} nothing was said."
    if tables := [row for row in rows if "cells" in row]:
        head = ("tables", "pictures", "cells", "right", "share", "CPU")
        yield report.table(head, [_cell_row(*group) for group in _groups(tables)])
    if times := [row for row in rows if row["set"] == "time"]:
        head = ("seconds of one processor", "CPU")
        yield report.table(head, [[row["name"], f"{row['CPU']:.2f}"] for row in times])


def _groups(rows: Sequence[Row]) -> Iterator[tuple[str, Sequence[Row]]]:
    for name in dict.fromkeys(row["set"] for row in rows):
        for half in HALVES:
            if group := [row for row in rows if (row["set"], row["half"]) == (name, half)]:
                yield name if "drawn" in name else f"{name}, {half}", group


def _text_row(name: str, group: Sequence[Row], readers: Sequence[str], keys: Sequence[str]) -> list[str]:
    figures = [
        f"{np.mean([row[reader][key] for row in group]):.3f}" if reader in group[0] else "-"
        for key in keys
        for reader in readers
    ]
    return [name, f"{len(group)}", *figures]


def _document_row(name: str, group: Sequence[Row]) -> list[str]:
    counts = [sum(row[key] for row in group) for key in ("right", "wrong", "missing")]
    true = sum(row["valid"] is True for row in group)
    lies = sum(row["lies"] for row in group)
    spent = np.mean([row["CPU"] for row in group])
    return [name, *(f"{count}" for count in (len(group), sum(counts), *counts, true, lies)), f"{spent:.2f}"]


def _cell_row(name: str, group: Sequence[Row]) -> list[str]:
    cells, right = (sum(row[key] for row in group) for key in ("cells", "cells right"))
    spent = np.mean([row["CPU"] for row in group])
    return [name, f"{len(group)}", f"{cells}", f"{right}", f"{right / max(1, cells):.3f}", f"{spent:.2f}"]
