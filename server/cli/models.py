"""``gaopai models``: which recognition models are here, and how to get the others."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from models.fetch import fetch, import_from
from models.locate import ModelMissing, examine
from models.manifest import Model, load_manifest

SUMMARY = "List, fetch, import or verify recognition models."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="what each model is for, and whether it is here")
    listing.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    actions.add_parser("verify", help="check the files; 1 when one is missing or another file")
    fetching = actions.add_parser("fetch", help="download the models that are missing")
    importing = actions.add_parser("import", help="copy models from a folder, for machines without a network")
    importing.add_argument("folder", type=Path, metavar="DIR")
    for action in (fetching, importing):
        action.add_argument("--only", choices=list(load_manifest()), metavar="ROLE", help="one model alone")


def run(arguments: argparse.Namespace) -> int:
    """Do one of the four; 1 when a model is missing afterwards, except for `list`.

    Fetching all leaves out, and names, those that have no address.
    """
    models = list(load_manifest().values())
    if arguments.action == "list":
        return _list(models, arguments.json)
    if arguments.action == "verify":
        found = [_verify(model) for model in models]
        return int(not all(found))
    wanted = [model for model in models if arguments.only in (None, model.role)]
    if arguments.action == "fetch":
        brought = [_bring(model, fetch) for model in wanted if arguments.only or _has_address(model)]
        return int(not all(brought))
    # A folder may hold some of the models only, as long as it holds one.
    offered = [model for model in wanted if (arguments.folder / model.file).is_file()] or wanted
    brought = [_bring(model, lambda one: import_from(one, arguments.folder)) for model in offered]
    return int(not all(brought))


def _list(models: list[Model], as_json: bool) -> int:
    states = [(model, examine(model)) for model in models]
    if as_json:
        plain = [
            {"role": model.role, "file": model.file, "licence": model.licence, "bytes": model.size,
             "ok": state.ok, "path": str(state.path) if state.path else None, "reason": state.reason,
             "remedy": state.remedy}
            for model, state in states
        ]  # fmt: skip
        print(json.dumps({"models": plain}, ensure_ascii=False))
        return 0
    for model, state in states:
        print(f"{'ok     ' if state.ok else 'MISSING'} {model.role}: {model.purpose}")
        print(f"        {model.file}, {model.size / 1e6:.1f} MB, {model.licence}; {model.origin}")
        print(f"        {state.path or state.remedy}")
    return 0


def _verify(model: Model) -> bool:
    state = examine(model)
    print(f"{'ok     ' if state.ok else 'MISSING'} {model.role}: {state.reason}")
    if state.remedy:
        print(f"        -> {state.remedy}")
    return state.ok


def _has_address(model: Model) -> bool:
    if not model.sources and not examine(model).ok:
        print(f"{model.role}: has no address; gaopai models import FOLDER")
    return bool(model.sources)


def _bring(model: Model, get: Callable[[Model], Path]) -> bool:
    state = examine(model)
    if state.ok:
        print(f"{model.role}: is here, {state.path}")
        return True
    try:
        print(f"{model.role}: {get(model)}")
    except ModelMissing as exc:
        print(f"gaopai: {exc}", file=sys.stderr)
        return False
    return True
