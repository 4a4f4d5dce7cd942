"""The models as the service hands them to the image core."""

from __future__ import annotations

import pytest

from imgcore.orientation import OrientationNet
from imgcore.outline import DocumentNets
from server.services.pictures.model_cache import ModelCache


@pytest.fixture(scope="session")
def cache() -> ModelCache:
    return ModelCache()


@pytest.fixture(scope="session")
def documents(cache: ModelCache) -> DocumentNets:
    nets = cache.documents()
    if nets is None:
        pytest.skip("onnxruntime is not installed")
    return nets


@pytest.fixture(scope="session")
def orientation(cache: ModelCache) -> OrientationNet:
    return cache.orientation()
