"""``gaopai form``: forms that were taught, and what their copies say."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from imgcore.forms import FilledForm, Form, FormZone, TextStrips, filled
from imgcore.text import TextLine
from imgcore.types import Image
from server import config as configuration
from server.cli.files import Unreadable, place, print_error, print_found, read, reason_of, rounded
from server.cli.guidance import said, terminal_language
from server.documents.answer_tables import HEAD, AnswerRow, as_csv, as_xlsx
from server.documents.form_print import read_print
from server.documents.text_reader import model_contents, text_reader
from server.errors import GaopaiError, LocalizedText
from server.errors.forms import NothingTaught
from server.storage.atomic import write_private
from server.storage.forms import FOLDER, FormFolder, zones_in
from server.telemetry.printable import json_line, printable

SUMMARY = "Teach forms, and read copies of them that were filled in."
THREADS = 2
"""Number of threads that text is read with."""
TABLES = {".xlsx": as_xlsx, ".csv": as_csv}
"""Writers of answers by the suffix of their file."""
_PERMISSIONS = 0o644
"""Permissions of a file of answers, as those of other files that commands write."""
_SUFFIX = LocalizedText(
    "答案文件须以 .xlsx 或 .csv 结尾", "answers go into a file that ends with .xlsx or .csv"
)
_NO_FOLDER = LocalizedText("没有这个文件夹", "its folder is not there")
_NOTHING = LocalizedText("请给出图片、PDF 或文件夹", "name pictures, PDFs or folders")
_ONE_SAMPLE = LocalizedText("--teach 需要 --zones 和一个样张", "--teach wants --zones and one sample")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("images", nargs="*", type=Path, metavar="FILE", help="pictures, PDFs or folders")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="table of answers, .xlsx or .csv; file of --export"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a page")
    parser.add_argument("--teach", metavar="NAME", help="keep FILE as the sample of a form of this name")
    parser.add_argument("--zones", type=Path, metavar="JSON", help="zones of the sample, for --teach")
    parser.add_argument("--list", action="store_true", help="list the forms")
    parser.add_argument("--show", metavar="NAME", help="list the zones of a form")
    parser.add_argument("--export", metavar="NAME", help="print a form as one JSON, its picture within")
    parser.add_argument("--import", dest="imported", type=Path, metavar="JSON", help="keep an exported form")
    parser.add_argument("--remove", metavar="NAME", help="forget a form")
    parser.add_argument("--forms", type=Path, metavar="FOLDER", help="folder of the forms")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")


def run(arguments: argparse.Namespace) -> int:
    """Teach, keep or read forms; return 1 if a page is no form or no picture, 2 for what cannot be used."""
    folder = FormFolder(arguments.forms or _folder(arguments.config), read_print)
    try:
        if _keeps(arguments):
            return _keep(arguments, folder)
        if not arguments.images:
            return _refused(_NOTHING)
        return _read(arguments, folder)
    except Unreadable as failure:
        print_error(failure)
        return 2


def _folder(config: Path | None) -> Path:
    return configuration.access_folder(configuration.load(config).access) / FOLDER


def _keeps(arguments: argparse.Namespace) -> bool:
    named = (arguments.teach, arguments.show, arguments.export, arguments.imported, arguments.remove)
    return arguments.list or any(one is not None for one in named)


def _keep(arguments: argparse.Namespace, folder: FormFolder) -> int:
    if arguments.teach is not None:
        if arguments.zones is None or len(arguments.images) != 1:
            return _refused(_ONE_SAMPLE)
        _tell(folder.teach(arguments.teach, read(arguments.images[0]), zones_in(_bytes(arguments.zones))))
    elif arguments.list:
        return _list(folder)
    elif arguments.show is not None:
        form = folder.read(arguments.show)
        _tell(form)
        for zone in form.print.zones:
            print(f"    {printable(_described(zone))}")
    elif arguments.export is not None:
        _export(folder.exported(arguments.export), arguments.output)
    elif arguments.imported is not None:
        _tell(folder.imported(_bytes(arguments.imported)))
    else:
        folder.remove(arguments.remove)
    return 0


def _list(folder: FormFolder) -> int:
    """Tell of each form; return 1 if one is damaged, which does not hide the others."""
    damaged = False
    for name in folder.names():
        try:
            _tell(folder.read(name))
        except GaopaiError as error:
            print_error(ValueError(error.message(terminal_language(os.environ))))
            damaged = True
    return int(damaged)


def _export(content: bytes, output: Path | None) -> None:
    if output is None:
        print(content.decode())
    else:
        _written(output, content)


def _described(zone: FormZone) -> str:
    rules = [zone.mask, zone.check or "", " | ".join(zone.choices), "required" if zone.required else ""]
    edges = f"{zone.left:g} {zone.top:g} {zone.right:g} {zone.bottom:g}"
    return ", ".join([f"{zone.name}: {zone.kind} at {edges}", *filter(None, rules)])


def _tell(form: Form) -> None:
    print(f"{printable(form.name)}: version {form.version}, {len(form.print.zones)} zone(s)")


def _refused(reason: LocalizedText) -> int:
    print_error(ValueError(said(reason)))
    return 2


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise Unreadable(path, reason_of(exc, path)) from exc


def _read(arguments: argparse.Namespace, folder: FormFolder) -> int:
    if arguments.output and arguments.output.suffix.lower() not in TABLES:
        return _refused(_SUFFIX)
    if arguments.output and not arguments.output.absolute().parent.is_dir():
        raise Unreadable(arguments.output, said(_NO_FOLDER))
    forms = folder.all()
    if not forms:
        raise NothingTaught()
    reader = strips(THREADS)
    rows: list[AnswerRow] = []
    unknown: list[str] = []

    def look(image: Image) -> dict[str, object]:
        return _plain(filled(image, forms, reader))

    def sentence(found: dict[str, object]) -> str:
        if found["form"] is None:
            unknown.append(place(found))
        if arguments.output:
            rows.append(_row(found))
        return json_line(found) if arguments.json else _lines(found)

    as_printed = argparse.Namespace(images=arguments.images, json=False)
    failed = print_found(as_printed, look, sentence)
    if arguments.output:
        _written(arguments.output, TABLES[arguments.output.suffix.lower()](rows))
    if unknown:
        print(f"gaopai: {len(unknown)} page(s) are none of the {len(forms)} form(s)", file=sys.stderr)
    return int(bool(failed or unknown))


def _written(path: Path, content: bytes) -> None:
    try:
        write_private(path, content, _PERMISSIONS)
    except OSError as exc:
        raise Unreadable(path, reason_of(exc, path)) from exc


def strips(threads: int) -> TextStrips:
    """Return a reader of strips of text, which opens its models where there is one to read.

    It raises server.errors.ToolMissing where they are not here.
    """
    opened = cache(lambda: text_reader(model_contents(), threads))

    def read_all(images: Sequence[Image]) -> Sequence[Sequence[TextLine]]:
        return [opened().read(image, careful=True, as_it_lies=True) for image in images]

    return read_all


def _plain(read: FilledForm | None) -> dict[str, object]:
    if read is None:
        return {"form": None, "zones": []}
    zones = [
        {
            "name": one.zone.name,
            "kind": one.zone.kind.value,
            "value": one.value,
            "score": round(one.score, 3),
            "valid": one.valid,
            "problem": one.problem,
            "corners": rounded(one.corners),
        }
        for one in read.zones
    ]
    form = read.found.form
    return {"form": form.name, "version": form.version, "score": round(read.found.score, 3), "zones": zones}


def _zones(found: dict[str, object]) -> list[dict[str, object]]:
    zones = found["zones"]
    assert isinstance(zones, list)
    return zones


def _row(found: dict[str, object]) -> AnswerRow:
    told = [str(found.get(name, "") or "") for name in HEAD]
    zones = _zones(found)
    problems = "; ".join(f"{one['name']}: {one['problem']}" for one in zones if one["problem"])
    values = {str(one["name"]): str(one["value"]) for one in zones}
    return AnswerRow((told[0], told[1] or "1", told[2], told[3], told[4]), values, problems)


def _lines(found: dict[str, object]) -> str:
    if found["form"] is None:
        return f"{place(found)}: no form that is known, {found['ms']} ms"
    head = f"{place(found)}: {printable(found['form'])}, version {found['version']}, {found['ms']} ms"
    zones = _zones(found)
    return "\n".join([head, *(f"    {printable(_said(one))}" for one in zones)])


def _said(zone: dict[str, object]) -> str:
    doubt = f" ({zone['problem']})" if zone["problem"] else ""
    return f"{zone['name']}: {zone['value']}{doubt}"
