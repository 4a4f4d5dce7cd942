"""Codes printed on papers, as masks (255 = ink). Their numbers are in the shop-internal range."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Image

QR_TEXT = "https://example.com/receipt/YC-2030-000128"
EAN_DIGITS = "200012803001"
"""Twelve digits; prefix 20 is for use inside a shop, so no real product has it."""

_WIDTHS = ("3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112")
"""Modules of a digit's four spaces and bars."""
_MIRRORED = (0, 11, 13, 14, 19, 25, 28, 21, 22, 26)
"""By the first digit, as bits: those of the left half's six digits that are read the other way."""


def qr(text: str, pixels: int) -> Image:
    """Return a QR code with its quiet zone, at most `pixels` a side, whole pixels a module."""
    code = cv2.QRCodeEncoder.create().encode(text)
    modules = cv2.copyMakeBorder(code, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=255)
    factor = max(1, pixels // modules.shape[0])
    return np.asarray(255 - np.kron(modules, np.ones((factor, factor), np.uint8)), np.uint8)


def ean13(digits: str, module: int, height: int) -> Image:
    """Return an EAN-13 bar code of twelve `digits` and their check digit; ISO/IEC 15420."""
    widths = [_WIDTHS[int(digit)] for digit in digits + check_digit(digits)]
    mirrored = f"{_MIRRORED[int(digits[0])]:06b}"
    pairs = zip(widths[1:7], mirrored, strict=True)
    left = "".join(width[::-1] if bit == "1" else width for width, bit in pairs)
    # Spaces and bars alternate from guard to guard.
    runs = np.array([int(width) for width in "111" + left + "11111" + "".join(widths[7:]) + "111"])
    bars = np.repeat(np.where(np.arange(len(runs)) % 2 == 0, 255, 0).astype(np.uint8), runs * module)
    return np.tile(bars, (height, 1))


def check_digit(digits: str) -> str:
    """Return the thirteenth digit of an EAN-13."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-total % 10)
