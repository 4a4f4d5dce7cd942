"""A Dask cluster of two workers gives the same bytes as this machine alone."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import PIL.Image
import pytest

from server.batch.journal import JOURNAL
from server.cli import main

if importlib.util.find_spec("distributed") is None:
    pytest.skip("distributed is not installed: pip install 'gaopai[cluster]'", allow_module_level=True)

# Its event loops and sockets are closed by the garbage collector, which pytest takes for leaks of ours.
pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The scheduler of a cluster of two processes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        distributed = importlib.import_module("distributed")
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            yield cluster.scheduler_address


def results(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*.*") if path.name != JOURNAL)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def enhance(*words: object) -> int:
    return main(["enhance", *map(str, words)])


@pytest.mark.sampled(2)
@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "pdf"])
def test_the_same_bytes_come_out(folder: Path, tmp_path: Path, address: str, suffix: str) -> None:
    pages = [PIL.Image.radial_gradient("L").resize((90 + number, 60)) for number in range(5)]
    pages[0].save(folder / "doc.tif", save_all=True, append_images=pages[1:])
    (folder / "bad.jpg").write_bytes(b"no picture")
    asked = (folder, "--crop", "none", "--image-type", "bw", "--rotate", "90", "--format", suffix)
    assert enhance(*asked, "-o", tmp_path / "here", "--workers", 1) == 1
    assert enhance(*asked, "-o", tmp_path / "there", "--cluster", address) == 1
    here = results(tmp_path / "here")
    assert len(here) == 11
    assert results(tmp_path / "there") == here


def test_it_resumes_what_was_done_without_a_cluster(
    folder: Path, tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enhance(folder, "-o", tmp_path / "out", "--workers", 1) == 0
    capsys.readouterr()
    assert enhance(folder, "-o", tmp_path / "out", "--cluster", address, "--json") == 0
    assert capsys.readouterr().out.count('"resumed": 1') == 6


def test_no_cluster_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.batch.cluster.CONNECT_SECONDS", 1.0)
    assert enhance(folder, "-o", tmp_path / "out", "--cluster", "tcp://127.0.0.1:9") == 1
    assert "no cluster at tcp://127.0.0.1:9" in capsys.readouterr().err


def test_without_dask_it_is_said_how_to_get_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert enhance(folder, "-o", tmp_path / "out", "--cluster", "tcp://127.0.0.1:9") == 2
    assert "gaopai[cluster]" in capsys.readouterr().err
