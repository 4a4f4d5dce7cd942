"""Pictures as the service processes them: with the models that their settings use."""

from __future__ import annotations

from imgcore.pipeline import process
from imgcore.settings import Settings
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache

_MODELS = ModelCache()


def processed(image: Image, settings: Settings) -> Image:
    """Return the first picture that processing gives."""
    return process(image, settings, models=_MODELS.models(settings)).pictures[0]
