"""Checks of Python, the compiled kernels, libraries, programs and models."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from imgcore.kernels import COMPILED
from models import locate
from models.locate import ModelMissing
from server.cli.doctor.check import PACKAGED, REINSTALL, Check, library, same, type_this
from server.config import Config
from server.documents import text_reader
from server.documents.tesseract import LANGUAGES, languages
from server.errors import LocalizedText, ToolMissing
from server.services.faces.insightface_engine import open_pack
from server.services.faces.onnx_engine import load_detector, load_embedder, load_liveness_nets

PYTHON = (3, 11)
"""Oldest version of Python that the service runs on."""
LIBRARIES = {
    "cv2": library("opencv-contrib-python", "libgl1 libglib2.0-0"),
    "av": library("av"),
    "pikepdf": library("pikepdf"),
    "pyudev": library("pyudev"),
}
OPTIONAL = ("av",)
"""Libraries that only RTSP cameras, films as cameras, and recordings need."""


def examine() -> Iterator[Check]:
    """Check the requirements of every machine, with or without devices."""
    yield _python()
    yield _kernels()
    for name, remedy in LIBRARIES.items():
        yield _library(name, remedy)


def _python() -> Check:
    found = same(platform.python_version())
    if sys.version_info >= PYTHON:
        return Check("python", True, found)
    remedy = LocalizedText("请安装 Python 3.11 或更新版本", "install Python 3.11 or newer")
    return Check("python", False, found, remedy)


def _kernels() -> Check:
    if COMPILED:
        return Check("kernels", True, LocalizedText("已编译", "compiled"))
    reason = LocalizedText("正在使用较慢的替代实现", "the slow twins are in use")
    build = REINSTALL if PACKAGED else "python setup.py build_ext --inplace"
    return Check("kernels", False, reason, type_this(build))


def _library(name: str, remedy: LocalizedText) -> Check:
    try:
        # The first use reads it, and tells what it lacks.
        version = getattr(import_module(name), "__version__", "")
    except (ImportError, ToolMissing) as exc:
        why = str(exc.__cause__ or exc)
        return Check(name, False, LocalizedText(f"不能加载（{why}）", why), remedy, optional=name in OPTIONAL)
    return Check(name, True, same(str(version)) if version else LocalizedText("已安装", "present"))


def face_models(config: Config) -> Iterator[Check]:
    """Check the models of each use of faces, without which the service answers an error."""
    pack = config.faces.insightface_pack
    uses: dict[str, Callable[[], object]] = {
        "face comparison": (lambda: open_pack(Path(pack).expanduser())) if pack else _comparison,
        "face liveness": load_liveness_nets,
    }
    for name, load in uses.items():
        try:
            load()
        except ModelMissing as missing:
            # Its text already has the remedy for that model.
            reason = LocalizedText(missing.zh, str(missing))
            remedy = type_this("gaopai models list")
            yield Check(name, False, reason, remedy, optional=True)
        else:
            yield Check(name, True, LocalizedText("模型已就绪", "its models are here"))


def _comparison() -> None:
    load_detector()
    load_embedder()


def text_models() -> Check:
    """Check the models that read text."""
    states = [locate.examine(locate.choose(role)) for role in text_reader.ROLES]
    missing = next((state for state in states if not state.ok), None)
    if missing is None:
        return Check("text", True, LocalizedText("模型已就绪", "its models are here"))
    return Check("text", False, LocalizedText(*missing.reason), LocalizedText(*missing.remedy), optional=True)


def tesseract() -> Check:
    """Check for Tesseract, which makes documents searchable where the text models are not here."""
    install = type_this("sudo apt install tesseract-ocr tesseract-ocr-chi-sim")
    try:
        known = languages()
    except ToolMissing:
        reason = LocalizedText("不能生成可搜索的 PDF", "searchable PDFs cannot be made")
        return Check("tesseract", False, reason, install, optional=True)
    found = ", ".join(known)
    reads = LocalizedText(f"可识别 {found or '（无）'}", f"reads {found or 'no language'}")
    missing = ", ".join(language for language in LANGUAGES if language not in known)
    if not missing:
        return Check("tesseract", True, reads)
    reason = LocalizedText(f"{reads.zh}，不能识别 {missing}", f"{reads.en}, but not {missing}")
    return Check("tesseract", False, reason, install, optional=True)
