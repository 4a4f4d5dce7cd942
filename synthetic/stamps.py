"""A round seal and a signature, as ink masks (255 = ink)."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from synthetic.arrays import Image
from synthetic.scene.texture import clouds
from synthetic.text.typeface import Face, Typefaces

SEAL_RED = (206, 38, 42)
PEN_BLUE = (30, 44, 120)


def round_seal(faces: Typefaces, ring: str, foot: str, pixels: int, rng: np.random.Generator) -> Image:
    """A seal with a star, `ring` along its upper rim and `foot` below the star.

    The ink is uneven, as from a rubber stamp.
    """
    canvas = Pillow.new("L", (pixels, pixels), 0)
    draw = ImageDraw.Draw(canvas)
    rim = round(pixels * 0.028)
    draw.ellipse((rim, rim, pixels - rim, pixels - rim), outline=255, width=rim)
    draw.polygon(_star(pixels / 2, pixels * 0.47, pixels * 0.15), fill=255)
    _along_rim(canvas, ring, faces.bold, pixels)
    draw.text((pixels / 2, pixels * 0.80), foot, fill=255, font=faces.sans.at(pixels * 0.075), anchor="ms")
    return _worn(np.asarray(canvas, np.uint8), rng)


def signature(pixels: tuple[int, int], rng: np.random.Generator) -> Image:
    """A scribbled name in a box of `pixels` (width, height); no real name."""
    width, height = pixels
    t = np.linspace(0.0, 1.0, 260)
    loops = np.sin(2 * np.pi * (4.6 * t + 0.25 * np.sin(5.0 * t))) * (0.34 - 0.20 * t)
    x = (0.06 + 0.86 * t + 0.045 * np.cos(2 * np.pi * 9.1 * t)) * width
    y = (0.52 - 0.12 * t + loops + 0.03 * rng.standard_normal(4)[0]) * height
    mask = np.zeros((height, width), np.uint8)
    _stroke(mask, np.stack([x, y], axis=1), height)
    _stroke(mask, np.array([[0.10, 0.86], [0.5, 0.80], [0.97, 0.70]]) * (width, height), height)
    return mask


def _stroke(mask: Image, points: np.ndarray, height: int) -> None:
    for start, end in pairwise(points):
        slow = 1.0 - min(1.0, float(np.hypot(*(end - start))) / height * 4)
        width = max(2, round(height * (0.022 + 0.030 * slow)))
        cv2.line(mask, _pixel(start), _pixel(end), 255, width, cv2.LINE_AA)


def _pixel(point: np.ndarray) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    angles = -np.pi / 2 + np.arange(10) * np.pi / 5
    radii = np.where(np.arange(10) % 2 == 0, radius, radius * 0.382)
    return [(x + r * np.cos(a), y + r * np.sin(a)) for a, r in zip(angles, radii, strict=True)]


def _along_rim(canvas: Pillow.Image, words: str, face: Face, pixels: int) -> None:
    """Each letter upright on a circle, over the upper 250 degrees."""
    wide = any(ord(letter) > 0x2E80 for letter in words)
    font = face.at(pixels * (0.125 if wide else 0.085))
    span = min(250.0, len(words) * (26.0 if wide else 11.5))
    for place, letter in enumerate(words):
        turn = -span / 2 + span * (place + 0.5) / len(words)
        canvas.paste(255, (0, 0), _letter(letter, font, turn, pixels))


def _letter(
    letter: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, turn: float, pixels: int
) -> Pillow.Image:
    upright = Pillow.new("L", (pixels, pixels), 0)
    ImageDraw.Draw(upright).text((pixels / 2, pixels * 0.145), letter, fill=255, font=font, anchor="mm")
    return upright.rotate(-turn, Pillow.Resampling.BICUBIC)


def _worn(mask: Image, rng: np.random.Generator) -> Image:
    size = (mask.shape[1], mask.shape[0])
    wear = 0.86 + 0.07 * clouds(rng, size, (7, 7)) + 0.10 * clouds(rng, size, (90, 90))
    return np.asarray((mask * np.clip(wear, 0.25, 1.0)).astype(np.uint8))


def box_seal(
    faces: Typefaces, words: tuple[str, str, str], pixels: tuple[int, int], rng: np.random.Generator
) -> Image:
    """Three lines in a rounded frame of `pixels` (width, height), set on a little askew."""
    width, height = pixels
    canvas = Pillow.new("L", (width, round(height * 1.25)), 0)
    draw = ImageDraw.Draw(canvas)
    rim, top = max(2, round(height * 0.045)), round(height * 0.125)
    frame = (rim * 2, top + rim, width - rim * 2, top + height - rim)
    draw.rounded_rectangle(frame, radius=height * 0.1, outline=255, width=rim)
    for line, (face, share, y) in zip(words, _three(faces), strict=True):
        draw.text((width / 2, top + height * y), line, fill=255, font=face.at(height * share), anchor="mm")
    turned = canvas.rotate(float(rng.uniform(2.0, 5.0)), Pillow.Resampling.BICUBIC)
    return _worn(np.asarray(turned, np.uint8), rng)


def _three(faces: Typefaces) -> tuple[tuple[Face, float, float], ...]:
    """Face, em and middle of each line, as shares of the height."""
    return (faces.bold, 0.26, 0.24), (faces.mono, 0.24, 0.54), (faces.sans, 0.16, 0.81)
