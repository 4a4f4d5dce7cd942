"""What the service asks of whatever finds, compares and judges faces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from imgcore.face import Face, LivenessResult
from imgcore.face.action import Action
from imgcore.face.liveness_session import FaceSample
from imgcore.face.net import Floats
from imgcore.types import Image
from server.errors import GaopaiError


class LivenessExaminer(Protocol):
    """What is known of one person's liveness from one look to the next."""

    def add(self, look: FaceSample) -> LivenessResult:
        """The answer after one more look."""


class FaceEngine(Protocol):
    """Finds, compares and judges; from any thread.

    Each method raises `server.errors.FaceModelMissing` where its model is not there.
    """

    def hindrance(self, living: bool) -> GaopaiError | None:
        """Why faces cannot be compared here, or with `living` not be told from pictures of them."""

    def find(self, image: Image, live: bool = False) -> Sequence[Face]:
        """The faces of a BGR or grey picture, the largest first.

        Parameters
        ----------
        live
            It is a camera's frame: quickly, for faces as large as people at a counter have.
        """

    def embed(self, image: Image, face: Face) -> Floats:
        """What is compared of a face."""

    def similarity(self, one: Floats, other: Floats) -> float:
        """How alike two faces are, 0 to 1."""

    def examine(self, paired: bool, action: Action | None = None) -> LivenessExaminer:
        """A new examination of whether somebody is alive.

        Parameters
        ----------
        paired
            Looks have an infrared picture, too.
        action
            What the person has to do.
        """
