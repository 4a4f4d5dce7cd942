"""What the configuration says of living faces reaches the image core."""

from __future__ import annotations

import pytest

from imgcore.face import InfraredSettings, LivenessSettings
from server.config import Config, ConfigError, parse
from server.services.faces.engine import liveness_settings

FULL = """
[faces.liveness]
threshold = 0.8
frames = 6
window = 9
bezel = 2
moire = 0.9
[faces.liveness.infrared]
affine = [0.9, 0, 0.05, 0, 0.95, 0.02]
looks = 4
brightness = [30, 200]
least_depth = 0.01
"""


def test_the_default_of_each_key_is_the_cores() -> None:
    assert liveness_settings(Config().faces.liveness) == LivenessSettings()


def test_each_key_reaches_the_core() -> None:
    assert liveness_settings(parse(FULL).faces.liveness) == LivenessSettings(
        threshold=0.8, frames=6, window=9, bezel=2, moire=0.9,
        infrared=InfraredSettings(
            affine=(0.9, 0, 0.05, 0, 0.95, 0.02), looks=4, brightness=(30, 200), least_depth=0.01
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[faces.liveness]\nframes = 9", "window"),
        ("[faces.liveness]\nthreshold = 7", "threshold"),
        ("[faces.liveness.infrared]\nbrightness = [200, 30]", "brightness"),
        ("[faces.liveness.infrared]\naffine = [1, 0, 0]", "affine"),
    ],
)
def test_a_value_that_cannot_be_is_named(text: str, names: str) -> None:
    with pytest.raises(ConfigError, match=names):
        parse(text)
