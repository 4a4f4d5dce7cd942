"""Conversion of weights in other forms to ONNX: the same bytes in give the same bytes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from models.convert import dlib_resnet, yunet_s

CONVERTERS: Mapping[str, Callable[[bytes], bytes]] = {
    "dlib-resnet": dlib_resnet.convert,
    "yunet-s": yunet_s.convert,
}
"""Converters by their name in the manifest."""
