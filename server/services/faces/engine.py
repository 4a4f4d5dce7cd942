"""Protocols for face detection, comparison and liveness detection."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from imgcore.face import Face, LivenessResult
from imgcore.face.action import Action
from imgcore.face.liveness_session import FaceSample
from imgcore.face.net import Floats
from imgcore.types import Image
from server.errors import GaopaiError


class LivenessMethod(StrEnum):
    """Means by which an engine tells living faces; values are the protocol's."""

    MODEL = "model"
    CUES = "cues"
    INFRARED = "infrared"
    ACTION = "action"


class LivenessExaminer(Protocol):
    """Protocol for liveness detection of one person over several samples."""

    def add(self, sample: FaceSample) -> LivenessResult:
        """Add a sample and return the result so far."""


class FaceEngine(Protocol):
    """Protocol for an engine that detects and compares faces and tells live ones; thread-safe.

    Each method raises `server.errors.FaceModelMissing` where its model is not there.
    """

    def missing_model(self, liveness: bool) -> GaopaiError | None:
        """Return an error if a model of comparison, or one that liveness detection needs, is missing."""

    def liveness_methods(self, paired: bool) -> tuple[LivenessMethod, ...]:
        """Return the means of liveness detection here; with `ACTION` nobody is live who has done none."""

    def find(self, image: Image, live: bool = False) -> Sequence[Face]:
        """Detect the faces of a BGR or grey picture, the largest first.

        Parameters
        ----------
        live
            The picture is a camera's frame: fast detection of faces as large as those at a counter.
        """

    def embed(self, image: Image, face: Face) -> Floats:
        """Return the embedding of a face, for comparison."""

    def similarity(self, one: Floats, other: Floats) -> float:
        """Return the similarity of two embeddings, 0 to 1."""

    def liveness_examiner(self, paired: bool, action: Action | None = None) -> LivenessExaminer:
        """Start liveness detection of one person.

        Parameters
        ----------
        paired
            Samples have an infrared picture, too.
        action
            Challenge that the person has to perform; None for one that the engine picks where it needs one.
        """
