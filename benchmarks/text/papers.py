"""Papers whose fields are known, and how what was read of one is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imgcore.fields import Document


def wanted_fields(truth: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the fields that a document has, by their names."""
    return {"mrz": "\n".join(truth["mrz"])} if "mrz" in truth else dict(truth["fields"])


def scores(kind: str, wanted: Mapping[str, str], found: Sequence[Document]) -> dict[str, float]:
    """Return the share of fields that the best of the documents has right, and its wrong fields."""
    right = max((_right(wanted, one) for one in found), default=0)
    best = next((one for one in found if _right(wanted, one) == right), None)
    wrong = 0 if best is None else sum(name in best.fields for name in wanted) - right
    return {
        f"{kind}: fields right": right / max(1, len(wanted)),
        f"{kind}: wrong fields": float(wrong),
        "wrong or missing, and said to be valid": float(sum(is_lie(wanted, one) for one in found)),
    }


def is_lie(wanted: Mapping[str, str], document: Document) -> bool:
    """Return whether a document is said to be valid of which a field is wrong or missing."""
    return document.valid is True and _right(wanted, document) < len(wanted)


def _right(wanted: Mapping[str, str], document: Document) -> int:
    said = document.fields
    return sum(name in said and _agree(said[name], text) for name, text in wanted.items())


def _agree(said: str, true: str) -> bool:
    """Return whether two texts are the same; a question mark stands for a character that nobody can tell."""
    plain, wanted = (text.replace("（", "(").replace("）", ")") for text in (said, true))
    return len(plain) == len(wanted) and all(b in ("?", a) for a, b in zip(plain, wanted, strict=True))
