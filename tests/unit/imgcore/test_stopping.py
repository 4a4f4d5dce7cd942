"""Work that nobody waits for is stopped between two of its steps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from imgcore.output.finish import OutputSettings, encode_within
from imgcore.pipeline import ORDER, process
from imgcore.settings import ImageType, Settings
from imgcore.stopping import WorkStopped, stoppable
from imgcore.strips import for_strips, lent


class Asked:
    """Question that is answered by yes after some times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("times", range(len(ORDER)))
def test_a_pipeline_stops_between_stages(times: int) -> None:
    page = np.full((40, 30), 255, np.uint8)
    with stoppable(Asked(times)), pytest.raises(WorkStopped):
        process(page, Settings())
    assert process(page, Settings()).pictures[0] is page


@pytest.mark.parametrize("threads", [False, True])
def test_strips_stop_in_both_threads(threads: bool) -> None:
    done: list[int] = []
    with ThreadPoolExecutor(1) as pool, lent(pool if threads else None), stoppable(Asked(3)):
        with pytest.raises(WorkStopped):
            for_strips(lambda top, bottom: done.append(top), 100, 1)
        assert len(done) <= 3


def test_an_enhancement_stops_within() -> None:
    page = np.full((2000, 300, 3), 255, np.uint8)
    with stoppable(Asked(len(ORDER) + 1)), pytest.raises(WorkStopped):
        process(page, Settings(image_type=ImageType.COLOUR))


def test_a_search_for_the_size_of_a_file_stops() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (300, 300), np.uint8)
    with stoppable(Asked(2)), pytest.raises(WorkStopped):
        encode_within(noise, "webp", OutputSettings(max_bytes=8000))
