"""Files that pages give are decoded in processes of their own: what serves pages decodes none itself."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

from tests.architecture.tree import ROOT, parsed, shown

SERVING = ("services", "access", "connection", "storage", "protocol")
DECODERS = {
    *(
        "imgcore.codec.decode",
        "imgcore.tiff",
        "imgcore.pillow",
        "cv2.imdecode",
        "cv2.imread",
        "cv2.VideoCapture",
    ),
    *("server.documents.input_file.open_input", "server.documents.input_file.decode_jpeg"),
    *("server.documents.input_file.picture_of", "server.documents.input_file.raster_of"),
    *(
        "server.documents.pdf",
        "server.documents.rendering",
        "server.documents.full_page_image",
        "server.documents.lossless",
    ),
    *("PIL", "pikepdf", "pypdfium2", "simplejpeg", "av"),
}
"""What decodes; a module stands for all in it."""


def serving() -> Sequence[Path]:
    """Return the modules that serve pages."""
    modules = [path for name in SERVING for path in (ROOT / "server" / name).rglob("*.py")]
    assert len(modules) > 100
    return modules


def used(path: Path) -> set[str]:
    """Dotted names that a module imports, and those it takes from modules that it imports."""
    tree = parsed(path)
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {name.asname or name.name.partition(".")[0]: name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            known |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
    attributes = {
        f"{known[node.value.id]}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known
    }
    return set(known.values()) | attributes


def decoders_in(names: set[str]) -> set[str]:
    return {name for name in names if any(f"{name}.".startswith(f"{decoder}.") for decoder in DECODERS)}


def test_what_serves_pages_decodes_nothing() -> None:
    assert {shown(path): found for path in serving() if (found := decoders_in(used(path)))} == {}


def test_decoders_are_noticed(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "from imgcore import codec\nimport cv2 as cv\nfrom server.documents import pdf\n"
        "codec.decode(b'', 1)\ncodec.encode(1, 'jpg')\ncv.imdecode(1, 2)\ncv.resize(1, 2)\n"
    )
    assert decoders_in(used(module)) == {"imgcore.codec.decode", "cv2.imdecode", "server.documents.pdf"}
