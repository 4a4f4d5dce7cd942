"""Picture sizes and frame rates out of what a driver enumerates."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction

from server.devices.adapters.v4l2.videodev2 import FrmIvalEnum, FrmSizeEnum, Stepwise
from server.devices.ports.camera import Size

USUAL_SIZES = tuple(
    Size(width, height)
    for width, height in (
        (320, 240), (640, 360), (640, 480), (800, 600), (1024, 768), (1280, 720), (1280, 960), (1280, 1024),
        (1600, 1200), (1920, 1080), (2048, 1536), (2592, 1944), (3264, 2448), (3840, 2160),
        (4160, 3120), (4608, 3456),
    )
)  # fmt: skip
"""What a device with a continuous range is offered at, beside its largest size."""

USUAL_RATES = tuple(Fraction(rate) for rate in (5, 10, 15, 20, 24, 25, 30, 50, 60))


def sizes(entries: Iterable[FrmSizeEnum], discrete: int) -> tuple[Size, ...]:
    """The enumerated sizes, largest area first, each once."""
    found: set[Size] = set()
    for entry in entries:
        if entry.type == discrete:
            found.add(Size(entry.discrete.width, entry.discrete.height))
        else:
            found.update(_sizes_within(entry.stepwise))
    return tuple(sorted(found, key=lambda size: (-size.width * size.height, -size.width)))


def _sizes_within(limits: Stepwise) -> Iterable[Size]:
    yield Size(limits.max_width, limits.max_height)
    for size in USUAL_SIZES:
        if _on_step(size.width, limits.min_width, limits.max_width, limits.step_width) and _on_step(
            size.height, limits.min_height, limits.max_height, limits.step_height
        ):
            yield size


def _on_step(value: int, low: int, high: int, step: int) -> bool:
    return low <= value <= high and (value - low) % max(1, step) == 0


def rates(entries: Iterable[FrmIvalEnum], discrete: int) -> tuple[Fraction, ...]:
    """The enumerated frame rates in frames per second, fastest first, each once."""
    found: set[Fraction] = set()
    for entry in entries:
        if entry.type == discrete:
            found.add(Fraction(entry.discrete.denominator, max(1, entry.discrete.numerator)))
        else:
            # The shortest interval is the fastest rate.
            fastest = Fraction(entry.stepwise.min.denominator, max(1, entry.stepwise.min.numerator))
            slowest = Fraction(entry.stepwise.max.denominator, max(1, entry.stepwise.max.numerator))
            found.update(rate for rate in USUAL_RATES if slowest <= rate <= fastest)
            found.add(fastest)
    return tuple(sorted(found - {Fraction(0)}, reverse=True))


def choose_rate(offered: Collection[Fraction], wanted: float) -> Fraction | None:
    """The offered rate nearest to `wanted`; the fastest for 0; None if there is no say.

    Drivers round as they like when asked for a rate they do not have, so they never are.
    """
    if wanted <= 0:
        return max(offered, default=None)
    if not offered:
        return Fraction(wanted).limit_denominator(1001)
    return min(offered, key=lambda rate: (abs(float(rate) - wanted), -rate))
