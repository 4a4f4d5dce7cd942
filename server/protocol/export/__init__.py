"""Export of the protocol: schemas, types, a reference."""

from __future__ import annotations

from pathlib import Path

from server.protocol.export.json_schema import asyncapi, json_schema, pretty
from server.protocol.export.markdown import markdown
from server.protocol.export.openapi import openapi
from server.protocol.export.typescript import typescript

TYPES = "gaopai-protocol.d.ts"
"""File of the types, which the client refers to."""
SCHEMAS = frozenset({"schema.json", "asyncapi.json", "openapi.json"})
"""Files for programs, which a release carries and the repository does not."""


def export(directory: Path) -> list[Path]:
    """Write all documents into `directory`, made if missing; return the files."""
    documents = {
        "schema.json": pretty(json_schema()),
        "asyncapi.json": pretty(asyncapi()),
        "openapi.json": pretty(openapi()),
        "reference.en.md": markdown("en"),
        "reference.zh.md": markdown("zh"),
        TYPES: typescript(),
    }
    directory.mkdir(parents=True, exist_ok=True)
    return [_write(directory / name, text) for name, text in documents.items()]


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
