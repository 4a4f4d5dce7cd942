"""The wheel in an environment of its own, as pipx makes one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.client import CAPTURE, ask
from tests.packaging.machine import REPOSITORY
from tests.patience import PATIENCE
from tests.service import DEMO_ONLY, free_port

pytestmark = [pytest.mark.package, pytest.mark.timeout(900)]
SOURCES = ("server", "imgcore", "models", "synthetic", "build")


def _run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def gaopai(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of an environment with the wheel in it; its libraries are those of the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    tree.mkdir()
    for name in SOURCES:
        if (REPOSITORY / name).exists():
            # With their times: kernels that are compiled already are not compiled again.
            shutil.copytree(REPOSITORY / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(REPOSITORY / name, tree)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    _run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ".", cwd=tree)
    (wheel,) = folder.glob("gaopai-*.whl")
    environment = folder / "environment"
    _run(sys.executable, "-m", "venv", environment, cwd=folder)
    pip = (environment / "bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check")
    _run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    site = environment / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return environment / "bin/gaopai"


@pytest.fixture
def served(gaopai: Path, tmp_path: Path) -> Iterator[int]:
    """The port of the service, which runs far from the repository."""
    port = free_port()
    (tmp_path / "config.toml").write_text(f"{DEMO_ONLY}\n[notice]\ncameras = false\n")
    command = [gaopai, "serve", "--demo", "--port", str(port), "--root", tmp_path / "pictures"]
    command += ["--config", tmp_path / "config.toml"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
        try:
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE)


def test_all_of_it_is_in_the_wheel(gaopai: Path, tmp_path: Path) -> None:
    where = _run(
        gaopai.with_name("python"), "-I", "-c", "import server; print(server.__file__)", cwd=tmp_path
    )
    assert Path(where.strip()).is_relative_to(gaopai.parents[1])
    (tmp_path / "config.toml").write_text(DEMO_ONLY)
    said = subprocess.run(
        [gaopai, "doctor", "--json", "--config", tmp_path / "config.toml"],
        cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False,
    ).stdout  # fmt: skip
    checks = {check["name"]: check for check in json.loads(said)["checks"]}
    assert checks["kernels"]["reason"] == "compiled"
    web = REPOSITORY / "server/web"
    from_tree = {path.relative_to(web) for path in web.rglob("*.*") if "__pycache__" not in path.parts}
    site = Path(where.strip()).parent
    assert {path.relative_to(site / "web") for path in (site / "web").rglob("*.*")} >= from_tree
    assert (site / "cli/gaopai.service").exists()
    assert list((site.parent / "models/own").glob("*.onnx"))


async def test_it_serves_and_captures(served: int) -> None:
    _, picture = await ask(served, *CAPTURE)
    assert picture["result"] == 0
    assert picture["imageBase64Str"]
