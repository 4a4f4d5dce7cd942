"""Fields of identity cards, bank cards, passports, licences and invoices: photographs of drawn specimens."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2

from benchmarks import report
from imgcore.fields import Document, DocumentReader
from server.documents.text_reader import model_contents, text_reader
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.specimens import KINDS, PAPERS, Photograph, make_photograph
from synthetic.documents.travel_document import SIZES

FIRST = 30000
COUNT = 100
QUICK = 4
_SHARES = {
    **dict.fromkeys(SIZES, len(SIZES)),
    **dict.fromkeys(("permit-front", "permit-back", "foreigner", "business-licence", "invoice", *PAPERS), 4),
}
"""Forms of zones are one kind together; of rarer cards and of pages, which take long, there are fewer."""


class Tally(NamedTuple):
    """Counts of the photographs of one kind.

    Attributes
    ----------
    exact
        All fields are those that were printed.
    proven
        Said to be valid.
    unforgivable
        Said to be valid with a field that is wrong or missing.
    ms
        Processor time of all of them.
    """

    photographs: int = 0
    exact: int = 0
    proven: int = 0
    unforgivable: int = 0
    ms: float = 0.0

    def with_one(self, photograph: Photograph, found: Sequence[Document], ms: float) -> Tally:
        """Return the counts with one photograph more."""
        wanted = photograph.specimen.fields
        document = next((one for one in found if one.kind == photograph.specimen.kind), None)
        exact = document is not None and dict(document.fields) == {k: v for k, v in wanted.items() if v}
        proven = any(one.valid is True for one in found)
        return Tally(
            self.photographs + 1,
            self.exact + exact,
            self.proven + proven,
            self.unforgivable + (proven and not exact),
            self.ms + ms,
        )

    def row(self, kind: str) -> tuple[str, ...]:
        """Return a line of the table."""
        share = f"{self.exact / max(1, self.photographs):.1%}"
        return (
            kind,
            f"{self.photographs}",
            f"{share} ({self.exact})",
            f"{self.proven}",
            f"{self.unforgivable}",
            f"{self.ms / max(1, self.photographs):.0f}",
        )


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="documents", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few photographs, and nothing is written")
    parser.add_argument("--count", type=int, default=COUNT, help="photographs of a kind")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    count = QUICK if options.quick else options.count
    reader = DocumentReader(text_reader(model_contents(), 1), ModelCache().documents())
    rows = [tally.row(kind) for kind, tally in _tallies(reader, count)]
    head = ("photographs of", "number", "all fields exact", "valid: true", "wrong with valid: true", "CPU ms")
    body = "\n\n".join([_intro(), report.table(head, rows)])
    report.publish("documents", "Fields of documents (drawn specimens)", body, options.quick)
    return 0


def _intro() -> str:
    return (
        f"{report.machine(('onnxruntime', 'opencv-contrib-python', 'numpy'))} DRAWN CARDS ONLY: specimens "
        "that nobody was ever issued, in the fonts of this machine, on drawn desks, tilted, unevenly lit, "
        "one in three with glare, cards 300 to 500 pixels high. Real cards have other fonts, worn print, "
        "holograms and security print: what these figures say about them was not measured. Seeds from "
        f"{FIRST} on, which nothing was tried on."
    )


def _tallies(reader: DocumentReader, count: int) -> Iterator[tuple[str, Tally]]:
    for kind in (*KINDS, *PAPERS):
        number = -(-count // _SHARES.get(kind, 1))
        tally = Tally()
        for seed in range(FIRST, FIRST + number):
            photograph = make_photograph(seed, kind)
            begun = time.process_time()
            found = reader.read(photograph.picture)
            tally = tally.with_one(photograph, found, 1000 * (time.process_time() - begun))
        print(*tally.row(kind), flush=True)
        yield kind, tally
