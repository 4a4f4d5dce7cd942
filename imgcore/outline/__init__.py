"""Detection of document outlines in a picture.

``search`` finds candidates: ``feature_maps`` measures edges, ``lines`` finds straight ones, ``quads``
combines four, ``features`` describes each combination. For several documents, ``segmentation`` segments
the picture into ``document_maps``, which ``decoding`` turns into quadrilaterals; ``local_lines`` finds
short lines on the boundaries, ``document_search`` combines them, ``side_features`` describes each
quadrilateral. ``scoring`` rates them: ``feature_score`` those of one page, ``scoring_net`` those of
several, ``context_score`` among the others, ``device_score`` as devices. ``finder`` chooses the single
page, ``several`` all documents by ``selection``, ``refinement`` makes them exact.

Where neither is sure, ``second_look`` and ``agreement`` judge by what they and the check see; documents
of ``one_size`` are judged as a set.

Behind all of them ``whole_page`` refuses what is a part of a page: ``page_evidence`` measures it, with
``surroundings``, which looks for print around it, and ``side_profiles`` for paper on both sides of its
sides; ``page_score`` rates it; ``exact_ground`` tells pages that a program made.
"""

from imgcore.outline.finder import Finding, RefusedOutline, find_outline
from imgcore.outline.preview import find_outline_fast, track_outline
from imgcore.outline.scoring.scoring_net import ScoringNet
from imgcore.outline.several import DocumentNets, find_documents, find_outlines, find_page, trusting

__all__ = [
    "DocumentNets",
    "Finding",
    "RefusedOutline",
    "ScoringNet",
    "find_documents",
    "find_outline",
    "find_outline_fast",
    "find_outlines",
    "find_page",
    "track_outline",
    "trusting",
]
