"""Stages of the pipeline: each takes all documents of a picture one step further."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.crop import completed
from imgcore.curve.flatten import flatten
from imgcore.desk_scale import DeskScale
from imgcore.deskew import skew_of
from imgcore.document_image import DocumentImage
from imgcore.enhance import automatic, black_white, colour, grey_document, photo, receipt
from imgcore.enhance.stamp import blue_stamp, red_stamp
from imgcore.fingers.removal import remove_fingers
from imgcore.holes.removal import remove_holes
from imgcore.models import Models
from imgcore.orientation import find_orientation
from imgcore.outline import Finding, RefusedOutline, find_documents, find_page, trusting
from imgcore.outline.desk.known import find_known
from imgcore.paper.border import fill_border, find_slivers
from imgcore.paper.ink import ink
from imgcore.paper.layers_net import PageLayersNet
from imgcore.paper.show_through import remove_show_through
from imgcore.rotate import rotate
from imgcore.settings import Crop, Fill, ImageType, Removal, Settings, WhenUnsure
from imgcore.shape import is_narrow
from imgcore.types import Image, Outline, Prior

_LEAST_SKEW = 0.1
"""Degrees of skew below which a rotation blurs more than it corrects."""
_MOST_SKEW = 3.0
"""Degrees beyond which the lines of a page that was cut out by its edges slant on purpose."""

_IMAGE_TYPES: dict[ImageType, Callable[[Image], Image]] = {
    ImageType.BLACK_WHITE: black_white,
    ImageType.PHOTO: photo,
    ImageType.RECEIPT: receipt,
}
"""Enhancements that need the picture alone, by their image type."""
_BY_LAYERS: dict[ImageType, Callable[[Image, PageLayersNet | None], Image]] = {
    ImageType.GREY: grey_document,
    ImageType.COLOUR: colour,
    ImageType.RED_STAMP: red_stamp,
    ImageType.BLUE_STAMP: blue_stamp,
}
"""Image types that tell paper from what is printed on it."""


@dataclass(frozen=True, slots=True, eq=False)
class StageResult:
    """Documents after a stage, and the stage's report.

    Attributes
    ----------
    reasons
        Reasons for which each document that was cut is doubted, empty where it is not; none where all are
        trusted.
    doubted
        Documents that were not cut for doubt, the surest first, in pixels of the picture that was cut.
    prior
        Knowledge that a search for documents began with.
    """

    documents: Sequence[DocumentImage]
    applied: bool
    note: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    reasons: Sequence[str] = ()
    doubted: Sequence[RefusedOutline] = ()
    prior: Prior = Prior.PICTURE


Documents = Sequence[DocumentImage]


def turn(documents: Documents, settings: Settings, models: Models) -> StageResult:
    """Rotate the picture by quarter turns, as asked."""
    if settings.rotate == 0:
        return StageResult(documents, False, "not asked for")
    turned = [
        DocumentImage.whole(rotate(document.image, settings.rotate), settings.turned_scale)
        for document in documents
    ]
    return StageResult(turned, True, values={"clockwise": settings.rotate})


def cut(documents: Documents, settings: Settings, models: Models) -> StageResult:
    """Cut out the documents."""
    (document,) = documents
    scale = settings.turned_scale
    if settings.crop is Crop.NONE:
        return StageResult(documents, False, "not asked for")
    if settings.crop is Crop.MANUAL:
        return StageResult([_manual(document.image, settings)], True)
    reasons = [""]
    finding, prior = _found(document.image, settings, models)
    if settings.when_unsure is WhenUnsure.CROP:
        finding, reasons = trusting(finding)
    if settings.crop is Crop.CURVE:
        result = _flattened(document, finding, models)
        reasons = reasons[:1] * len(result.documents)
    else:
        result = _cut(document, finding, scale)
    if any(is_narrow(*cut.size) for cut in result.documents):
        return StageResult([document], False, "what was found is too narrow for a page", prior=prior)
    # A bent sheet may be flattened though its outline alone was doubted.
    doubted = () if result.applied and not finding.outlines else finding.doubted
    return replace(result, reasons=reasons if any(reasons) else (), doubted=doubted, prior=prior)


def _found(image: Image, settings: Settings, models: Models) -> tuple[Finding, Prior]:
    several = settings.crop is Crop.MULTI
    desk = None if models.desk is None else rotate(models.desk, settings.rotate)
    known = find_known(image, desk, several, lambda: models.documents)
    if known is not None:
        return known, Prior.DESK
    return (find_documents if several else find_page)(image, models.documents), Prior.PICTURE


def _cut(document: DocumentImage, finding: Finding, scale: DeskScale | None) -> StageResult:
    if finding.outlines:
        sheets = [completed(outline.corners, document.image.shape) for outline in finding.outlines]
        cuts = [DocumentImage.cut(document.image, sheet, scale) for sheet in sheets]
        return StageResult(
            cuts, True, values={"documents": [_document(outline) for outline in finding.outlines]}
        )
    return StageResult([document], False, *_uncut(finding))


def _uncut(finding: Finding) -> tuple[str, dict[str, Any]]:
    """Return the note and the values of a stage that found no document, or none that it trusted."""
    if finding.reason is None:
        return "no page was found", {}
    note = f"the picture is the page, what was found is a part of it: {finding.reason}"
    refused = [{**_document(each.outline), "reason": str(each.reason)} for each in finding.refused]
    return note, {"refused": refused}


def _manual(image: Image, settings: Settings) -> DocumentImage:
    if settings.quad is not None:
        return DocumentImage.cut(image, np.array(settings.quad, np.float32), settings.turned_scale)
    assert settings.rect is not None
    return DocumentImage.inside(image, settings.rect, settings.turned_scale)


def _flattened(document: DocumentImage, finding: Finding, models: Models) -> StageResult:
    flat = flatten(document.image, models.page_grid, finding)
    if not flat.sheets:
        return StageResult([document], False, *_uncut(finding))
    values = {
        "gutter": None if flat.gutter is None else flat.gutter.tolist(),
        "pages": [{"method": page.method, "bend": float(page.bend)} for page in flat.sheets],
        "score": float(flat.score),
    }
    return StageResult([DocumentImage.flat(page, document.image) for page in flat.pages], True, values=values)


def _document(outline: Outline) -> dict[str, Any]:
    corners = [[float(x), float(y)] for x, y in outline.corners]
    return {"corners": corners, "score": float(outline.score)}


def straighten(documents: Documents, settings: Settings, models: Models) -> StageResult:
    """Rotate each document until its lines are level, if asked for and after a crop by its edges."""
    by_edges = settings.crop in (Crop.SINGLE, Crop.MULTI)
    if not (settings.deskew or by_edges):
        return StageResult(documents, False, "not asked for")
    skews = [skew_of(ink(document.reduced())) for document in documents]
    degrees = [skew.degrees if skew else None for skew in skews]
    most = 90.0 if settings.deskew else _MOST_SKEW
    straight = [
        document if angle is None or not _LEAST_SKEW <= abs(angle) <= most else document.turned(angle)
        for document, angle in zip(documents, degrees, strict=True)
    ]
    applied = any(after is not before for after, before in zip(straight, documents, strict=True))
    note = "" if applied else "no certain skew" if None in degrees else "straight already"
    return StageResult(straight, applied, note, {"degrees": degrees})


def remove(documents: Documents, settings: Settings, models: Models) -> StageResult:
    """Remove fingers, binder holes or what shows through from the back."""
    if settings.removal is Removal.NONE:
        return StageResult(documents, False, "not asked for")
    cleaned = [_cleaned(document.image, settings.removal, models) for document in documents]
    clean = [document.repaired(each.image) for document, each in zip(documents, cleaned, strict=True)]
    counts = [each.removed for each in cleaned]
    unsure = sum(each.unsure for each in cleaned)
    state = "unsure" if unsure else "removed" if any(counts) else "none"
    name = settings.removal.name.lower().replace("_", " ")
    note = f"{unsure} may be {name} and stayed" if unsure else "" if any(counts) else f"no {name} found"
    values = {"counts": counts, "confidences": [each.confidence for each in cleaned], "removal": state}
    return StageResult(clean, any(counts), note, values)


class _Cleaned(NamedTuple):
    """Picture without foreign things: their number, the least confidence, and how many of doubt stayed."""

    image: Image
    removed: int
    confidence: float
    unsure: int


def _cleaned(image: Image, removal: Removal, models: Models) -> _Cleaned:
    if removal is Removal.FINGERS:
        fingers = remove_fingers(image, models.fingers)
        return _Cleaned(fingers.image, len(fingers.fingers), fingers.confidence, len(fingers.unsure))
    if removal is Removal.SHOW_THROUGH:
        shown = remove_show_through(image)
        return _Cleaned(shown.image, int(shown.share > 0), 1.0, 0)
    holes = remove_holes(image)
    return _Cleaned(holes.image, len(holes.holes), holes.confidence, holes.unsure)


def fill(documents: Documents, settings: Settings, models: Models) -> StageResult:
    """Fill parts of a document that the picture does not show, and slivers of desk that a crop left."""
    if settings.fill is Fill.NONE:
        return StageResult(documents, False, "not asked for")
    cropped = settings.crop in (Crop.SINGLE, Crop.MULTI)
    gaps = [_gaps(document, cropped) for document in documents]
    filled = [
        document if gap is None else document.repaired(fill_border(document.image, gap, settings.fill))
        for document, gap in zip(documents, gaps, strict=True)
    ]
    shares = [0.0 if gap is None else float(gap.mean()) for gap in gaps]
    return StageResult(filled, any(shares), "" if any(shares) else "nothing was empty", {"shares": shares})


def _gaps(document: DocumentImage, cropped: bool) -> npt.NDArray[np.bool_] | None:
    """Mask of pixels that show nothing of the document: beyond the picture, or desk that a crop left."""
    empty = document.empty()
    if not cropped:
        return empty
    desk = find_slivers(document.image)
    return desk if empty is None else empty | desk


def set_upright(documents: Documents, settings: Settings, models: Models) -> StageResult:
    """Rotate each document by quarter turns until its text is upright."""
    if not settings.upright:
        return StageResult(documents, False, "not asked for")
    if models.orientation is None:
        return StageResult(documents, False, "no model to tell by")
    letters = models.orientation
    page = models.page_orientation
    found = [find_orientation(document.reduced(), letters, page) for document in documents]
    turns = [each.clockwise if each else None for each in found]
    upright = [
        document.quartered(quarter) if quarter else document
        for document, quarter in zip(documents, turns, strict=True)
    ]
    note = "" if any(turns) else "not certain" if None in turns else "upright already"
    return StageResult(upright, any(turns), note, {"clockwise": turns})


def enhance(documents: Documents, settings: Settings, models: Models) -> StageResult:
    """Enhance each document as asked."""
    if settings.image_type is ImageType.ORIGINAL:
        return StageResult(documents, False, "not asked for")
    kinds: list[str] = []
    changed = []
    for document in documents:
        if settings.image_type is ImageType.AUTO:
            found = automatic(document.image, models.page_layers)
            kinds.append(found.kind)
            changed.append(document.repaired(found.image))
        elif settings.image_type in _BY_LAYERS:
            change = _BY_LAYERS[settings.image_type]
            changed.append(document.repaired(change(document.image, models.page_layers)))
        else:
            changed.append(document.repaired(_IMAGE_TYPES[settings.image_type](document.image)))
    return StageResult(changed, True, values={"kinds": kinds} if kinds else {})
