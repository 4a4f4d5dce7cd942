"""``gaopai detect``: detection of documents and skew in picture files."""

from __future__ import annotations

import argparse
from pathlib import Path

from imgcore.deskew import find_skew
from imgcore.outline import DocumentNets, find_documents
from imgcore.types import Image, Outline
from server.cli.files import print_found, rounded
from server.services.pictures.model_cache import ModelCache
from server.telemetry.printable import printable

SUMMARY = "Find the documents in pictures: corners, and how far the text is turned."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="picture files or folders")
    parser.add_argument("--json", action="store_true", help="one JSON object a file")


def run(arguments: argparse.Namespace) -> int:
    """Print the documents of each file; return 1 if a file or gaopai's own models could not be read."""
    nets = ModelCache().documents()
    return print_found(arguments, lambda image: detect(image, nets), _sentence)


def detect(image: Image, nets: DocumentNets | None) -> dict[str, object]:
    """Return the documents of one picture, as printed in JSON."""
    finding = find_documents(image, nets)
    skew = find_skew(image)
    return {
        "width": image.shape[1],
        "height": image.shape[0],
        "documents": [_document(outline) for outline in finding.outlines],
        "unsure": [{**_document(outline), "reason": str(reason)} for outline, reason in finding.refused],
        "skew_degrees": None if skew is None else round(skew.degrees, 3),
    }


def _document(outline: Outline) -> dict[str, object]:
    return {"corners": rounded(outline.corners), "score": round(outline.score, 3)}


def _sentence(found: dict[str, object]) -> str:
    documents = found["documents"]
    unsure = found["unsure"]
    assert isinstance(documents, list) and isinstance(unsure, list)
    doubted = f" ({len(unsure)} not trusted: {', '.join(sorted({each['reason'] for each in unsure}))})"
    skew = "unsure" if found["skew_degrees"] is None else f"{found['skew_degrees']} degrees"
    return (
        f"{printable(found['file'])}: {len(documents)} document(s){doubted if unsure else ''}, skew {skew}, "
        f"{found['ms']} ms"
    )
