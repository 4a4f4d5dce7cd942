"""What the configuration says of living faces, as the image core wants it."""

from __future__ import annotations

from msgspec import structs

from imgcore.face import InfraredSettings, LivenessSettings
from server.config import FaceLiveness


def liveness_settings(section: FaceLiveness) -> LivenessSettings:
    """The thresholds of `[faces.liveness]`; what it does not name keeps the core's default."""
    return LivenessSettings(
        threshold=section.threshold,
        enough=section.frames,
        window=section.window,
        bezel=section.bezel,
        moire=section.moire,
        infrared=InfraredSettings(**structs.asdict(section.infrared)),
    )
