"""S26: no child process runs code that lies in the folder in which the program was started."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.settings import Settings
from server.batch.pages import BatchSource
from server.batch.work import EnhanceRequest, PageResult
from server.batch.workers import Job, Workers
from server.children.program import environment
from server.decoding.decoders import Decoders
from server.decoding.pool import Pool
from server.devices.adapters.libfprint.finder import LibfprintFinder
from server.devices.adapters.samv.portrait import Decoder
from server.devices.adapters.sane.finder import SaneScannerFinder
from server.errors import PortraitNotDecoded
from tests.devices.samv.people import PORTRAIT
from tests.patience import PATIENCE
from tests.service import REPOSITORY, free_port
from tests.unit.documents.samples import jpeg

PLANTED = (
    *("server", "imgcore", "models", "cv2", "numpy", "msgspec", "sane", "gi"),
    *("pickle", "json", "socket", "ctypes", "threading", "multiprocessing", "importlib", "sitecustomize"),
)
PROGRAM = f"import sys; sys.path.append({str(REPOSITORY)!r}); from server.cli import main; sys.exit(main())\n"
"""The installed command: it is a file, so that Python does not look for modules in the current folder."""


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with modules of other people's, each of which would leave a file when it is imported."""
    folder = tmp_path / "hostile"
    for name in PLANTED:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"open({str(tmp_path / name)!r}, 'w').close()\n")
    return folder


@pytest.fixture
def here(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """The current folder is the hostile one, where modules are looked for too; tells what was imported."""
    monkeypatch.chdir(hostile)
    monkeypatch.setenv("PYTHONPATH", "")
    yield lambda: imported(hostile)


def imported(hostile: Path) -> list[str]:
    return [name for name in PLANTED if (hostile.parent / name).exists()]


class One:
    """A single job."""

    stopped = False

    def __init__(self, job: Job) -> None:
        self._jobs = [job]

    def take(self) -> Job | None:
        return self._jobs.pop() if self._jobs else None


def picture(folder: Path) -> Path:
    path = folder / "page.png"
    cv2.imwrite(str(path), np.full((60, 80), 200, np.uint8))
    return path


async def test_decoding(here: Callable[[], list[str]]) -> None:
    pool = Pool(30_000_000)
    file = await Decoders(pool).opened("a", jpeg())
    file.close()
    await pool.close()
    assert here() == []


def test_batch_workers(here: Callable[[], list[str]], tmp_path: Path) -> None:
    job = Job(BatchSource(picture(tmp_path), "page"), 1)
    ((_, result),) = Workers(EnhanceRequest(Settings(), "png"), 1).run(One(job))
    assert isinstance(result, PageResult)
    assert result.failure is None
    assert here() == []


async def test_scanner_drivers(here: Callable[[], list[str]]) -> None:
    pytest.importorskip("sane", reason="python-sane is not installed: pip install 'gaopai[scanner]'")
    finder = await asyncio.to_thread(SaneScannerFinder)
    await finder.find()
    await finder.close()
    assert here() == []


async def test_fingerprint_drivers(here: Callable[[], list[str]]) -> None:
    finder = await asyncio.to_thread(LibfprintFinder)
    await finder.find()
    await finder.close()
    assert here() == []


async def test_portrait_libraries(here: Callable[[], list[str]], tmp_path: Path) -> None:
    library = tmp_path / "text.so"
    library.write_text("no library")
    library.chmod(0o644)
    with pytest.raises(PortraitNotDecoded, match="cannot be loaded"):
        await Decoder(library, owners=frozenset({os.getuid()})).decode(PORTRAIT)
    assert here() == []


BESIDE = ("re", "argparse", "contextlib", "typing", "uvloop", "aiohttp", "asyncio", "logging", "types")
COMMAND = Path(sys.executable).with_name("gaopai")
"""As pip makes it."""
MODULE = (sys.executable, "-m", "server")
WAYS = {
    "of pip": (str(COMMAND),),
    "python -P -m": (sys.executable, "-P", "-m", "server"),
    "script/run": (sys.executable, "-I", str(COMMAND)),
}


@pytest.fixture
def more_hostile(hostile: Path) -> Path:
    for name in BESIDE:
        (hostile / f"{name}.py").write_text(f"open({str(hostile.parent / name)!r}, 'w').close()\n")
    return hostile


def spilled(hostile: Path) -> list[str]:
    return [name for name in (*PLANTED, *BESIDE) if (hostile.parent / name).exists()]


def plain() -> dict[str, str]:
    """The environment without what was set for Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def run_in(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=folder, env={**plain(), **variables}, capture_output=True, text=True, timeout=PATIENCE
    )


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
def test_the_command_itself(more_hostile: Path, way: str) -> None:
    picture(more_hostile)
    if not COMMAND.exists():
        pytest.skip("the command is not installed beside this Python")
    done = run_in(more_hostile, *WAYS[way], "enhance", ".", "-o", "../out")
    assert (done.returncode, done.stderr) == (0, "")
    assert (more_hostile.parent / "out" / "page.png").exists()
    assert spilled(more_hostile) == []


@pytest.mark.long
@pytest.mark.parametrize("way", ["of pip", "script/run"])
def test_the_service_itself(more_hostile: Path, way: str) -> None:
    """It answers, and its children for scanners, sensors and files were started."""
    if not COMMAND.exists():
        pytest.skip("the command is not installed beside this Python")
    words = [*WAYS[way], "serve", "--demo", "--root", "pictures", "--port", str(free_port())]
    process = subprocess.Popen(words, cwd=more_hostile, env=plain(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert "in a browser" in process.stdout.readline()
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert spilled(more_hostile) == []


@pytest.mark.long
def test_of_what_python_would_find_there_only_the_name_of_our_own_package_remains(more_hostile: Path) -> None:
    """By ``-m`` without ``-P``: Python looks for the module to run before any code of ours could object."""
    shutil.rmtree(more_hostile / "server")
    picture(more_hostile)
    done = run_in(more_hostile, *MODULE, "enhance", ".", "-o", "../out")
    assert (done.returncode, done.stderr) == (0, "")
    assert spilled(more_hostile) == []


def test_what_an_isolated_command_is_told_by_the_environment_it_ignores(
    more_hostile: Path, tmp_path: Path
) -> None:
    """As the package's: ``PYTHONPATH`` with an empty entry, a home with modules for every start."""
    site = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    user = tmp_path / "home" / ".local" / site
    user.mkdir(parents=True)
    for name in ("usercustomize.py", "sitecustomize.py", "startup.py"):
        (user / name).write_text(f"open({str(tmp_path / 'json')!r}, 'w').close()\n")
    (user / "any.pth").write_text(f"import os; open({str(tmp_path / 'json')!r}, 'w').close()\n")
    variables = {
        "PYTHONPATH": f":.:{user}",
        "PYTHONSTARTUP": str(user / "startup.py"),
        "PYTHONUSERBASE": str(tmp_path / "home" / ".local"),
        "PYTHONINSPECT": "1",
        "HOME": str(tmp_path / "home"),
    }
    done = run_in(more_hostile, *WAYS["script/run"], "models", "list", **variables)
    assert done.returncode == 0, done.stderr
    assert spilled(more_hostile) == []
    packaged = (REPOSITORY / "packaging" / "debian" / "gaopai").read_text()
    assert packaged.startswith("#!/usr/lib/gaopai/bin/python3 -I\n")


def test_no_child_gets_what_would_load_code_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "LD_PRELOAD",
        "LD_AUDIT",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "GCONV_PATH",
        "BASH_ENV",
        "ENV",
        "IFS",
    ):
        monkeypatch.setenv(name, "/tmp/of-others")
    assert not {name for name, value in environment().items() if value == "/tmp/of-others"}


@pytest.mark.long
def test_nothing_needs_the_current_folder(tmp_path: Path) -> None:
    """It is gone: what was named from there is not found, which is said, and all else works."""
    here = tmp_path / "gone"
    there = tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    picture(there)
    gone = f"cd {here} && rmdir {here} && exec "
    program = tmp_path / "gaopai"
    program.write_text(PROGRAM)
    for words, code, told in (
        (f"enhance {there} -o {tmp_path}/out", 0, ""),
        ("enhance . -o out", 2, "gaopai: the current folder is gone; go to another one first\n"),
    ):
        here.mkdir(exist_ok=True)
        done = run_in(tmp_path, "/bin/sh", "-c", f"{gone} {sys.executable} {program} {words}")
        assert (done.returncode, done.stderr) == (code, told)
    assert (tmp_path / "out" / "page.png").exists()


@pytest.mark.long
def test_a_batch_as_it_is_typed(hostile: Path, tmp_path: Path) -> None:
    """Files are named by where they are from here, all the same."""
    picture(hostile)
    command = tmp_path / "bin" / "gaopai"
    command.parent.mkdir()
    command.write_text(PROGRAM)
    words = [sys.executable, str(command), "enhance", ".", "-o", "../out"]
    done = subprocess.run(words, cwd=hostile, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / "page.png").exists()
    assert imported(hostile) == []
