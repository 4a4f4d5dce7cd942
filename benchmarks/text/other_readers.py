"""Other readers of text, each a function from a picture to the texts of its lines."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Sequence

import cv2

from benchmarks.text.judging import Reader
from imgcore.types import Image
from synthetic.text.passages import Language

SECONDS = 180.0
"""Seconds that a program may take for a page."""
TESSERACT: dict[Language, str] = {"zh": "chi_sim", "ja": "jpn", "en": "eng"}
"""Names of Tesseract's data."""


def tesseract(language: Language) -> Reader | None:
    """Return Tesseract with a language's data; None where it or they are not here."""
    if shutil.which("tesseract") is None:
        return None
    listed = subprocess.run(("tesseract", "--list-langs"), capture_output=True, check=True, timeout=SECONDS)
    if TESSERACT[language] not in listed.stdout.decode().split():
        return None
    return lambda image: _tesseract(TESSERACT[language], image)


def _tesseract(data: str, image: Image) -> Sequence[str]:
    run = subprocess.run(
        ("tesseract", "stdin", "stdout", "-l", data, "--dpi", "150"),
        input=cv2.imencode(".png", image)[1].tobytes(),
        capture_output=True,
        timeout=SECONDS,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        check=True,
    )
    return run.stdout.decode().splitlines()


def has_rapidocr() -> bool:
    """Return whether RapidOCR is installed."""
    return importlib.util.find_spec("rapidocr") is not None


def rapidocr() -> Reader:
    """Return RapidOCR as it comes, but with one thread."""
    module = importlib.import_module("rapidocr")
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    engine = module.RapidOCR(params={**threads, "Global.log_level": "error"})
    return lambda image: list(engine(image).txts or ())
