"""Roads from a picture to its documents: propose, judge, select, refine.

One page is the likeliest of all proposals. Several documents are the set of candidates that explains the
picture best; where that is one or none, the road for one page decides. A preview has a short road: lines in a
smaller picture, and the sides of the page that the frame before showed.
"""

from __future__ import annotations

import numpy as np

from imgcore.outline.finding import Finding, Refusal, RefusedOutline, reading_order, told
from imgcore.outline.judge.judgement import are_seen, certain_page, likeliest
from imgcore.outline.judge.scores import confidence, overlap_priority
from imgcore.outline.judge.whole_page import Found, WholePageJudge
from imgcore.outline.measure.surroundings import are_drawn
from imgcore.outline.overlap import area_fractions, iou
from imgcore.outline.propose.candidates import (
    SIDE,
    border_sides,
    downscale,
    measure_quads,
    reduce_picture,
    search_quads,
)
from imgcore.outline.refine import refine_quad
from imgcore.outline.scene import MIN_CONFIDENCE, MIN_SIDE, DocumentNets, Scene, pages
from imgcore.outline.several import find_of_one_size, several_documents
from imgcore.types import Image, Outline

_CERTAIN = 0.85
"""Confidence from which the search for lines decides: further ones take as long again."""
_SAME = 0.6
"""Intersection over union from which two finds are the same page."""


def find_page(image: Image, nets: DocumentNets | None = None) -> Finding:
    """Find the page in a picture, and tell what was refused.

    Parameters
    ----------
    image
        BGR or grey, of any size from 16 px; smaller ones hold no page. Some 40 ms, 150 where lines
        leave a doubt.
    nets
        Of several documents they choose the one that stands out most; without them lines decide.

    Returns
    -------
    Finding
        Corners to a fraction of a pixel of `image`. A page that fills the picture on all sides has no
        outline in it.
    """
    return Finding() if min(image.shape[:2]) < MIN_SIDE else without_drawn(image, _page(Scene(image, nets)))


def find_documents(image: Image, nets: DocumentNets | None = None) -> Finding:
    """Find all documents in a picture, and tell what was refused.

    Parameters
    ----------
    image
        BGR or grey; documents may touch, overlap a little, and leave the picture. Some 100 ms, and
        50 more where one alone or none is found.
    nets
        Without them documents are found as regions, which is less certain and joins those that touch.

    Returns
    -------
    Finding
        In reading order; empty where there is none.
    """
    if min(image.shape[:2]) < MIN_SIDE:
        return Finding()
    scene = Scene(image, nets)
    several = several_documents(scene)
    if several.is_doubtful:
        alike = find_of_one_size(scene, several.finding.outlines)
        if alike is not None:
            return without_drawn(image, told(reading_order(alike), several.finding.refused))
    outlines = several.finding.outlines
    if len(outlines) > 1 or (several.is_certain and are_seen(scene, outlines)):
        return without_drawn(image, several.finding)
    page = _page(scene)
    refused = (*page.refused, *several.finding.refused)
    return without_drawn(image, told(page.outlines, refused))


def without_drawn(image: Image, finding: Finding) -> Finding:
    """Refuse outlines that are parts of a page that a program drew, such as a screenshot."""
    drawn = are_drawn(image, [outline.corners.astype(np.float64) for outline in finding.outlines])
    judged = list(zip(finding.outlines, drawn, strict=True))
    refused = (RefusedOutline(outline, Refusal.DRAWN) for outline, part in judged if part)
    return Finding(tuple(outline for outline, part in judged if not part), (*refused, *finding.refused))


def _page(scene: Scene) -> Finding:
    if scene.nets is None:
        return _page_by_lines(scene)
    page = certain_page(scene)
    return likeliest(scene) if page is None else Finding((page,))


def _page_by_lines(scene: Scene) -> Finding:
    """Find the page where no nets see the picture: by lines, in two sizes, and as a region."""
    judge = WholePageJudge(scene.image, scene.reduced.small, scene.reduced.factor, scene.reach)
    found = judge.first_of(scene.by_lines) or judge.first_of(scene.by_coarse_lines)
    if found is None or found.outline.score < _CERTAIN:
        found = _stronger(found, judge.first_of(scene.by_regions), scene.image.shape)
    return told([] if found is None else [found.outline], judge.refused)


def _stronger(page: Found | None, region: Found | None, shape: tuple[int, ...]) -> Found | None:
    """Choose the likelier find; if both are one page, that by lines, as bars of print bound regions, too."""
    if page is None or region is None:
        return page or region
    corners = np.array([page.proposal.corners, region.proposal.corners])
    if iou(*corners) > _SAME:
        return page
    scores = np.array([page.outline.score, region.outline.score])
    return (page, region)[int(overlap_priority(scores, area_fractions(corners, shape)).argmax())]


_PREVIEW_SIDE = 240
"""Long side in pixels of the picture that is searched."""
_PREVIEW_LINES = 20
"""Number of lines that are combined to quadrilaterals; the cost grows with the fourth power."""
_PREVIEW_KEPT = 150
"""Number of quadrilaterals that are measured in full."""
_PREVIEW_REACH = 1.5
"""Pixels of the thumbnail within which a side's edge is looked for around the one that was found."""
_STRIDE = 4.0
"""Pixels that a side moves at most from one frame to the next; an edge farther away may be one of the page's
print."""


def find_outline_fast(thumbnail: Image) -> Outline | None:
    """Find the page as `find_page` does without nets, in a third of the time.

    Parameters
    ----------
    thumbnail
        BGR or grey, best 240 to 480 px on its long side.
    """
    if min(thumbnail.shape[:2]) < MIN_SIDE:
        return None
    proposals = pages(search_quads(reduce_picture(thumbnail, _PREVIEW_SIDE), _PREVIEW_LINES, _PREVIEW_KEPT))
    found = WholePageJudge(thumbnail, *downscale(thumbnail, SIDE), _PREVIEW_REACH).first_of(proposals)
    return None if found is None else without_drawn(thumbnail, Finding((found.outline,))).outline


def track_outline(thumbnail: Image, before: Outline) -> Outline | None:
    """Track the page of the frame before, which may have moved a little, in a quarter of the time.

    Parameters
    ----------
    thumbnail
        As for `find_outline_fast`, of the size in which `before` was found.

    Returns
    -------
    Outline or None
        Its corners in the order of `before`; None where the page is not there beyond doubt,
        and has to be looked for.
    """
    if min(thumbnail.shape[:2]) < MIN_SIDE:
        return None
    reduced = reduce_picture(thumbnail, _PREVIEW_SIDE)
    corners = before.corners.astype(np.float64)
    on_border = border_sides(reduced, corners[None])
    if not len(on_border):
        return None
    corners = refine_quad(thumbnail, corners, on_border[0], _STRIDE)
    after = measure_quads(reduced, corners[None])
    score = float(confidence(after.features[0])) if len(after.corners) else 0.0
    return Outline(np.asarray(corners, np.float32), score) if score >= MIN_CONFIDENCE else None
