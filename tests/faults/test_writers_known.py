"""Every module that writes is known, so that none is forgotten by the tests of faults."""

from __future__ import annotations

import ast
from functools import cache

from tests.architecture.tree import ROOT, parsed
from tests.faults.writers import WRITERS

CALLS = {
    "write_bytes",
    "write_text",
    "mkdir",
    "rename",
    "replace",
    "unlink",
    "rmdir",
    "ftruncate",
    "link",
    "fsync",
}
CALLS |= {"NamedTemporaryFile", "TemporaryDirectory", "mkdtemp", "mkstemp", "rename_noreplace", "touch"}

ELSEWHERE = {
    "server.storage.forms": "writes by server.storage.atomic; a picture is named by the file that comes last",
    "server.archive.signing": "makes the folder of the machine's key",
    "server.batch.pages": "writes by server.storage.atomic; judged with the journal",
    "server.children.entry": "tells the kernel about this process",
    "server.children.memory": "makes files in memory alone",
    "server.admin.sessions": "writes by server.storage.atomic; another ticket is made by typing again",
    "server.cli.install": "writes by write_private; systemd reads the whole unit or none",
    "server.cli.token": "writes by write_private",
    "server.protocol.export": "run by programmers, in a checkout that git keeps",
    "models.training.document_segmentation": "run by programmers; its pictures are made again",
    "models.training.document_verification": "run by programmers; what it keeps is made again",
    "models.training.verification_candidates": "run by programmers; what it keeps is made again",
    "server.documents.matroska": "writes to a file of server.storage.root, where what was written stays",
    "models.training.finger_segmentation": "run by programmers; its pictures are made again",
    "models.training.page_layers": "run by programmers; its pictures are made again",
    "models.training.joint_judge": "run by programmers; what it keeps is made again",
    "models.training.whole_page_judge": "run by programmers; what it keeps is made again",
    "models.training.outline_judge": "run by programmers; what it keeps is made again",
    "models.training.shipped": "run by programmers, in a checkout that git keeps",
    "models.archives": "downloads into a folder that goes with the command",
    "server.services.upload.targets.folder": "names what is whole; killed by script/bench deliveries",
    "server.services.upload.targets.placing": "names what is whole; killed by script/bench deliveries",
    "server.services.upload.targets.sftp": "names what is whole; killed by script/bench deliveries",
    "server.services.upload.targets.smb": "names what is whole; killed by script/bench deliveries",
    "server.telemetry.syslog": "records how far it has sent; torn or lost, lines are sent again",
    "server.tls.nss": "makes a folder that goes with the command, and that of a browser's database",
    "server.tls.system": "tells the system's store; repeated by the next gaopai tls install",
    "server.storage.place": "makes a folder that was deleted",
    "server.storage.root": "makes the root, and writes by server.storage.atomic",
}
"""Modules that write and are no writers of their own, with the reason."""


def _writes(node: ast.Call) -> bool:
    function = node.func
    if isinstance(function, ast.Attribute):
        if function.attr == "open" and (_writing_mode(node) or "O_CREAT" in ast.unparse(node)):
            return True
        if function.attr == "connect" and "sqlite3" in ast.unparse(function):
            return True
        # Strings and messages have a replace of their own, with other arguments.
        if function.attr == "replace":
            plain = len(node.args) == 1 and not node.keywords
            return plain or ast.unparse(function) == "os.replace"
        return function.attr in CALLS
    return isinstance(function, ast.Name) and function.id in CALLS - {"replace", "link"}


def _writing_mode(node: ast.Call) -> bool:
    modes = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
    return any(
        isinstance(mode, ast.Constant) and isinstance(mode.value, str) and mode.value[:1] in set("wax")
        for mode in modes
    )


@cache
def writing_modules() -> dict[str, list[str]]:
    """The modules of the service that write, with the calls by which they do."""
    found: dict[str, list[str]] = {}
    for package in ("server", "models"):
        for path in sorted((ROOT / package).rglob("*.py")):
            calls = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
            if texts := [ast.unparse(call)[:80] for call in calls if _writes(call)]:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                found[name] = texts
    return found


def test_every_module_that_writes_has_a_writer_or_a_reason() -> None:
    known = {module for writer in WRITERS.values() for module in writer.modules}
    unknown = {name: calls for name, calls in writing_modules().items() if name not in known | set(ELSEWHERE)}
    assert not unknown, "add them to tests/faults/writers.py"


def test_what_is_known_still_writes() -> None:
    found = writing_modules()
    writers = ("storage.atomic", "telemetry.audit", "services.upload.transfer")
    assert {f"server.{name}" for name in writers} <= set(found)
    assert set(ELSEWHERE) <= set(found) | {"server.cli.token"}
