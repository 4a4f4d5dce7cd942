"""Configuration, JSON and commands of README and the guides: each is run, or a list says why not."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from server import config as configuration
from synthetic.documents.pages import make_page
from tests.patience import PATIENCE
from tests.service import REPOSITORY

PAGES = (*REPOSITORY.glob("[CR][EO]*.md"), *(REPOSITORY / "docs").glob("*.md"))
GUIDES = sorted(path for path in PAGES if ".zh." not in path.name)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = {
    "gaopai allow https://oa.example.cn": 0,
    "gaopai allow --deny https://ads.example.net": 0,
    "gaopai allow http://127.0.0.1:9100": 0,
    "gaopai allow https://agent.invalid": 0,
    "gaopai allow --list": 0,
    "gaopai allow --revoke https://oa.example.cn": 0,
    "gaopai token new": 0,
    "gaopai calibrate --demo": 0,
    "gaopai serve --config bad.toml": 2,
    "gaopai detect desk.jpg --json": 0,
    "gaopai enhance desk.jpg -o out --crop single --image-type grey --deskew": 0,
    "gaopai enhance scans -o out --format jpg --max-bytes 300000 --dpi 200 "
    "--watermark '仅供内部使用' --watermark-position tiled": 0,
    "gaopai devices --demo --config cameras.toml": 0,
    "gaopai audit verify": 2,
}
"""Commands with the status they end with here; there is no audit trail to verify."""
EXCUSED = {
    r"sudo |systemctl|journalctl|apt |dnf |pipx": "changes the system: tests/packaging, on one of its own",
    r"script/|mkdir |cp |cd |python3 -m http|npm ": "prepares a copy of the repository or a page's folder",
    r"[A-Z]+=|curl |pip |PIP_|minisign|lintian|sha256sum|DEB|dask|GAOPAI_|\.venv": "needs what is not here",
    r"gaopai (sign|verify)\b": "needs files of the reader's: tests/unit/archive",
    r"openssl ": "needs a signature's strokes: tests/functional/test_signature_strokes.py",
    r"gaopai deliver\b": "needs a target: tests/targets",
    r"kill ": "a service of the reader's; tests/functional/test_operation.py",
    r"gaopai (serve|admin|tls|install|share)\b": "goes on, or changes browsers: tests/unit/cli",
    r"gaopai (models|text|read|form|face|finger)\b": "needs models or pictures of people: tests/unit/cli",
    r"gaopai enhance (scans -o /srv|scans/|thin|--hide)": "needs an archive: tests/functional/test_batch.py",
    r"gaopai (doctor|devices)\b": "tells of the reader's machine: tests/unit/cli",
}


def blocks(*kinds: str) -> list[tuple[str, str]]:
    """Blocks of these kinds with their document."""
    return [
        (path.name, body)
        for path in GUIDES
        for kind, body in BLOCK.findall(path.read_text(encoding="utf-8"))
        if kind in kinds
    ]


def commands() -> list[tuple[str, str]]:
    """Lines of shell: all of a block, of a console those with a prompt; what a bar feeds is the reader's."""
    typed = [(name, line) for name, body in blocks("sh") for line in body.splitlines()]
    typed += [
        (name, line[2:])
        for name, body in blocks("console")
        for line in body.splitlines()
        if line.startswith("$ ")
    ]
    cut = [(name, re.split(r" \| | # ", line)[0].strip()) for name, line in typed]
    return [(name, line) for name, line in cut if line and not line.startswith("#")]


@pytest.mark.parametrize(("name", "text"), blocks("toml"))
def test_configurations_are_accepted(name: str, text: str) -> None:
    configuration.parse(text)


@pytest.mark.parametrize(("name", "text"), blocks("json"))
def test_json_is_valid(name: str, text: str) -> None:
    decoder = json.JSONDecoder()
    rest = text.strip()
    while rest:
        _, end = decoder.raw_decode(rest)
        rest = rest[end:].strip()


def test_every_command_runs_here_or_is_excused() -> None:
    excused = [re.compile(pattern) for pattern in EXCUSED]
    unknown = [
        f"{name}: {line}"
        for name, line in commands()
        if line not in RUN and not any(pattern.match(line) for pattern in excused)
    ]
    assert unknown == []


def test_every_command_of_the_list_is_documented_and_every_excuse_needed() -> None:
    lines = {line for _, line in commands()}
    assert set(RUN) - lines == set()
    assert [pattern for pattern in EXCUSED if not any(re.match(pattern, line) for line in lines)] == []


@pytest.mark.long
def test_commands_end_as_the_guides_show(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('[server]\nport = "8082"\n', encoding="utf-8")
    (tmp_path / "cameras.toml").write_text('[[cameras]]\nadapter = "demo"\n', encoding="utf-8")
    (tmp_path / "scans").mkdir()
    page = make_page(1).picture
    for name in ("desk.jpg", "scans/one.jpg"):
        assert cv2.imwrite(str(tmp_path / name), page)
    ended = {}
    for line, expected in RUN.items():
        _, *arguments = shlex.split(line)
        done = subprocess.run(
            [sys.executable, "-m", "server", *arguments],
            cwd=tmp_path,
            env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=3 * PATIENCE,
            check=False,
        )
        if done.returncode != expected:
            ended[line] = f"{done.returncode}: {done.stderr[-400:]}"
    assert ended == {}
