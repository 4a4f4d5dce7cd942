"""The loader reads what training writes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from imgcore.orientation import OrientationNet
from imgcore.outline import ScoringNet
from models.arrays import read_arrays
from models.locate import OWN, choose, read
from models.training import document_segmentation
from models.training.document_segmentation import SIZES, batches, shard
from models.training.page_orientation import packed
from models.training.segmentation_layers import as_onnx, from_onnx
from models.training.shipped import as_npz, path_of, write

SEGMENTATION, SCORING, ORIENTATION = "document-segmentation", "document-scoring", "page-orientation"


def test_training_writes_the_orientation_net_as_it_is_read() -> None:
    shipped = read_arrays(choose(ORIENTATION))
    again = packed(OrientationNet.unpacked(shipped))
    assert as_npz(again) == as_npz(shipped)


def test_training_writes_the_scoring_net_as_it_is_read() -> None:
    shipped = read_arrays(choose(SCORING))
    assert as_npz(asdict(ScoringNet(**shipped))) == as_npz(shipped)
    assert all(array.dtype == np.float64 for array in shipped.values())


def test_training_writes_the_segmentation_net_byte_for_byte() -> None:
    shipped = read(choose(SEGMENTATION))
    parameters = from_onnx(shipped)
    assert as_onnx(parameters) == shipped
    parameters["last"]["offset"] = parameters["last"]["offset"] + 1
    assert as_onnx(parameters) != shipped


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
