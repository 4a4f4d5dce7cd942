"""Documents as they were read, and what is known of each field before it is judged.

None of these has a ``repr`` that tells what was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from imgcore.checks.dates import is_date
from imgcore.types import Points

KINDS = frozenset(
    (
        *("id-card-front", "id-card-back", "bank-card", "passport", "business-licence", "invoice"),
        *("driving-licence", "vehicle-licence", "household-register", "property-certificate"),
        *("marriage-certificate", "train-ticket"),
    )
)
"""Kinds of documents."""
FIELDS = frozenset(
    (
        *("name", "englishName", "gender", "folk", "birth", "address", "id"),
        *("issue", "startDate", "endDate", "passNumber", "number", "expiry"),
        *("surname", "givenNames", "nationality", "personalNumber", "mrz"),
        *("code", "legalPerson", "date", "checkCode", "amount", "tax", "total"),
        *("seller", "buyer", "sellerTaxId", "buyerTaxId"),
        *("vehicleClass", "vehicleType", "usage", "model", "vin", "engineNumber", "issueDate"),
        *("relation", "nativePlace", "unitNumber", "rightType", "area"),
        *("spouseName", "spouseBirth", "spouseId"),
        *("departure", "destination", "train", "time", "seat", "seatClass"),
    )
)
"""Names of fields, of all kinds."""
SURE = 0.9
"""Mean confidence of a line from which a field of it that no check digit covers is taken for read right, if
it was read alike twice."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Document:
    """Document that was read.

    Attributes
    ----------
    kind
        One of `KINDS`.
    fields
        Text by the field's name, of `FIELDS`.
    valid
        True if all check digits and cross-checks hold and every other field was read surely; False if one
        does not hold; None if nothing contradicts but not everything could be checked.
    problems
        The field and what is the matter with it, as ``id.check``; no value of a field is ever in it.
    corners
        float32 ``(4, 2)`` of the document in the picture, clockwise from its own top left.
    places
        The corners, in the picture, of the characters of each field.
    """

    kind: str
    fields: Mapping[str, str]
    valid: bool | None
    problems: tuple[str, ...]
    corners: Points
    places: Mapping[str, tuple[Points, ...]]


PAST = ("birth", "spouseBirth", "startDate", "issueDate")
"""Fields that are days of the past on whichever document."""


def judged_on(document: Document, today: date) -> Document:
    """Return a document whose days are judged by the calendar: nobody was born tomorrow."""
    days = {name: document.fields[name] for name in PAST if name in document.fields}
    late = [name for name, day in days.items() if is_date(day.replace("-", "")) and day > today.isoformat()]
    problems = [f"{name}.check" for name in late if f"{name}.check" not in document.problems]
    if not problems:
        return document
    return replace(document, valid=False, problems=(*document.problems, *problems))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Value:
    """Text of a field in one look at a document.

    Attributes
    ----------
    text
        As it is said in `Document.fields`.
    score
        Least confidence of the lines it is from, 0..1.
    places
        Corners of its characters on the straightened document.
    """

    text: str
    score: float
    places: tuple[Points, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Draft:
    """Fields of a document in one look, and what of them does not hold.

    Attributes
    ----------
    broken
        Problems: checks that do not hold, fields that are missing.
    unchecked
        Names of fields that no check digit or cross-check covers.
    doubts
        Problems of what could not be checked at all.
    """

    kind: str
    values: Mapping[str, Value]
    broken: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    doubts: tuple[str, ...] = field(default=())


def judged(looks: Sequence[Draft]) -> tuple[Draft, bool | None, tuple[str, ...]]:
    """Return the best of several looks at one document, its validity and its problems.

    A field is uncertain that another look reads otherwise, unless check digits cover it and the other look's
    do not hold; and one that nothing covers is if it was read only once, with little confidence, or with rare
    characters. What only another look has read is taken from there, and is uncertain.
    """
    best = _completed(min(looks, key=_rank), looks)
    doubts = [*best.doubts]
    for name, value in best.values.items():
        covered = name not in best.unchecked
        others = [draft for draft in looks if draft is not best and not (covered and draft.broken)]
        alike = all(_same(draft.values.get(name), value) for draft in others)
        if not alike or (not covered and (not others or value.score < SURE or _is_rare(value.text))):
            doubts.append(f"{name}.uncertain")
    valid = False if best.broken else None if doubts else True
    return best, valid, (*best.broken, *dict.fromkeys(doubts))


def _completed(best: Draft, looks: Sequence[Draft]) -> Draft:
    """Return a look with the fields that it misses and another has."""
    lent = {name: value for look in looks for name, value in look.values.items() if name not in best.values}
    if not lent:
        return best
    broken = tuple(problem for problem in best.broken if problem.removesuffix(".missing") not in lent)
    doubts = (*best.doubts, *(f"{name}.uncertain" for name in lent))
    return Draft(best.kind, {**best.values, **lent}, broken, best.unchecked, doubts)


def _same(one: Value | None, other: Value) -> bool:
    return one is not None and one.text == other.text


def _rank(draft: Draft) -> tuple[int, int, int, float]:
    """Return a key by which the best draft is the first."""
    values = draft.values.values()
    rare = sum(_is_rare(value.text) for value in values)
    return len(draft.broken), len(draft.doubts), rare, -sum(value.score for value in values)


def _is_rare(text: str) -> bool:
    """Return whether a text has characters beyond GB 2312: rare ones, and the old forms of usual ones.

    Recognition takes 静 for 靜 and the like with great confidence, and alike at any scale.
    """
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False
