"""The loader reads what training writes."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.fingers.net import LAYERS, FingerNet, skin_probability
from imgcore.orientation import OrientationNet
from imgcore.outline import ScoringNet
from imgcore.outline.judge.weights import PATH as WEIGHTS
from imgcore.outline.judge.weights import weights_of
from imgcore.outline.measure.device_evidence import NAMES as DEVICE
from models.arrays import read_arrays
from models.locate import OWN, choose, read
from models.training import (
    document_segmentation,
    document_verification,
    finger_pictures,
    finger_segmentation,
    finger_weights,
    shipped,
)
from models.training.document_segmentation import SIZES, batches, shard
from models.training.finger_hands import Bank, HeldPage, drawn_hand, grabbed_hand, photographed_hand
from models.training.finger_pictures import compose
from models.training.onnx_reader import constants
from models.training.page_orientation import packed
from models.training.segmentation_layers import as_onnx, from_onnx, unfolded
from models.training.shipped import as_npz, path_of, write, write_weights

SEGMENTATION = "document-segmentation"
SCORING = "document-scoring"
ORIENTATION = "page-orientation"
FINGERS = "finger-segmentation"
VERIFICATION = "document-verification"


def test_training_writes_the_orientation_net_as_it_is_read() -> None:
    kept = read_arrays(choose(ORIENTATION))
    again = packed(OrientationNet.unpacked(kept))
    assert as_npz(again) == as_npz(kept)


def test_training_writes_the_scoring_net_as_it_is_read() -> None:
    kept = read_arrays(choose(SCORING))
    assert as_npz(asdict(ScoringNet(**kept))) == as_npz(kept)
    assert all(array.dtype == np.float64 for array in kept.values())


def test_training_writes_the_weights_of_one_score_and_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / WEIGHTS.name
    shutil.copy(WEIGHTS, copy)
    monkeypatch.setattr(shipped, "WEIGHTS", copy)
    weights = weights_of("device", DEVICE)
    write_weights("device", DEVICE, weights)
    assert copy.read_bytes() == WEIGHTS.read_bytes()
    write_weights("device", DEVICE, {"output": 2 * weights["output"]})
    with np.load(WEIGHTS) as before, np.load(copy) as after:
        assert [name for name in before if (before[name] != after[name]).any()] == ["device/output"]
        assert set(before) == set(after)


def test_training_writes_the_segmentation_net_byte_for_byte() -> None:
    kept = read(choose(SEGMENTATION))
    parameters = from_onnx(kept)
    assert as_onnx(parameters) == kept
    parameters["last"]["offset"] = parameters["last"]["offset"] + 1
    assert as_onnx(parameters) != kept


def test_training_writes_the_net_that_sees_candidates_byte_for_byte() -> None:
    kept = read(choose(VERIFICATION))
    arrays = constants(kept)
    parameters = {name: unfolded(arrays, name) for name, *_ in document_verification.LAYERS}
    assert document_verification.as_onnx(parameters) == kept
    parameters["joined"]["offset"] = parameters["joined"]["offset"] + 1
    assert document_verification.as_onnx(parameters) != kept


def test_training_writes_the_net_of_fingers_as_it_is_read() -> None:
    kept = read_arrays(choose(FINGERS))
    parameters = finger_weights.parameters_of(kept)
    assert as_npz(finger_weights.packed(parameters)) == as_npz(kept)
    parameters["answer"]["offset"] = parameters["answer"]["offset"] + 1
    assert as_npz(finger_weights.packed(parameters)) != as_npz(kept)


def test_a_net_of_fingers_that_becomes_wider_answers_as_before() -> None:
    kept = read_arrays(choose(FINGERS))
    narrow = {}
    for name, (kernel, _, before, after) in LAYERS.items():
        # Half the channels of those below a quarter of the picture's size.
        fewer, told = (each // 2 if each > 16 else each for each in (before, after))
        levels = kept[f"{name}.levels"].reshape(kernel * kernel, before, after)[:, :fewer, :told]
        narrow[f"{name}.levels"] = levels.reshape(-1, told)
        narrow |= {f"{name}.{part}": kept[f"{name}.{part}"][:told] for part in ("steps", "offset")}
    wide = finger_weights.packed(finger_weights.parameters_of(narrow))
    assert wide["at32a.steps"].shape == kept["at32a.steps"].shape != narrow["at32a.steps"].shape
    page = np.random.default_rng(2).integers(0, 255, (160, 128, 3), np.uint8)
    answers = [skin_probability(FingerNet.unpacked(net), page) for net in (narrow, wide)]

    # Levels are rounded anew, of fewer channels.
    assert np.abs(answers[0] - answers[1]).max() < 0.02 < np.ptp(answers[0])


def test_a_large_hand_is_cut_out_without_its_shadow() -> None:
    picture = np.full((600, 400, 3), (190, 200, 205), np.uint8)
    picture[250:, 240:300] //= 2
    picture[200:, 120:240] = (110, 140, 190)
    picture[:] += np.random.default_rng(4).integers(0, 6, picture.shape, np.uint8)
    hand = grabbed_hand(picture)
    assert hand is not None
    height, width = hand.cover.shape
    assert height == pytest.approx(600, abs=12) and width == pytest.approx(180, abs=12)
    assert np.allclose(hand.colour[300, 90], 1, atol=0.06) and hand.cover[300, 90] > 0.99


def test_a_hand_that_holds_a_page_enters_from_the_border_of_another() -> None:
    picture = np.full((200, 150, 3), 230, np.uint8)
    skin = np.zeros((200, 150), np.float32)
    picture[180:, 30:60] = (110, 140, 190)
    skin[180:, 30:60] = 1
    skin[80:100, 60:90] = 1
    (hand,) = HeldPage(picture, skin).sprites()
    for seed in range(12):
        move = finger_pictures.as_it_lies(np.random.default_rng(seed), hand, (320, 480))
        cover = cv2.warpAffine(hand.cover, move, (480, 320))
        edges = [cover[0].max(), cover[-1].max(), cover[:, 0].max(), cover[:, -1].max()]
        assert max(edges) > 0.4 and 100 < (cover > 0.5).sum() < 20_000


def test_a_hand_is_cut_from_the_wall_behind_it() -> None:
    picture = np.full((100, 100, 3), (205, 200, 198), np.uint8)
    picture[30:, 40:60] = (120, 150, 200)
    hand = photographed_hand(picture)
    assert hand is not None
    assert hand.cover[50:, 44:56].min() > 0.9 and hand.cover[:, :36].max() == hand.cover[:26].max() == 0
    assert np.allclose(hand.colour[60, 50], 1, atol=0.02)
    assert photographed_hand(np.full((100, 100, 3), 200, np.uint8)) is None


@pytest.mark.long
def test_composed_pages_show_hands_where_they_are_said_to_be() -> None:
    random = np.random.default_rng(3)
    page = np.full((480, 340, 3), 240, np.uint8)
    hands = [drawn_hand(random) for _ in range(4)]
    bank = Bank([page], (hands, hands), [page // 3], [page // 2])
    pictures = [compose(random, bank) for _ in range(12)]
    assert all(picture.shape[:2] == skin.shape for picture, skin in pictures)
    held = [skin for _, skin in pictures if skin.max() > 0.9]
    assert 4 <= len(held) < 12
    # They enter from the border.
    assert all(max(s[0].max(), s[-1].max(), s[:, 0].max(), s[:, -1].max()) > 0.4 for s in held)
    seen, wanted = next(finger_segmentation.batches(bank))
    assert seen.shape == (8, 256, 256, 6) and wanted.shape == (8, 64, 64, 2)
    assert wanted[..., 0].max() < 1.001 and wanted[..., 1].min() == 1


def test_what_is_written_is_told_as_the_manifest_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = choose(ORIENTATION)
    assert path_of(ORIENTATION) == OWN / model.file
    write(tmp_path / model.file, read(model))
    assert capsys.readouterr().out.splitlines()[1:] == [f"bytes = {model.size}", f'sha256 = "{model.sha256}"']


@pytest.mark.long
def test_pictures_of_all_sizes_are_trained_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_segmentation, "SHARD", len(SIZES))
    seen, wanted = next(batches([shard(tmp_path, number) for number in range(2)]))
    assert seen.shape == (8, 288, 384, 3)
    assert wanted.shape == (8, 72, 96, 12)
