"""All functions of the protocol by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from server.errors import LocalizedText
from server.protocol.function import Function
from server.protocol.messages import (
    archive,
    auto_capture,
    barcodes,
    buttons,
    camera_controls,
    cameras,
    captures,
    cards,
    composing,
    face_matching,
    faces,
    files,
    fingerprints,
    forms,
    identity,
    processing,
    recording,
    scanners,
    service,
    signatures,
    stamps,
    texts,
)

STANDARD = "1.5"
"""Version of the interface standard."""


class Domain(NamedTuple):
    """Group of functions, with its title in the reference."""

    title: LocalizedText
    functions: tuple[Function, ...]


_CAMERAS = (
    *cameras.FUNCTIONS,
    *camera_controls.FUNCTIONS,
    *captures.FUNCTIONS,
    *auto_capture.FUNCTIONS,
    *recording.FUNCTIONS,
)
_FACES = (*faces.FUNCTIONS, *face_matching.FUNCTIONS)

DOMAINS = (
    Domain(LocalizedText("高拍仪", "Document camera"), _CAMERAS),
    Domain(LocalizedText("扫描仪", "Scanner"), scanners.FUNCTIONS),
    Domain(LocalizedText("证件", "Documents"), identity.FUNCTIONS),
    Domain(LocalizedText("识别", "Recognition"), (*barcodes.FUNCTIONS, *texts.FUNCTIONS, *forms.FUNCTIONS)),
    Domain(LocalizedText("文件", "Files"), (*files.FUNCTIONS, *archive.FUNCTIONS)),
    Domain(LocalizedText("签字", "Handwritten signatures"), signatures.FUNCTIONS),
    Domain(LocalizedText("盖章", "Stamps"), stamps.FUNCTIONS),
    Domain(LocalizedText("重新处理", "Working on pictures again"), processing.FUNCTIONS),
    Domain(LocalizedText("正反面", "Two sides"), composing.FUNCTIONS),
    Domain(LocalizedText("读卡", "Cards"), cards.FUNCTIONS),
    Domain(LocalizedText("指纹", "Fingerprints"), fingerprints.FUNCTIONS),
    Domain(LocalizedText("人脸", "Faces"), _FACES),
    Domain(LocalizedText("服务", "Service"), (*service.FUNCTIONS, *buttons.FUNCTIONS)),
)

_DECLARED = tuple(function for domain in DOMAINS for function in domain.functions)

CATALOGUE: Mapping[str, Function] = MappingProxyType({function.name: function for function in _DECLARED})
"""Every function by its canonical name, in the order of the standard, extras last."""

SPELLINGS: Mapping[str, Function] = MappingProxyType(
    {spelling: function for function in _DECLARED for spelling in (function.name, *function.spellings)}
)
"""Every function by each of its accepted names, case-sensitive."""


_ABOUT_CAMERAS = frozenset(function.name for function in (*_CAMERAS, *_FACES))


def is_about_cameras(function: Function) -> bool:
    """Return whether a function is about document or face cameras."""
    return function.name in _ABOUT_CAMERAS
