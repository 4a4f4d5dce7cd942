"""Filter that undoes blur."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image


def deblurred(grey: Image, blur: float, noise: float) -> Image:
    """Undo a Gaussian blur of standard deviation `blur` pixels, as far as the share of noise allows."""
    around = int(3 * blur) + 4
    high, wide = (cv2.getOptimalDFTSize(side + 2 * around) for side in grey.shape)
    below = high - grey.shape[0] - around
    right = wide - grey.shape[1] - around
    padded = cv2.copyMakeBorder(grey, around, below, around, right, cv2.BORDER_REFLECT).astype(np.float32)
    squares = np.fft.fftfreq(high)[:, None] ** 2 + np.fft.rfftfreq(wide) ** 2
    passed = np.exp(-2 * (np.pi * blur) ** 2 * squares)
    gain = passed * (1 + noise) / (passed**2 + noise)
    seen = np.fft.irfft2(np.fft.rfft2(padded) * gain, s=(high, wide))
    return np.clip(seen[around : high - below, around : wide - right], 0, 255).astype(np.uint8)
