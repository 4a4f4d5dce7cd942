"""Detection of document outlines in a picture: propose, measure, judge, select, refine.

``propose`` finds candidates: straight lines and the quadrilaterals of four of them, regions, and what the
segmentation net sees; ``scene`` holds them for one picture, each search made when it is first asked for.
``measure`` tells what a candidate is like: its sides, its inside, what lies around it. ``judge`` makes odds
of that: ``scores`` by one kind of evidence each, ``judgement`` by all that is known; ``whole_page`` refuses
what is a part of a page. ``select`` chooses the set of candidates that explains a picture best, ``several``
finds several documents by it, and ``refine`` moves sides onto edges. ``find`` has the roads through all of
them, the short one for a preview too; ``desk`` knows the desk that was seen empty.
"""

from imgcore.outline.find import find_documents, find_outline_fast, find_page, track_outline
from imgcore.outline.finding import Finding, Refusal, RefusedOutline, trusting
from imgcore.outline.judge.weights import ScoringNet
from imgcore.outline.scene import DocumentNets

__all__ = [
    "DocumentNets",
    "Finding",
    "Refusal",
    "RefusedOutline",
    "ScoringNet",
    "find_documents",
    "find_outline_fast",
    "find_page",
    "track_outline",
    "trusting",
]
