"""Pictures another program draws."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.barcode.msi.decoder import read_msi
from imgcore.barcode.pharmacode.decoder import read_pharmacode
from tests.patience import PATIENCE
from tests.unit.imgcore.barcode.profiles import CHECKED, Profile

pytestmark = pytest.mark.skipif(shutil.which("zint") is None, reason="zint is not installed")

RULES = [
    "none",
    "mod 10",
    "mod 10, mod 10",
    "mod 11 IBM",
    "mod 11 IBM, mod 10",
    "mod 11 NCR",
    "mod 11 NCR, mod 10",
]
"""By zint's number for them."""


def drawn(folder: Path, *options: str) -> Profile:
    path = folder / "code.png"
    command = ["zint", "--notext", "--scale=1.5", "-w", "12", "-o", str(path), *options]
    subprocess.run(command, check=True, timeout=PATIENCE, capture_output=True)
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    rows = np.flatnonzero((picture < 128).any(axis=1))
    return picture[rows[0] + 2 : rows[-1] - 2].astype(np.float32).mean(axis=0)


@pytest.mark.parametrize("number", range(len(RULES)))
@pytest.mark.parametrize("text", ["1234567", "1009", "90817263", "00000"])
def test_msi_with_each_check(number: int, text: str, tmp_path: Path) -> None:
    rule = [f"--vers={number}"] if number else []
    best = read_msi(drawn(tmp_path, "-b", "47", *rule, "-d", text))[0]
    assert best.text == CHECKED[RULES[number]](text)
    assert number == 0 or RULES[number] in best.checks


@pytest.mark.parametrize("value", [3, 7, 64, 1234, 84213, 117480, 131070])
def test_pharmacode(value: int, tmp_path: Path) -> None:
    assert read_pharmacode(drawn(tmp_path, "-b", "51", "-d", str(value)))[0].text == str(value)


@pytest.mark.parametrize("kind", ["8", "20", "25", "3", "18"])
def test_other_codes_are_neither(kind: str, tmp_path: Path) -> None:
    text = "A123456B" if kind == "18" else "12345678"
    profile = drawn(tmp_path, "-b", kind, "-d", text)
    assert not [reading for reading in read_msi(profile) if reading.confidence > 0.3]
    assert not [reading for reading in read_pharmacode(profile) if reading.confidence > 0.5]
