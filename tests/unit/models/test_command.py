"""`gaopai models`, as a person types it."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from models import fetch as fetching
from models import locate
from models.fetch import store
from models.manifest import Archive, Model
from server.cli import models as command

CONTENT = b"weights" * 100
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PLAIN = Model("plain", "test", "plain.onnx", "tests", "CC0-1.0", "made here", len(CONTENT), DIGEST, ())
Known = Callable[..., None]


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal, whatever these tests are run from."""
    monkeypatch.setattr(command.sys, "stdin", io.StringIO())


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Known:
    def set_known(*models: Model) -> None:
        monkeypatch.setattr(command, "load_manifest", lambda: {model.name: model for model in models})
        of_role = {role: tuple(m for m in models if m.role == role) for role in {m.role for m in models}}
        monkeypatch.setattr(locate, "find_models", of_role.__getitem__)

    return set_known


@pytest.fixture
def carried(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model that an index has."""
    monkeypatch.setattr(fetching, "download", lambda source, folder: tmp_path / "index" / source.file)
    return dataclasses.replace(PLAIN, name="carried", file="carried.onnx", sources=(archive,))


def _run(*words: object) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(word) for word in words]))


def test_it_lists_imports_and_verifies(
    tmp_path: Path, known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    known(PLAIN)
    assert _run("list", "--json") == 0
    (entry,) = json.loads(capsys.readouterr().out)["models"]
    assert (entry["name"], entry["role"], entry["ok"], entry["path"]) == ("plain", "test", False, None)
    assert entry["remedy"]
    assert _run("verify") == 1
    assert _run("fetch") == 0
    assert "test: plain has no address" in capsys.readouterr().out
    assert _run("fetch", "--only", "test") == 1
    assert "no source" in capsys.readouterr().err
    (tmp_path / PLAIN.file).write_bytes(CONTENT)
    assert _run("import", tmp_path) == 0
    assert _run("verify") == 0
    assert _run("list") == 0
    assert "MISSING" not in capsys.readouterr().out.splitlines()[-3]


def test_the_next_of_a_role_serves_where_the_first_cannot_be_had(
    known: Known, carried: Model, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known(PLAIN, carried)
    assert _run("fetch") == 0
    assert capsys.readouterr().out == f"test: carried: {own / carried.file}\n"
    assert _run("fetch") == 0
    assert "carried is here" in capsys.readouterr().out
    assert _run("verify") == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("absent  test: plain")
    store(PLAIN, CONTENT)
    assert _run("list", "--json") == 0
    entries = json.loads(capsys.readouterr().out)["models"]
    assert [(entry["name"], entry["in_use"], entry["ok"]) for entry in entries] == [
        ("plain", True, True),
        ("carried", False, True),
    ]


def test_a_file_that_is_another_one_is_found(
    known: Known, carried: Model, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known(PLAIN, carried)
    assert _run("fetch") == 0
    (own / PLAIN.file).write_bytes(b"other")
    assert _run("verify") == 1
    assert "WRONG   test: plain" in capsys.readouterr().out


@pytest.fixture
def bound(carried: Model) -> Model:
    """A model with terms."""
    return dataclasses.replace(carried, terms="Only on Sundays.")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A person at a terminal, and what they answer."""

    def answer(word: str) -> None:
        monkeypatch.setattr(command.sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda question: word)

    return answer


def test_terms_are_never_accepted_in_silence(
    known: Known, bound: Model, own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known(bound)
    assert _run("fetch") == 0
    assert "terms to accept" in capsys.readouterr().out
    assert _run("fetch", "--only", bound.name) == 1
    assert _run("import", tmp_path / "index") == 1
    assert not own.exists()
    # A role that can only be served so may do without.
    assert _run("verify") == 0


@pytest.mark.parametrize("word", ["", "n", "no", "maybe"])
def test_whoever_does_not_say_yes_has_read_the_terms_and_gets_nothing(
    known: Known, bound: Model, own: Path, asked: Callable[[str], None],
    capsys: pytest.CaptureFixture[str], word: str,
) -> None:  # fmt: skip
    known(bound)
    asked(word)
    assert _run("fetch", "--only", bound.name) == 1
    assert "Only on Sundays." in capsys.readouterr().out
    assert not own.exists()


def test_who_says_yes_gets_it(known: Known, bound: Model, own: Path, asked: Callable[[str], None]) -> None:
    known(bound)
    asked("Yes")
    assert _run("fetch", "--only", bound.name) == 0
    assert (own / bound.file).is_file()


def test_terms_that_are_known_are_accepted_by_name(known: Known, bound: Model, own: Path) -> None:
    known(PLAIN, bound)
    with pytest.raises(SystemExit):
        _run("fetch", "--accept", "something")
    assert _run("fetch", "--only", bound.name, "--accept", PLAIN.name) == 1
    assert _run("fetch", "--accept", bound.name) == 0
    assert (own / bound.file).is_file()


def test_a_role_may_do_without_where_another_stands_in(
    known: Known, bound: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    known(PLAIN, dataclasses.replace(bound, role="other", stands_in_for=("test",)))
    assert _run("verify") == 1
    assert _run("fetch", "--only", "other", "--accept", bound.name) == 0
    capsys.readouterr()
    assert _run("verify") == 0
    assert "absent  test: plain" in capsys.readouterr().out
