"""Profiles across bars, made from element widths, and the encoders that give these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

Profile = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_FINE = 24
"""Samples of the drawing to a pixel of the profile."""


@dataclass(frozen=True)
class Press:
    """How bars come to a profile.

    Attributes
    ----------
    pixels
        A module's.
    blur
        Gaussian, in modules, besides the pixels' own aperture.
    noise
        Standard deviation, in levels.
    spread
        By how many modules bars are wider.
    white, black
        Levels.
    shade
        Share of the light that is lost from one end to the other.
    quiet
        Modules on both sides.
    phase
        Pixels by which all is moved.
    """

    pixels: float = 3.0
    blur: float = 0.3
    noise: float = 0.0
    spread: float = 0.0
    white: float = 230.0
    black: float = 30.0
    shade: float = 0.0
    quiet: float = 8.0
    phase: float = 0.0


def edges_of(widths: tuple[float, ...], press: Press) -> Floats:
    """Where bars begin and end in turn, in samples, integers at their centres."""
    edges = np.array(list(accumulate((press.quiet, *widths)))) * press.pixels + press.phase
    return edges + np.tile([-1, 1], len(edges) // 2) * press.spread * press.pixels / 2 - 0.5


def printed(widths: tuple[float, ...], press: Press, seed: int = 0) -> Profile:
    """Bars and spaces in turn, in modules, the first a bar."""
    edges = edges_of(widths, press) + 0.5
    size = int(np.ceil(edges[-1] + press.spread + press.quiet * press.pixels))
    # The integral of ink, differenced, is exact coverage.
    fine = np.arange(size * _FINE + 1) / _FINE
    ink = np.zeros(len(fine))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        ink += np.clip(fine, start, end) - start
    cover = np.diff(ink) * _FINE
    cover = _blurred(cover, press.blur * press.pixels * _FINE).reshape(size, _FINE).mean(axis=1)
    light = 1 - press.shade * np.linspace(0, 1, size)
    levels = (press.white + (press.black - press.white) * cover) * light
    return (levels + np.random.default_rng(seed).normal(0, 1, size) * press.noise).astype(np.float32)


def _blurred(signal: Floats, sigma: float) -> Floats:
    if sigma < 0.01:
        return signal
    reach = int(np.ceil(5 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    size = 1 << int(np.ceil(np.log2(len(signal) + 2 * reach + 1)))
    product = np.fft.rfft(signal, size) * np.fft.rfft(kernel / kernel.sum(), size)
    return np.fft.irfft(product, size)[reach : reach + len(signal)]


def msi_widths(text: str, wide: float = 2.0) -> tuple[float, ...]:
    bits = "1" + "".join(f"{int(digit):04b}" for digit in text) + "0"
    pairs = ((wide, 1.0) if bit == "1" else (1.0, wide) for bit in bits)
    return (*(width for pair in pairs for width in pair), 1.0)


def pharmacode_widths(
    value: int, narrow: float = 1.0, wide: float = 3.0, gap: float = 2.0
) -> tuple[float, ...]:
    bars: list[float] = []
    while value:
        bars.append(wide if value % 2 == 0 else narrow)
        value = (value - 1) // 2 if value % 2 else (value - 2) // 2
    spaced = [width for bar in reversed(bars) for width in (bar, gap)]
    return tuple(spaced[:-1])


def text_widths(seed: int, strokes: int = 40) -> tuple[float, ...]:
    """Strokes of letters, spaces between letters and words."""
    random = np.random.default_rng(seed)
    widths: list[float] = []
    for _ in range(strokes):
        space = random.choice([random.uniform(0.8, 2.5), random.uniform(2.5, 5)], p=[0.8, 0.2])
        widths += [float(random.uniform(0.6, 1.8)), float(space)]
    return tuple(widths[:-1])


def luhn(text: str) -> str:
    """Mod 10, as MSI has it: every second digit from the right is doubled as part of one number."""
    doubled = str(2 * int(text[-1::-2][::-1]))
    total = sum(map(int, doubled)) + sum(map(int, text[-2::-2]))
    return text + str(-total % 10)


def mod11(text: str, most: int) -> str:
    """Weights 2 to `most` from the right, again and again; ten is two digits."""
    total = sum(int(digit) * (2 + place % (most - 1)) for place, digit in enumerate(reversed(text)))
    return text + str(-total % 11)


CHECKED: dict[str, Callable[[str], str]] = {
    "none": str,
    "mod 10": luhn,
    "mod 10, mod 10": lambda text: luhn(luhn(text)),
    "mod 11 IBM": lambda text: mod11(text, 7),
    "mod 11 IBM, mod 10": lambda text: luhn(mod11(text, 7)),
    "mod 11 NCR": lambda text: mod11(text, 9),
    "mod 11 NCR, mod 10": lambda text: luhn(mod11(text, 9)),
}
