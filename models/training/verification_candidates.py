"""Pictures that the net of ``document_verification`` learns from and their candidates, kept in shards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.finding import clockwise
from imgcore.outline.judge.judgement import refined
from imgcore.outline.overlap import iou
from imgcore.outline.propose.candidates import Proposal
from imgcore.outline.scene import Scene
from lab.marked import UNCUT, overlap_of
from lab.page_shares import kept
from models.training.verification_pictures import subject
from models.training.verification_stock import Stock, TrainingPicture

Floats = npt.NDArray[np.float64]
Random = np.random.Generator

MOVED = 6
SHOWN = 3
"""Outlines of each document that are moved, and documents of a picture of which there are such."""
EACH = 8
ALIKE = 0.93
"""Candidates of each search, and intersection over union from which two are alike."""
WHOLE_WEIGHT = 1.5
MOVED_WEIGHT = 0.6
"""Weights of candidates in a picture that is a page, as they lose something, and of moved outlines."""


class Labelled(NamedTuple):
    """Candidates ``(n, 4, 2)`` of a picture, their overlaps with its documents, and how much each counts."""

    quads: Floats
    overlaps: Floats
    weights: Floats


def gathered(folder: Path, stock: Stock, pictures: int, shard: int) -> None:
    """Write the shards that are not there yet."""
    cv2.setNumThreads(1)
    for begin in range(0, pictures, shard):
        path = folder / f"{begin // shard:04d}.npz"
        if not path.exists():
            write_shard(path, range(begin, begin + shard), stock)
            print(path, flush=True)


def write_shard(path: Path, numbers: Sequence[int], stock: Stock) -> None:
    """Write some pictures, reduced, with their candidates: each one's corners, overlap and weight."""
    parts = [searched(subject(number, stock), np.random.default_rng([number, 101])) for number in numbers]
    pictures, labelled = zip(*parts, strict=True)
    beside = path.with_suffix(".tmp.npz")
    np.savez(
        beside,
        pixels=np.concatenate([picture.reshape(-1) for picture in pictures]),
        shapes=np.array([picture.shape[:2] for picture in pictures]),
        counts=np.array([len(one.quads) for one in labelled]),
        quads=np.concatenate([one.quads for one in labelled]).astype(np.float32),
        overlaps=np.concatenate([one.overlaps for one in labelled]).astype(np.float32),
        weights=np.concatenate([one.weights for one in labelled]).astype(np.float32),
    )
    beside.replace(path)


def searched(one: TrainingPicture, random: Random) -> tuple[npt.NDArray[np.uint8], Labelled]:
    """Return a picture, reduced, and the candidates in it, `clockwise`."""
    scene = Scene(one.picture)
    found = scene.reduced
    labelled = _labelled(one, refined(scene, _distinct([scene.by_lines, scene.by_regions])))
    quads = [*labelled.quads]
    overlaps = [*labelled.overlaps]
    weights = [*labelled.weights]
    for quad in moved_outlines(one, random):
        quads.append(quad)
        overlaps.append(max(overlap_of(quad, document) for document in one.documents))
        weights.append(MOVED_WEIGHT)
    corners = np.array([found.to_small(np.asarray(clockwise(quad), np.float64)) for quad in quads])
    small = found.small if found.small.ndim == 3 else cv2.cvtColor(found.small, cv2.COLOR_GRAY2BGR)
    return np.asarray(small, np.uint8), Labelled(
        corners.reshape(-1, 4, 2), np.array(overlaps), np.array(weights)
    )


def _distinct(searches: Sequence[Sequence[Proposal]]) -> list[Proposal]:
    """Return the first of each search that differ, more of them than are judged later."""
    found: list[Proposal] = []
    for search in searches:
        most = len(found) + EACH
        for proposal in search:
            if len(found) == most:
                break
            if all(iou(proposal.corners, other.corners) < ALIKE for other in found):
                found.append(proposal)
    return found


def _labelled(one: TrainingPicture, quads: Floats) -> Labelled:
    """Candidates and their overlaps; without those of a page that lose nothing."""
    if one.documents:
        overlaps = [max(overlap_of(quad, document) for document in one.documents) for quad in quads]
        return Labelled(quads, np.array(overlaps), np.ones(len(quads)))
    rows, cols = one.picture.shape[:2]
    frame = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float64)
    loses = [
        kept(one.page, [quad]).cut if one.page is not None else overlap_of(quad, frame) < UNCUT
        for quad in quads
    ]
    cut = quads[np.array(loses, bool)]
    return Labelled(cut, np.zeros(len(cut)), np.full(len(cut), WHOLE_WEIGHT))


def moved_outlines(one: TrainingPicture, random: Random) -> Iterator[Floats]:
    """Yield the outlines of documents, nearly exact, with a side or all corners moved, smaller and larger."""
    whole = [document for document in one.documents if len(document) == 4]
    for number in random.permutation(len(whole))[:SHOWN]:
        document = whole[number]
        size = float(np.sqrt(max(1.0, cv2.contourArea(document.astype(np.float32)))))
        yield document + random.normal(size=(4, 2)) * 0.006 * size
        for _ in range(MOVED - 1):
            style = random.integers(3)
            if style == 0:
                yield _side_moved(document, random)
            elif style == 1:
                yield document + random.normal(size=(4, 2)) * random.uniform(0.015, 0.1) * size
            else:
                middle = document.mean(axis=0)
                yield middle + (document - middle) * random.choice(
                    [random.uniform(0.6, 0.97), random.uniform(1.03, 1.4)]
                )


def _side_moved(document: Floats, random: Random) -> Floats:
    """Move one side towards the opposite one or away from it."""
    turned = np.roll(document, int(random.integers(4)), axis=0)
    share = random.choice([-1, 1]) * random.uniform(0.02, 0.35)
    along = np.array([turned[3] - turned[0], turned[2] - turned[1]])
    return np.concatenate([turned[:2] + share * along, turned[2:]])
