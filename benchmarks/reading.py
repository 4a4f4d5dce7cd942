"""Real pictures that nobody here drew, read: text beside RapidOCR, zones, invoices, cards."""

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
from benchmarks.text import readers, real
from benchmarks.text.real import RealPicture
from benchmarks.text.score import character_f1, f1, order
from imgcore.fields import Document, DocumentReader
from imgcore.types import Image
from server.documents.text_reader import model_contents, text_reader
from server.services.pictures.model_cache import ModelCache

Row = dict[str, Any]
"""Measurements of one picture: name, set, half, and figures by their names."""
HALVES = ("open", "held-out")
ABOUT = """Pictures of public sources that nobody here drew and no net was trained on, not part of the
project. A line a set: its half on which thresholds were chosen, then the *held-out* half (by the hash of
each file), which was only ever measured. Text: F1 of characters wherever they stand, F1 of pairs of
neighbours within lines, and the share of what was read that stands in the true order;
CPU in seconds of one processor. Zones and invoices: every character counts. {machine}

"""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; 0 where the pictures are not here, which is said."""
    parser = argparse.ArgumentParser(prog="reading", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="nothing is written to the page")
    parser.add_argument("--folder", type=Path, default=real.FOLDER, help="pictures with their truth.json")
    parser.add_argument("--sets", nargs="*", help="these alone")
    parser.add_argument("--half", choices=HALVES, help="this alone")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--json", type=Path, help="file for the figures of each picture")
    options = parser.parse_args(arguments)
    if not (options.folder / "truth.json").exists():
        print(f"reading: skipped, there is no truth.json in {options.folder}", file=sys.stderr)
        return 0
    rows = list(_rows(options))
    if options.json:
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    machine = report.machine(("onnxruntime", "opencv-contrib-python", "numpy"))
    body = ABOUT.format(machine=machine) + "\n\n".join(_tables(rows))
    report.publish("reading", "Reading of real pictures", body, options.quick or bool(options.sets))
    return 0


def _rows(options: argparse.Namespace) -> Iterator[Row]:
    cv2.setNumThreads(1)
    text = text_reader(model_contents(), 1)
    documents = DocumentReader(text, ModelCache().documents())
    peer = None if options.no_peers else readers.rapidocr()
    own = readers.gaopai(text)
    for warm in filter(None, (own, peer)):
        warm(np.full((64, 256, 3), 255, np.uint8))
    for picture in real.pictures(options.folder):
        half = HALVES[picture.held_out]
        if (options.sets and picture.set not in options.sets) or options.half not in (None, half):
            continue
        row: Row = {"name": picture.name, "set": picture.set, "half": half}
        if "text" in picture.truth:
            row |= _text_figures(picture, own, "gaopai")
            row |= _text_figures(picture, peer, "RapidOCR") if peer else {}
        else:
            row |= _document_figures(picture, documents)
        print(json.dumps(row, ensure_ascii=False), file=sys.stderr, flush=True)
        yield row


def _text_figures(picture: RealPicture, reader: readers.Reader, name: str) -> Row:
    said, seconds = _timed(reader, picture.image)
    figures = {
        "characters": character_f1(picture.lines, said),
        "pairs": f1(picture.lines, said),
        "order": order(picture.lines, said),
        "CPU": seconds,
    }
    return {name: {key: round(figure, 3) for key, figure in figures.items()}}


def _document_figures(picture: RealPicture, reader: DocumentReader) -> Row:
    found, seconds = _timed(reader.read, picture.image)
    wanted = wanted_fields(picture.truth)
    counts = max((tally(wanted, one) for one in found), key=lambda one: one["right"], default=tally(wanted))
    return {**counts, "lies": sum(is_lie(wanted, one) for one in found), "CPU": round(seconds, 2)}


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
    texts = [row for row in rows if "gaopai" in row]
    if texts:
        head = ("text", "pictures", *(f"{name} {key}" for key in keys for name in names))
        yield report.table(head, [_text_row(*group, names, keys) for group in _groups(texts)])
    documents = [row for row in rows if "right" in row]
    if documents:
        head = ("documents", "pictures", "fields", "right", "wrong", "missing", "true", "lies", "CPU")
        yield report.table(head, [_document_row(*group) for group in _groups(documents)])


def _groups(rows: Sequence[Row]) -> Iterator[tuple[str, Sequence[Row]]]:
    for name in dict.fromkeys(row["set"] for row in rows):
        for half in HALVES:
            if group := [row for row in rows if (row["set"], row["half"]) == (name, half)]:
                yield f"{name}, {half}", group


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
