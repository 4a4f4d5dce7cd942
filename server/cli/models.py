"""``gaopai models``: the installed recognition models, and installation of others."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from models.fetch import fetch, import_from, offers
from models.locate import ModelMissing, State, choose, examine
from models.manifest import Model, load_manifest
from server.telemetry.printable import json_line, printable

SUMMARY = "List, fetch, import or verify recognition models."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="what each model is for, and which of them are here and in use")
    listing.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    actions.add_parser("verify", help="check the files; 1 when a role has none or a file is another one")
    fetching = actions.add_parser("fetch", help="download a model for each role that has none")
    importing = actions.add_parser("import", help="copy models from a folder, for machines without a network")
    importing.add_argument("folder", type=Path, metavar="DIR")
    names = tuple(load_manifest())
    for action in (fetching, importing):
        action.add_argument("--only", choices=_names(), metavar="NAME", help="one model or one role alone")
        action.add_argument(
            "--accept", choices=names, action="append", default=[], metavar="MODEL",
            help="accept the terms of a model that has some; without it they are shown and asked about",
        )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Run one of the four actions; return 1 if a role has no model afterwards, except for `list`.

    Fetching all skips, with a message, models without an address or whose terms were not accepted.
    """
    models = list(load_manifest().values())
    if arguments.action == "list":
        return _list(models, arguments.json)
    if arguments.action == "verify":
        found = [_verify(of_role) for of_role in _by_role(models)]
        return int(not all(found))
    wanted = [model for model in models if arguments.only in (None, model.role, model.name)]
    if arguments.action == "fetch":
        served = [_fetch_one(of_role, arguments) for of_role in _by_role(wanted)]
        return int(not all(served))
    # A folder may have some of the models only, but at least one.
    offered = [model for model in wanted if offers(model, arguments.folder)] or wanted
    imported = [_import(model, arguments) for model in offered]
    return int(not all(imported))


def _names() -> list[str]:
    models = load_manifest().values()
    return [*dict.fromkeys(model.role for model in models), *(model.name for model in models)]


def _by_role(models: Sequence[Model]) -> list[list[Model]]:
    ordered = sorted(models, key=lambda model: model.role)
    return [list(of_role) for _, of_role in groupby(ordered, key=lambda model: model.role)]


def _list(models: list[Model], as_json: bool) -> int:
    if as_json:
        print(json_line({"models": [_plain(model) for model in models]}))
        return 0
    for of_role in _by_role(models):
        print(f"{of_role[0].role}: {of_role[0].purpose}")
        for model, state in _states(of_role):
            print(f"  {_word(of_role, model, state):8}{model.name}, {_size_and_licence(model)}")
            print(f"          {model.origin}")
            print(
                f"          {printable(state.path if state.ok else f'{state.reason.en}; {state.remedy.en}')}"
            )
    return 0


def _size_and_licence(model: Model) -> str:
    return f"{model.size / 1e6:.1f} MB, {model.licence}" + ("; terms to accept" if model.terms else "")


def _states(of_role: Sequence[Model]) -> list[tuple[Model, State]]:
    return [(model, examine(model)) for model in of_role]


def _word(of_role: Sequence[Model], model: Model, state: State) -> str:
    """Return the state of a model among those of its role, as one word."""
    if state.ok:
        return "in use" if _in_use(model) else "ok"
    if state.path is not None:
        return "WRONG"
    return "absent" if _is_served(of_role) else "MISSING"


def _is_served(of_role: Sequence[Model]) -> bool:
    """Return whether a role has a model or a fallback, or is optional as all its models have terms."""
    role = of_role[0].role
    serving = [model for model in load_manifest().values() if role in (model.role, *model.stands_in_for)]
    return any(examine(model).ok for model in serving) or all(model.terms for model in of_role)


def _plain(model: Model) -> dict[str, object]:
    state = examine(model)
    return {
        "name": model.name, "role": model.role, "file": model.file, "licence": model.licence,
        "bytes": model.size, "ok": state.ok, "in_use": state.ok and _in_use(model), "terms": model.terms,
        "path": str(state.path) if state.path else None, "reason": state.reason.en,
        "remedy": state.remedy.en,
    }  # fmt: skip


def _in_use(model: Model) -> bool:
    return choose(model.role).name == model.name


def _verify(of_role: Sequence[Model]) -> bool:
    """Print the state of a role's models; return whether it is served and all files are right."""
    states = _states(of_role)
    for model, state in states:
        word = _word(of_role, model, state)
        print(f"{word:8}{model.role}: {model.name}: {state.reason.en}")
        if word in ("WRONG", "MISSING"):
            print(f"        -> {state.remedy.en}")
    return _is_served(of_role) and all(state.ok or state.path is None for _, state in states)


def _fetch_one(of_role: Sequence[Model], arguments: argparse.Namespace) -> bool:
    """Download the first available model of a role, unless one is installed; return False on failure."""
    if _is_installed(of_role):
        return True
    named = arguments.only is not None
    if not named and not any(model.sources for model in of_role):
        print(f"{of_role[0].role}: {of_role[0].name} has no address; gaopai models import FOLDER")
        return True
    tried = [model for model in of_role if (model.sources or named) and _accepted(model, arguments)]
    return _install_one(tried, fetch) or not (tried or named)


def _import(model: Model, arguments: argparse.Namespace) -> bool:
    if _is_installed([model]):
        return True
    return _accepted(model, arguments) and _install_one(
        [model], lambda one: import_from(one, arguments.folder)
    )


def _is_installed(models: Sequence[Model]) -> bool:
    found = next(((model, state) for model in models if (state := examine(model)).ok), None)
    if found is not None:
        print(f"{found[0].role}: {found[0].name} is here, {found[1].path}")
    return found is not None


def _accepted(model: Model, arguments: argparse.Namespace) -> bool:
    """Return whether a model's terms are accepted, on the command line or at a prompt."""
    if not model.terms or model.name in arguments.accept:
        return True
    if arguments.only is None or not sys.stdin.isatty():
        print(
            f"{model.role}: {model.name} has terms to accept, on a terminal: gaopai models fetch --only "
            f"{model.name}; where they are known: --accept {model.name}"
        )
        return False
    print(f"{model.name}: {model.purpose}\n\n{model.terms}\n")
    return input("Accept these terms? [y/N] ").strip().casefold() in ("y", "yes", "是")


def _install_one(models: Sequence[Model], get: Callable[[Model], Path]) -> bool:
    """Install the first model that can be got; of those before it, tell why not."""
    failures: list[ModelMissing] = []
    for model in models:
        try:
            print(f"{model.role}: {model.name}: {get(model)}")
            break
        except ModelMissing as exc:
            failures.append(exc)
    for failure in failures:
        print(f"gaopai: {failure}", file=sys.stderr)
    return len(failures) < len(models)
