"""Every function of the protocol is served by exactly one handler, which takes that function's request."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, get_type_hints

import pytest

from server.protocol.catalogue import CATALOGUE
from server.services.context import _FUNCTIONS, bound_handlers, handles
from tests.architecture.tree import ROOT

MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in sorted((ROOT / "server" / "services").rglob("*.py"))
    if path.stem != "__init__" and "@handles(" in path.read_text(encoding="utf-8")
]


def bindings() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every function that a method is bound to, with the method."""
    for name in MODULES:
        module = import_module(name)
        for _, owner in inspect.getmembers(module, inspect.isclass):
            if owner.__module__ == module.__name__:
                for _, method in inspect.getmembers(owner, inspect.isfunction):
                    yield from ((function, method) for function in getattr(method, _FUNCTIONS, ()))


def test_each_function_has_exactly_one_handler() -> None:
    assert Counter(name for name, _ in bindings()) == Counter(list(CATALOGUE))


def test_each_handler_takes_the_request_of_its_function() -> None:
    wrong = [
        name
        for name, method in bindings()
        if not issubclass(CATALOGUE[name].request, get_type_hints(method)["request"])
    ]
    assert wrong == []


def test_a_name_that_the_protocol_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="OpenDoor"):
        handles("OpenDoor")


def test_a_second_handler_of_one_function_is_refused() -> None:
    class First:
        @handles("Heartbeat")
        async def beat(self, context: object, request: object) -> None: ...

    class Second(First):
        pass

    with pytest.raises(ValueError, match="Heartbeat has two handlers"):
        bound_handlers(First(), Second())
