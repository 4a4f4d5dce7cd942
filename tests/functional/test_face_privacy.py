"""Faces, and what is compared of them, are in the answers, and nowhere else."""

from __future__ import annotations

import base64
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.face import Face
from imgcore.face.net import Floats
from imgcore.types import Image
from tests.fakes.face_engine import coded, portrait
from tests.functional.conftest import Running, Watch
from tests.functional.page import connect
from tests.functional.test_privacy import written

VECTOR = 0.7262951
"""In each embedding."""
CANARY = "CANARY-OF-A-FACE"


async def test_a_face_leaves_nothing_behind(
    service: Running, watch: Watch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    cv2.imwrite(str(service.root / "kept.png"), portrait(1))
    given = coded(portrait(1))
    told = []

    def embed(image: Image, face: Face) -> Floats:
        return np.asarray([face.points[0, 0], VECTOR], np.float32)

    def fail(image: Image, face: Face) -> Floats:
        raise ValueError(f"{CANARY} {VECTOR}")

    monkeypatch.setattr(service.faces, "embed", embed)
    async with connect(service.url) as page:
        await page.must("GetFaceCameraInfo")
        await page.must("OpenFaceCamera", faceCameraNum=0)
        await page.must("SetFaceLivingBodyState", faceLivingBody=1)
        await page.must("FaceMatch", faceImageBase64=given)
        told.append(await page.ask("FaceMatch", faceImageBase64=coded(portrait(2))))
        told.append(await page.ask("FaceMatch", faceImageBase64=given[:-3]))
        monkeypatch.setattr(service.faces, "embed", fail)
        told.append(await page.ask("FaceMatch", faceImageBase64=given))
        told.append(await page.ask("FaceMatch", faceImagePath="kept.png", faceImageBase64=given))
    said = "\n".join(watch.said) + repr([one["errorMsg"] for one in told])
    for bird in (CANARY, f"{VECTOR:.5f}", given[:40], given[400:440], "faceImageBase64='"):
        assert bird not in said
    left = written(scratch)
    assert given[:40].encode() not in left and base64.b64decode(given) not in left
    assert [path.name for path in service.root.iterdir() if path.is_file()] == ["kept.png"]
