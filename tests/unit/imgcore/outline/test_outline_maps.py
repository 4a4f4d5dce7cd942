"""What the net draws, on made truth: its answer is drawn as it should be, and then as it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from imgcore.outline import DocumentNets, find_documents
from imgcore.outline.overlap import iou
from imgcore.outline.propose.segmentation import COUNT, DocumentMaps, decode_quads, segment_documents
from models.training.segmentation_targets import targets
from synthetic.datasets.tabletops import make_counter
from tests.fakes.paper import turned

SIZE = (384, 288)
TOUCHING = np.array([turned(100, 120, (110, 130), 8), turned(100, 120, (212, 116), 8)], float)


def ideal(quads: npt.NDArray[np.float64]) -> DocumentMaps:
    """As a net without fault would answer."""
    wanted = targets(quads, (SIZE[1] // 4, SIZE[0] // 4))[:, :, :10]
    for chance in (0, 8, 9):
        wanted[:, :, chance] = np.where(wanted[:, :, chance] > 0.5, 8, -8) + wanted[:, :, chance]
    return DocumentMaps(np.ascontiguousarray(wanted.transpose(2, 0, 1)), SIZE, np.array([2.0, 2.0]))


def test_touching_documents_are_parted_and_told_in_pixels_of_the_picture() -> None:
    quads = decode_quads(ideal(TOUCHING))
    for quad in TOUCHING:
        assert max(iou(piece, 2 * quad + 0.5) for piece in quads) > 0.9
    assert len(quads) <= 6


def test_a_document_measures_better_than_its_half_and_than_two_together() -> None:
    net_maps = ideal(TOUCHING)
    whole = 2 * TOUCHING[0] + 0.5
    half = np.array([whole[0], (whole[0] + whole[1]) / 2, (whole[2] + whole[3]) / 2, whole[3]])
    both = np.array([2 * TOUCHING[0, 0], 2 * TOUCHING[1, 1], 2 * TOUCHING[1, 2], 2 * TOUCHING[0, 3]]) + 0.5
    measured = net_maps.quad_features(np.array([whole, half, both]))
    assert measured.shape == (3, COUNT)
    least_rim = measured[:, 0]
    rim_inside = measured[:, 4]
    away = measured[:, 7]
    assert least_rim[0] > 0.5 > least_rim[1]
    assert away[0] < 0.1 < away[1]
    assert rim_inside[0] < 0.02 < rim_inside[2]
    other_shape = measured[:, 9]
    least_within = measured[:, 10]
    most_beyond = measured[:, 12]
    assert other_shape[0] < 0.05 < 0.2 < other_shape[1]
    assert least_within[0] > 0.8 > 0.5 > least_within[2]
    assert most_beyond[0] < 0.2 < 0.3 < most_beyond[1]


def test_edges_are_weighted_by_boundaries() -> None:
    gate = ideal(TOUCHING[:1]).edge_weight((576, 768))
    middle = 2 * TOUCHING[0].mean(axis=0)
    side = TOUCHING[0, 0] + TOUCHING[0, 1]
    assert gate[int(side[1]), int(side[0])] == 1
    assert gate[int(middle[1]), int(middle[0])] < 0.2


def test_the_net_tells_documents_from_the_desk(documents: DocumentNets) -> None:
    counter = make_counter(77, (640, 480))
    net_maps = segment_documents(documents.segmentation, counter.picture, np.ones(2))
    wanted = targets(np.array(counter.quads), net_maps.document.shape)[:, :, 8] > 0.5
    assert wanted.any()
    assert ((net_maps.document > 0.5) == wanted).mean() > 0.85


def test_without_the_net_documents_are_found_as_regions() -> None:
    picture = np.full((480, 640, 3), 60, np.uint8)
    picture[90:390, 80:280] = picture[90:390, 360:560] = 230
    assert len(find_documents(picture).outlines) == 2


def test_measuring_nothing_gives_no_rows() -> None:
    assert ideal(TOUCHING).quad_features(np.empty((0, 4, 2))).shape == (0, COUNT)


@pytest.mark.long
def test_made_counters_are_seeded_and_hold_documents_and_none() -> None:
    one, other = (make_counter(5, (320, 240)) for _ in range(2))
    np.testing.assert_array_equal(one.picture, other.picture)
    counts = [len(make_counter(seed, (160, 120)).quads) for seed in range(30)]
    assert min(counts) == 0
    assert max(counts) > 5
