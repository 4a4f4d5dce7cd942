"""Configuration of the pictures that captures and scans give."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.config.section import Positive, Section, Share

Position = Literal[0, 1, 2, 3, 4, 5, 6, 7, 8, "tiled"]


class WatermarkConfig(Section, frozen=True):
    """Watermark of every picture, which requests may change."""

    text: Annotated[str, msgspec.Meta(max_length=200)] = ""
    """Text; empty for no watermark."""
    position: Position = 8
    """Place from 0, the top left, row by row to 8, the bottom right; ``tiled`` for all over the picture."""
    angle: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    """Degrees, counter-clockwise; 30 where it is tiled, else 0, if not set."""
    opacity: Share = 0.5
    size: Annotated[float, msgspec.Meta(gt=0, le=50)] = 4.0
    """Height of the letters in percent of the picture's shorter side."""
    colour: Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$")] = "#606060"
    time: bool = False
    """Add date and time in a line of their own."""


class CropConfig(Section, frozen=True):
    """Crops of captures, scans and previews."""

    when_unsure: Literal["whole", "crop"] | None = None
    """Documents that were found and not trusted are cut all the same; ``whole`` if not set."""


class OutputConfig(Section, frozen=True):
    """Pictures of captures and scans; requests may say otherwise for theirs."""

    quality: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    """Quality of JPEG and WebP; 92, or the camera's own bytes, if not set."""
    max_bytes: Positive | None = None
    """Limit of a file, met by less quality, then by fewer pixels."""
    dpi: Annotated[int, msgspec.Meta(ge=1, le=9600)] | None = None
    """Resolution that files state; that of the scan if not set."""
    color_mode: Literal[0, 1, 2] = 0
    """0 as processed, 1 grey, 2 black and white."""
    name: str = ""
    """Template of the names of files that requests do not name, such as ``{date}/{date}-{seq}.jpg``."""
    font: str = ""
    """Font file of watermarks; empty for the best of this computer."""
    watermark: WatermarkConfig = WatermarkConfig()


class ArchiveConfig(Section, frozen=True):
    """Signatures of files."""

    key: str = ""
    """Key and certificate in PEM or PKCS#12, or the library of a token; empty for a key of this machine."""
    password_file: str = ""
    """File with the key's password, or the token's PIN."""
    token: str = ""
    """Label of a PKCS#11 token."""
    label: str = ""
    """Label of the token's key and certificate."""
    stamps: Annotated[str, msgspec.Meta(pattern="^(https?://.*)?$")] = ""
    """Server of time stamps (RFC 3161); empty for none."""
    trust: str = ""
    """Certificates whose signatures are trusted, and lists of revoked ones, in PEM."""


class AdminConfig(Section, frozen=True):
    """Settings view at ``/admin``, for the account that runs the service."""

    enabled: bool = True
