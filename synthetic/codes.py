"""Codes printed on the demo's papers, as masks (255 = ink). Their numbers are in the shop-internal range."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Image

QR_TEXT = "https://example.com/receipt/YC-2030-000128"
EAN_DIGITS = "200012803001"
"""Twelve digits; prefix 20 is for use inside a shop, so no real product has it."""

_ODD = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
_PARITY = ("OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE", "OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO")


def qr(text: str, pixels: int) -> Image:
    """A QR code with its quiet zone, at most `pixels` a side, whole pixels a module."""
    code = cv2.QRCodeEncoder.create().encode(text)
    modules = cv2.copyMakeBorder(code, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=255)
    factor = max(1, pixels // modules.shape[0])
    grown = np.kron(modules, np.ones((factor, factor), np.uint8))
    return np.asarray(255 - grown, np.uint8)


def ean13(digits: str, module: int, height: int) -> Image:
    """An EAN-13 bar code of twelve `digits` and their check digit; ISO/IEC 15420."""
    bits = "101" + _left(digits) + "01010" + _right(digits + check_digit(digits)) + "101"
    bars = np.array([255 * int(bit) for bit in bits], np.uint8)
    return np.tile(np.repeat(bars, module), (height, 1))


def check_digit(digits: str) -> str:
    """The thirteenth digit of an EAN-13."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-total % 10)


def _left(digits: str) -> str:
    parity = _PARITY[int(digits[0])]
    pairs = zip(digits[1:7], parity, strict=True)
    return "".join(_ODD[int(digit)] if which == "O" else _inverse(digit)[::-1] for digit, which in pairs)


def _right(digits: str) -> str:
    return "".join(_inverse(digit) for digit in digits[7:13])


def _inverse(digit: str) -> str:
    return _ODD[int(digit)].translate(str.maketrans("01", "10"))
