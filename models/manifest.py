"""What ``manifest.toml`` says: for each role its file, licence, hash and sources."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any


class ManifestError(ValueError):
    """The manifest names no such role, or a source of an unknown kind."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A member of an archive in the Python package index.

    Attributes
    ----------
    package
        As pip wants it, with the version: ``name==1.0``.
    sha256
        Of the archive.
    member
        Path inside of it.
    """

    package: str
    sha256: str
    member: str


@dataclass(frozen=True, slots=True)
class Address:
    """A file at an https address."""

    url: str


Source = Wheel | Address


@dataclass(frozen=True, slots=True)
class Curve:
    """How cosines become similarities: ``1 / (1 + exp(-steepness (cosine - middle)))``."""

    middle: float
    steepness: float


@dataclass(frozen=True, slots=True)
class Model:
    """One role and the file that serves it.

    Attributes
    ----------
    size
        Bytes.
    sha256
        Of the file, in lower-case hexadecimal digits.
    sources
        Where to get it, in the order to try; empty where it can only be imported.
    similarity
        What the cosines of a model that embeds mean; None for all others.
    """

    role: str
    file: str
    purpose: str
    licence: str
    origin: str
    size: int
    sha256: str
    sources: tuple[Source, ...]
    similarity: Curve | None = None


def load_manifest(text: str | None = None) -> dict[str, Model]:
    """All roles, by name; without `text` those of the manifest beside this module."""
    if text is None:
        text = resources.files("models").joinpath("manifest.toml").read_text(encoding="utf-8")
    return {role: _model(role, entry) for role, entry in tomllib.loads(text).items()}


def find_model(role: str) -> Model:
    """The model of one role.

    Raises
    ------
    ManifestError
        There is no such role.
    """
    known = load_manifest()
    if role not in known:
        raise ManifestError(f"there is no role {role!r}; there are: {', '.join(known)}")
    return known[role]


def _model(role: str, entry: dict[str, Any]) -> Model:
    texts = {name: str(entry[name]) for name in ("file", "purpose", "licence", "origin", "sha256")}
    sources = tuple(_source(role, source) for source in entry.get("sources", ()))
    similarity = Curve(**entry["similarity"]) if "similarity" in entry else None
    return Model(role=role, size=int(entry["bytes"]), sources=sources, similarity=similarity, **texts)


def _source(role: str, entry: dict[str, str]) -> Source:
    values = {name: value for name, value in entry.items() if name != "kind"}
    if entry["kind"] == "wheel":
        return Wheel(**values)
    if entry["kind"] == "https" and entry["url"].startswith("https://"):
        return Address(**values)
    raise ManifestError(f"{role}: a source is a wheel or an https address, not {entry}")
