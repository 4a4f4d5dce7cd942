"""One road for all that pages give: files are decoded in processes of their own, messages within bounds."""

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


READERS = {
    *("json.loads", "json.load", "json.JSONDecoder"),
    *(f"request.{how}" for how in ("read", "post", "json", "text", "multipart", "content")),
}
OWN = "reads what this service wrote"
ROADS = {
    "server/dialects/http.py": "`read_body`, within limits of size and time, charged before",
    "server/connection/http_calls.py": "`PartialMessage`, as a message of a socket, in time",
    "server/archive/credentials.py": "what the library reads, in the process of a verification",
    "server/admin/api.py": "`_body`, within limits of size and time, for whoever has a ticket",
    "server/connection/signing_page.py": "`_body`, the same, for whoever has the ticket of a signature",
    **dict.fromkeys(
        ("server/telemetry/chain.py", "server/telemetry/audit.py", "server/telemetry/syslog.py"), OWN
    ),
    "server/batch/journal.py": OWN,
    **dict.fromkeys(("server/children/entry.py", "server/devices/adapters/libfprint/worker.py"), OWN),
}
"""Modules that read JSON or bodies of requests by themselves, and why they may."""
BODIES = {
    "server/access/control.py": "sentences",
    "server/connection/own_pages.py": "files of the package, and figures of this service",
    "server/connection/endpoint.py": "the health of this service",
    "server/connection/sessions.py": "a sentence",
    "server/connection/http_calls.py": "sentences, and the description of the protocol",
    "server/connection/downloads.py": "sentences",
    "server/connection/multipart.py": "sentences",
    "server/connection/signing_page.py": "a page of the document that is read, scaled to the screen",
    "server/admin/administration.py": "files of the package",
    "server/admin/api.py": "settings, whose file is limited",
    "server/dialects/http.py": "`HttpListener` sends it: charged, in pieces",
    "server/dialects/zkteco.py": "`HttpListener` sends it: charged, in pieces",
    "server/share/listening.py": "`HttpListener` sends it: charged, in pieces",
    "server/dialects/synjones.py": "`HttpListener` sends it: charged, in pieces",
}
"""Modules that answer over HTTP with a body, and who bounds it."""


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


def readers_in(path: Path) -> set[str]:
    """Return what a module uses of `READERS`."""
    nodes = tuple(ast.walk(parsed(path)))
    called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    content = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)} & {"request.content"}
    return (called | content) & READERS


def has_bodies(path: Path) -> bool:
    """Return whether a module answers over HTTP with more than a status."""
    calls = (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))
    return any(
        ast.unparse(call.func) in ("web.Response", "web.json_response", "web.FileResponse")
        and (call.args or {each.arg for each in call.keywords} & {"body", "text"})
        for call in calls
    )


def test_foreign_messages_take_one_road() -> None:
    """If not: `MessageThread.decode` and `read_body` have limits, charges, deadlines and a thread."""
    found = {shown(path) for path in (ROOT / "server").rglob("*.py") if readers_in(path)}
    assert found == set(ROADS)


def test_whoever_answers_with_a_body_was_judged() -> None:
    """If not: `send_pieces` sends what may be large, charged and in pieces that have to be taken in time."""
    assert {shown(path) for path in (ROOT / "server").rglob("*.py") if has_bodies(path)} == set(BODIES)


def test_another_road_is_noticed(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("async def f(request):\n  await request.json()\n  return web.Response(body=made)\n")
    assert readers_in(module) == {"request.json"} and has_bodies(module)
    other = tmp_path / "other.py"
    other.write_text("request.text\nweb.Response(status=204)")
    assert not readers_in(other) and not has_bodies(other)
