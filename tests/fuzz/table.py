"""Every target by its name."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from random import Random

from imgcore.jpeg import Workspace
from tests.fuzz import jpeg
from tests.fuzz.damage import wholesome
from tests.fuzz.target import Target
from tests.fuzz.targets import (
    devices,
    documents,
    fields,
    finders,
    frames,
    messages,
    pictures,
    signing,
)

_USED = Workspace()


def _attack_jpeg(data: bytes) -> None:
    jpeg.attack(data, Random(zlib.crc32(data)), _USED)


TARGETS: Mapping[str, Target] = {
    "message": messages.TARGET,
    "dialects": messages.DIALECTS,
    "structure": messages.STRUCTURE,
    "fields": fields.TARGET,
    "frames": frames.TARGET,
    "picture": pictures.PICTURE,
    "jpeg": Target(_attack_jpeg, wholesome, 1 << 14),
    "exif": pictures.EXIF,
    "tiff": pictures.TIFF,
    "finders": finders.TARGET,
    "pdf": documents.PDF,
    "merged": documents.MERGED,
    "signature": signing.SIGNATURE,
    "signed-pdf": signing.SIGNED_PDF,
    "scan-settings": signing.SETTINGS,
    "template": devices.TEMPLATE,
    "multipart": devices.MULTIPART,
    "camera-header": devices.CAMERA_HEADER,
    "samv": devices.SAMV,
    "tlv": devices.TLV,
}
