"""Detection of document outlines in a picture.

``feature_maps`` measures edges, ``lines`` finds straight ones, ``quads`` combines four,
``features`` describes each combination, ``scoring`` rates it, ``refinement`` makes it exact. For several
documents, ``segmentation`` segments the picture into ``document_maps``, which ``decoding`` turns into
quadrilaterals; ``local_lines`` finds short lines on the boundaries, ``document_search`` combines them,
``side_features`` describes each quadrilateral, ``scoring_net`` rates it, ``several`` suppresses overlaps.
"""

from imgcore.outline.finder import find_outline
from imgcore.outline.preview import find_outline_fast, track_outline
from imgcore.outline.scoring_net import ScoringNet
from imgcore.outline.several import DocumentNets, find_outlines

__all__ = [
    "DocumentNets",
    "ScoringNet",
    "find_outline",
    "find_outline_fast",
    "find_outlines",
    "track_outline",
]
