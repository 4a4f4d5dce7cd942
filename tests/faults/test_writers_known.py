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
    "server.archive.signing": "makes the folder of the machine's key",
    "server.batch.output": "writes by server.storage.atomic; judged with the journal",
    "server.children.entry": "tells the kernel about this process",
    "server.children.memory": "makes files in memory alone",
    "server.admin.sessions": "writes by server.storage.atomic; another ticket is made by typing again",
    "server.cli.install": "writes by write_private; systemd reads the whole unit or none",
    "server.cli.token": "writes by write_private",
    "server.protocol.export": "run by programmers, in a checkout that git keeps",
    "models.training.document_segmentation": "run by programmers; its pictures are made again",
    "server.documents.matroska": "writes to a file of server.storage.root, where what was written stays",
    "models.training.joint_judge": "run by programmers; what it keeps is made again",
    "models.training.whole_page_judge": "run by programmers; what it keeps is made again",
    "models.training.outline_judge": "run by programmers; what it keeps is made again",
    "models.training.shipped": "run by programmers, in a checkout that git keeps",
    "models.archives": "downloads into a folder that goes with the command",
    "server.telemetry.syslog": "records how far it has sent; torn or lost, lines are sent again",
    "server.tls.nss": "makes a folder that goes with the command, and that of a browser's database",
