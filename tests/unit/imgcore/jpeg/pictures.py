"""JPEGs of every kind that cameras send, made from a seed."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image as Pillow

from imgcore.types import Image

FACTORS = {
    "444": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "422": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "420": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "440": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440,
    "411": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411,
}


def picture(width: int, height: int, seed: int = 0) -> Image:
    """Soft colour and some noise, BGR."""
    random = np.random.default_rng(seed)
    rough = random.integers(0, 256, (max(2, height // 12), max(2, width // 12), 3), dtype=np.uint8)
    soft = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
    return cv2.add(soft, random.integers(0, 12, soft.shape, dtype=np.uint8))


def jpeg(
    image: Image, sampling: str = "422", quality: int = 85, restart: int = 0, optimise: bool = False
) -> bytes:
    """`image` as a baseline JPEG."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, FACTORS[sampling]]
    options += [cv2.IMWRITE_JPEG_RST_INTERVAL, restart, cv2.IMWRITE_JPEG_OPTIMIZE, int(optimise)]
    return cv2.imencode(".jpg", image, options)[1].tobytes()


def progressive(image: Image) -> bytes:
    """`image` as a progressive JPEG."""
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()


def grey(image: Image, quality: int = 85) -> bytes:
    """`image` as a JPEG of one component."""
    file = io.BytesIO()
    Pillow.fromarray(image[..., 0]).save(file, "JPEG", quality=quality)
    return file.getvalue()


def without_tables(data: bytes) -> bytes:
    """`data` without its Huffman tables, as AVI-style cameras send it."""
    at = 2
    kept = [data[:2]]
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] != 0xC4:
            kept.append(data[at:end])
        at = end
    return b"".join([*kept, data[at:]])


def pixels(data: bytes) -> Image:
    """`data` as libjpeg-turbo decodes it, BGR."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


def eighth(data: bytes) -> Image:
    """`data` as libjpeg-turbo decodes it at an eighth, grey."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)
