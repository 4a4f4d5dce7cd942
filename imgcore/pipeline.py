"""Processing pipeline of a picture, as one pure function; the same for camera, scanner and batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from imgcore import stages
from imgcore.document_image import DocumentImage
from imgcore.models import Models
from imgcore.rotate import rotate_back
from imgcore.settings import Settings
from imgcore.shape import check_shape
from imgcore.stages import StageResult
from imgcore.stopping import stop_here
from imgcore.types import (
    CropOutcome,
    CropState,
    DoubtedCrop,
    Image,
    ImageError,
    ProcessingReport,
    Result,
    StageReport,
    quad_of,
)

Step = Callable[[Sequence[DocumentImage], Settings, Models], StageResult]
Clock = Callable[[], float]
Look = Callable[[Image, float], None]
"""Takes a picture, and the share of it, 0..1, that lies outside of the one it was cut from."""

_STEPS: tuple[tuple[str, Step], ...] = (
    ("rotate", stages.turn),
    ("crop", stages.cut),
    # Before deskewing, which looks for level lines.
    ("upright", stages.set_upright),
    ("deskew", stages.straighten),
    # Before the fill, so that a finger over the page's corner is not taken for its surroundings.
    ("removal", stages.remove),
    ("fill", stages.fill),
    ("image_type", stages.enhance),
)
"""Stages by their names, in the order they run."""
ORDER = tuple(name for name, _ in _STEPS)
"""The stages in the order they run; each leaves one `StageReport` in the report."""


def process(
    image: Image,
    settings: Settings,
    clock: Clock | None = None,
    models: Models | None = None,
    look: Look | None = None,
) -> Result:
    """Process one capture as its settings ask.

    A stage that is uncertain leaves the picture alone and says so in its note: if no
    page is found, the whole picture is returned.

    Parameters
    ----------
    image
        BGR or grey; not modified.
    clock
        Gives seconds; for the report's times only.
    models
        Each stage has another way without its own.
    look
        Called with each picture before its enhancement begins, so that another thread can look at it
        meanwhile.

    Returns
    -------
    Result
        At least one picture. With nothing to do, the picture is `image` itself.

    Raises
    ------
    ImageError
        A manual rectangle outside of the picture, something that is no picture, or a picture or a manual crop
        of no shape to work on, as `imgcore.shape.check_shape`.
    imgcore.stopping.WorkStopped
        The work was stopped, between two stages or strips.
    """
    _check(image)
    documents: Sequence[DocumentImage] = [DocumentImage.whole(image, settings.scale)]
    report = []
    plain = documents
    crop = StageResult(documents, False)
    for name, step in _STEPS:
        # The last step is the enhancement.
        plain = documents
        begun = clock() if clock else 0.0
        stop_here()
        if look is not None and name == ORDER[-1]:
            for document in plain:
                look(document.image, _beyond(document))
        outcome = step(documents, settings, models or Models())
        elapsed = (clock() - begun) * 1000 if clock else 0.0
        documents = outcome.documents
        crop = outcome if name == "crop" else crop
        for document in documents:
            check_shape(*document.size)
        report.append(StageReport(name, outcome.applied, elapsed, outcome.note, outcome.values))
    pictures, before = (tuple(document.image for document in each) for each in (documents, plain))
    dots = tuple(document.dots for document in documents)
    crops = _crops(crop, documents, settings.rotate)
    kinds = tuple(report[-1].values.get("kinds", [""] * len(pictures)))
    return Result(pictures, ProcessingReport(tuple(report)), before, dots, crops, kinds)


def _crops(stage: StageResult, documents: Sequence[DocumentImage], clockwise: int) -> tuple[CropOutcome, ...]:
    """Return the outcome of the crop for each document as it came out of the last stage."""
    picture = documents[0].picture.shape
    doubted = [
        DoubtedCrop(quad_of(rotate_back(outline.corners, picture, clockwise)), str(reason))
        for outline, reason in stage.doubted
    ]
    if stage.applied:
        outlines = [document.outline(clockwise) for document in documents]
        quads = [None if outline is None else quad_of(outline) for outline in outlines]
        reasons = stage.reasons or [""] * len(quads)
        first, *others = [
            CropOutcome(CropState.CROPPED, *each, prior=stage.prior)
            for each in zip(quads, reasons, strict=True)
        ]
        return (replace(first, doubted=tuple(doubted)), *others)
    if doubted:
        surest, *further = doubted
        return (CropOutcome(CropState.UNSURE, surest.corners, surest.reason, tuple(further), stage.prior),)
    return (CropOutcome(CropState.WHOLE, reason=stage.note, prior=stage.prior),)


def _beyond(document: DocumentImage) -> float:
    empty = document.empty()
    return 0.0 if empty is None else float(empty.mean())


def _check(image: Image) -> None:
    shaped = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
    if not shaped or image.dtype != "uint8" or image.size == 0:
        raise ImageError(f"a picture is uint8, BGR or grey, not {image.dtype} of shape {image.shape}")
    check_shape(image.shape[1], image.shape[0])
