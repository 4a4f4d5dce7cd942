"""All functions of the protocol by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from server.protocol.function import Function
from server.protocol.functions import camera, cards, faces, files, fingerprints, recognition, scanner, service

_DECLARED = (
    *camera.FUNCTIONS,
    *scanner.FUNCTIONS,
    *recognition.FUNCTIONS,
    *files.FUNCTIONS,
    *cards.FUNCTIONS,
    *fingerprints.FUNCTIONS,
    *faces.FUNCTIONS,
    *service.FUNCTIONS,
)

CATALOGUE: Mapping[str, Function] = MappingProxyType({function.name: function for function in _DECLARED})
"""Every function by its canonical name, in the order of the standard, extras last."""

_SPELLINGS = {
    spelling: function for function in _DECLARED for spelling in (function.name, *function.spellings)
}


def find(spelling: str) -> Function | None:
    """The function a page means by `spelling`, exact to the letter."""
    return _SPELLINGS.get(spelling)
