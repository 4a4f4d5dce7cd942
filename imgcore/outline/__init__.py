"""Finding documents in a picture.

``evidence`` measures edges, ``lines`` collects straight ones, ``quads`` combines four,
``features`` describes each combination, ``judge`` weighs it, ``refit`` makes it exact. For several
documents, ``desk_net`` draws their rims as a ``sketch``, which ``pieces`` parts into documents; ``tiles``
collects short lines on those rims, ``frames`` combines them, ``sides`` describes each frame, ``net`` weighs
it, ``several`` settles who lies where.
"""

from imgcore.outline.finder import find_outline
from imgcore.outline.preview import find_outline_fast, follow_outline
from imgcore.outline.several import find_outlines

__all__ = ["find_outline", "find_outline_fast", "find_outlines", "follow_outline"]
