"""Readers that are compared, each a function from a picture to the texts of its lines."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
from collections.abc import Callable, Sequence

import cv2

from imgcore.text import TextReader, read_document
from imgcore.types import Image
from server.documents.text_reader import model_contents, text_reader
from synthetic.text.passages import Language

Reader = Callable[[Image], Sequence[str]]
SECONDS = 180.0
TESSERACT: dict[Language, str] = {"zh": "chi_sim", "ja": "jpn", "en": "eng"}


def own_reader() -> TextReader:
    """Return gaopai's, with one thread."""
    cv2.setNumThreads(1)
    return text_reader(model_contents(), threads=1)


def gaopai(reader: TextReader, crop: bool = False) -> Reader:
    """Read a picture, or the sheet that it shows."""
    read = (lambda image: read_document(reader, image)) if crop else reader.read
    return lambda image: [line.text for line in read(image)]


def tesseract(language: Language) -> Reader | None:
    """Return Tesseract with a language's data; None where they are not here."""
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


def rapidocr() -> Reader | None:
    """Return RapidOCR as it comes, but with one thread; None where it is not installed."""
    if importlib.util.find_spec("rapidocr") is None:
        return None
    module = importlib.import_module("rapidocr")
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    engine = module.RapidOCR(params={**threads, "Global.log_level": "error"})
    return lambda image: list(engine(image).txts or ())
