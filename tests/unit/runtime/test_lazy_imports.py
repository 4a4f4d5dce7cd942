"""Libraries that are read when they are first used."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from server.errors import ToolMissing
from server.runtime import lazy_imports
from server.runtime.lazy_imports import LIBRARIES, LazyFinder, LazyModule
from tests.patience import PATIENCE

PACKAGE = """
from sample_state import state
state.executed.append(__name__)
half = "there already"
state.began.set()
assert state.may_end.wait(100)
from sample import part
value = part.value + 1
"""
PART = """
from sample_state import state
state.executed.append(__name__)
value = 1 / state.divisor
"""
LARGE = {
    *LIBRARIES,
    *("onnxruntime", "scipy", "skimage", "insightface", "pypdfium2", "zxingcpp", "pyzbar", "distributed"),
    *("cryptography", "prometheus_client", "serial", "usb", "smartcard", "sane"),
}
IDLE = """
import sys
from server.runtime import lazy_imports
lazy_imports.install()
import server.cli.serve
import server.dialects.listening
import server.dialects.services
found = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in LARGE}
print([name for name, module in found.items() if not isinstance(module, lazy_imports.LazyModule)], len(found))
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """State of a library ``sample`` of the test's own, which is found and not read."""
    state = SimpleNamespace(executed=[], began=threading.Event(), may_end=threading.Event(), divisor=1)
    state.may_end.set()
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "__init__.py").write_text(PACKAGE)
    (folder / "part.py").write_text(PART)
    holder = ModuleType("sample_state")
    vars(holder)["state"] = state
    monkeypatch.setitem(sys.modules, "sample_state", holder)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(lazy_imports, "LIBRARIES", frozenset({"sample"}))
    monkeypatch.setattr(lazy_imports, "_begun", set())
    monkeypatch.setattr(sys, "meta_path", [LazyFinder(), *sys.meta_path])
    yield state
    for name in ("sample", "sample.part", "sample.late"):
        sys.modules.pop(name, None)


def sample(name: str = "sample") -> ModuleType:
    return importlib.import_module(name)


@pytest.mark.long
def test_a_service_that_starts_reads_none_of_them() -> None:
    program = IDLE.replace("LARGE", repr(LARGE))
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    read, _, found = told.strip().rpartition(" ")
    assert read == "[]" and int(found) >= len(LIBRARIES)


def test_it_is_read_once_and_is_an_ordinary_module_then(state: SimpleNamespace) -> None:
    module = sample()
    assert isinstance(module, LazyModule) and state.executed == []
    assert module.value == 2 and module.part.value == 1
    assert state.executed == ["sample", "sample.part"] and type(module) is ModuleType
    assert type(module.part) is ModuleType


def test_a_module_of_a_package_is_found_without_reading_it(state: SimpleNamespace) -> None:
    part = sample("sample.part")
    assert sample().part is part and state.executed == []
    assert part.value == 1
    assert state.executed == ["sample", "sample.part"], "the package comes first"


def test_others_wait_for_the_end(state: SimpleNamespace) -> None:
    module = sample()
    state.may_end.clear()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(lambda: module.value)
        assert state.began.wait(PATIENCE)
        second = threads.submit(lambda: (module.half, module.value))
        with pytest.raises(TimeoutError):
            second.result(0.1)
        state.may_end.set()
        assert first.result(PATIENCE) == 2 and second.result(PATIENCE) == ("there already", 2)
    assert state.executed == ["sample", "sample.part"]


def test_what_cannot_be_read_says_so_each_time_and_is_read_when_it_can(state: SimpleNamespace) -> None:
    module = sample()
    state.divisor = 0
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            _ = module.value
    state.divisor = 1
    assert module.value == 2


def test_what_it_does_not_define_is_missing(state: SimpleNamespace) -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = sample().nothing


def test_actions_follow_the_reading(state: SimpleNamespace) -> None:
    module = sample()
    told = list[str]()
    lazy_imports.when_read(module, lambda: told.append("later"))
    assert told == []
    assert module.value == 2 and told == ["later"]
    lazy_imports.when_read(module, lambda: told.append("at once"))
    assert told == ["later", "at once"]


def test_no_other_library_is_put_off() -> None:
    finder = LazyFinder()
    assert finder.find_spec("json", None) is None and "numpy" not in LIBRARIES


def test_parts_of_a_library_that_was_read_before_are_executed_at_once(
    state: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    finders = sys.meta_path
    monkeypatch.setattr(sys, "meta_path", [one for one in finders if not isinstance(one, LazyFinder)])
    (folder,) = sample().__path__
    monkeypatch.setattr(sys, "meta_path", finders)
    (Path(folder) / "late.py").write_text(PART)
    sample("sample.late")
    assert state.executed == ["sample", "sample.part", "sample.late"]


def test_the_use_of_a_library_that_is_absent_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy_imports, "LIBRARIES", frozenset({"no_such_library"}))
    monkeypatch.setattr(sys, "meta_path", [LazyFinder(), *sys.meta_path])
    module = importlib.import_module("no_such_library")
    try:
        assert lazy_imports.is_absent("no_such_library") and not lazy_imports.is_absent("json")
        for _ in range(2):
            with pytest.raises(ToolMissing, match="no_such_library"):
                _ = module.open
    finally:
        del sys.modules["no_such_library"]


def test_a_library_that_lacks_another_is_known_to_be_unusable(
    state: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lazy_imports, "_unusable", set())
    (tmp_path / "sample/__init__.py").write_text("import no_such_library")
    module = sample()
    assert not lazy_imports.is_absent("sample")
    with pytest.raises(ToolMissing, match="sample"):
        _ = module.value
    assert lazy_imports.is_absent("sample")
