"""Settings: the configuration file as it is, as it would be after a change, and the change."""

from __future__ import annotations

import asyncio
import difflib
import logging
import tomllib
from collections.abc import Iterator, Mapping, MutableMapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from server.access.activity import ActivityRecorder
from server.admin.api import MALFORMED, NOT_BY_LINE, NOT_RELOADED, TOO_LARGE, AdminRefusal, invalid
from server.admin.config_file import ConfigFile, stamp_of
from server.config import Config, Section
from server.errors.base import LANGUAGES
from server.runtime.reload import Reloader, at_once, changes

log = logging.getLogger(__name__)

MOST_CHARACTERS = 65_536
"""Limit of the characters of a configuration that the view takes, which also limits what a comparison
costs."""
MOST_LINES = 5_000
"""Limit of the lines of a configuration that the view takes, which also limits what a comparison costs."""
MOST_ITEMS = 100
"""Limit of the items of a list that are changed one by one, each of which costs what the list is long."""
CONTEXT_LINES = 2
"""Number of unchanged lines that a comparison shows around each change."""


class SettingsNow(msgspec.Struct, frozen=True, rename="camel"):
    """Settings as they are.

    Attributes
    ----------
    path
        Path of the file; empty if the service was started without one, so that defaults hold.
    values
        Values of the file by ``table.key``.
    pending
        Keys of the file that hold after a restart.
    error, error_zh
        Mistake in the file as it is now, in English and Chinese; empty if there is none.
    """

    path: str
    writable: bool
    text: str
    stamp: str
    settings: tuple[Setting, ...]
    values: Mapping[str, Any] = {}
    pending: tuple[str, ...] = ()
    error: str = ""
    error_zh: str = ""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Change of one key; a value of null lets its default hold."""

    table: str
    key: str
    value: Any = None


class DraftRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Question about a change: of keys, or of the whole text."""

    changes: tuple[Change, ...] = ()
    text: str | None = None


class SettingsDraft(msgspec.Struct, frozen=True, rename="camel"):
    """Configuration that a change would make.

    Attributes
    ----------
    diff
        Lines of the difference, each with ``+``, ``-``, ``@`` or a blank before it.
    now, later
        Keys that would hold at once, and after a restart.
    """

    text: str
    stamp: str
    diff: tuple[str, ...]
    now: tuple[str, ...]
    later: tuple[str, ...]


class SaveRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Order to write the text of a draft."""

    text: str
    stamp: str


class SettingsService:
    """Reads and changes the settings.

    Parameters
    ----------
    reloader
        Reloads the file once it is written.
    """

    def __init__(self, file: ConfigFile, reloader: Reloader, activity: ActivityRecorder) -> None:
        self._file = file
        self._activity = activity
        self._reloader = reloader
        self._turn = asyncio.Lock()

    async def now(self) -> SettingsNow:
        """Return the settings as they are."""
        return await asyncio.to_thread(self._now)

    async def draft(self, request: DraftRequest) -> SettingsDraft:
        """Return what a change would make of the file, once it is checked; nothing is written."""
        return await asyncio.to_thread(self._draft, request)

    async def save(self, request: SaveRequest) -> SettingsDraft:
        """Check and write a text, and reload the configuration; return what has changed."""
        async with self._turn:
            draft = await asyncio.to_thread(self._draft, DraftRequest(text=request.text))
            await asyncio.to_thread(self._file.write, request.text, request.stamp)
            self._activity.administered("settings")
            log.info("the settings view wrote the configuration")
            if not await self._reloader.reload():
                raise AdminRefusal(500, NOT_RELOADED)
        return draft

    def _now(self) -> SettingsNow:
        if self._file.path is None:
            # What holds is shown all the same, and has no place to be changed.
            return SettingsNow("", False, "", "", tuple(settings().values()))
        text = self._file.read()
        now = SettingsNow(
            path=str(self._file.path),
            writable=self._file.is_writable(),
            text=text,
            stamp=stamp_of(text),
            settings=tuple(settings().values()),
        )
        try:
            pending = changes(self._reloader.running, self._file.check(text))
        except AdminRefusal as exc:
            said = {each: exc.text.fill(each, {}) for each in LANGUAGES}
            return msgspec.structs.replace(now, error=said["en"], error_zh=said["zh"])
        values = dict(_values(tomllib.loads(text)))
        return msgspec.structs.replace(
            now, values=values, pending=tuple(key for key in pending if not at_once(key))
        )

    def _draft(self, request: DraftRequest) -> SettingsDraft:
        before = self._file.read()
        text = request.text if request.text is not None else with_changes(before, request.changes)
        if len(text) > MOST_CHARACTERS or text.count("\n") > MOST_LINES:
            raise AdminRefusal(413, TOO_LARGE)
        new = self._file.check(text)
        changed_keys = changes(self._before(before), new)
        lines = difflib.unified_diff(_lines(before), _lines(text), n=CONTEXT_LINES, lineterm="")
        return SettingsDraft(
            text=text,
            stamp=stamp_of(before),
            diff=tuple(lines)[2:],  # after the names of the files
            now=tuple(key for key in changed_keys if at_once(key)),
            later=tuple(key for key in changed_keys if not at_once(key)),
        )

    def _before(self, text: str) -> Config:
        """Return the configuration of the file as it is; that in force where it has a mistake."""
        try:
            return self._file.check(text)
        except AdminRefusal:
            return self._reloader.running


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def with_changes(text: str, changes: tuple[Change, ...]) -> str:
    """Return the text with keys changed, its comments and all other lines as they are.

    The result is parsed and compared with what was asked for: no value says more than its key.
    """
    # Imported here: a service whose settings nobody changes does not pay for it.
    import tomlkit  # noqa: PLC0415
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415

    if len(text) > MOST_CHARACTERS or len(changes) > len(settings()):
        raise AdminRefusal(413, TOO_LARGE)
    try:
        wanted = tomllib.loads(text)
        document = tomlkit.parse(text)
    except (tomllib.TOMLDecodeError, TOMLKitError, RecursionError) as exc:
        raise invalid(str(exc)) from exc
    try:
        for change in changes:
            for values in (wanted, document):
                _change(values, change, _checked(change))
        new = tomlkit.dumps(document)
        if tomllib.loads(new) == wanted:
            return new
    except UnicodeEncodeError as exc:
        raise AdminRefusal(400, MALFORMED) from exc
    except (tomllib.TOMLDecodeError, TOMLKitError, TypeError, ValueError) as exc:
        log.info("the keys cannot be changed one by one: %s", type(exc).__name__)
    raise AdminRefusal(422, NOT_BY_LINE.filled(key=", ".join(change.key for change in changes)))


def _change(values: MutableMapping[str, Any], change: Change, value: Value | None) -> None:
    """Change a key of a parsed text, or of its plain values."""
    for name in change.table.split(".") if change.table else ():
        if value is None and name not in values:
            return
        values = values.setdefault(name, {})
        if not isinstance(values, MutableMapping):
            raise TypeError(name)
    before = values.get(change.key)
    if value is None:
        values.pop(change.key, None)
    elif isinstance(before, list) and isinstance(value, list):
        _change_items(before, value)
        if before != value:
            values[change.key] = value
    else:
        values[change.key] = value


def _change_items(items: list[Any], wanted: list[str]) -> None:
    """Change some items of a list, whose others keep their lines and comments."""
    before = set(items)
    after = set(wanted)
    if len(before ^ after) > MOST_ITEMS:
        return
    for at in reversed(range(len(items))):
        if items[at] not in after:
            del items[at]
    for value in wanted:
        if value not in before:
            items.append(value)


Value = bool | int | float | str | list[str]


def _checked(change: Change) -> Value | None:
    """Return a value that a line can hold, right for its key or not: the configuration says so later."""
    setting = settings().get((change.table, change.key))
    if setting is None or setting.kind == "file":
        raise AdminRefusal(400, MALFORMED)
    try:
        value: Value | None = msgspec.convert(change.value, Value | None)
    except msgspec.ValidationError as exc:
        raise AdminRefusal(400, MALFORMED) from exc
    return value


def _values(table: Mapping[str, Any], above: str = "") -> Any:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _values(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


Kind = str


class Setting(msgspec.Struct, frozen=True, rename="camel"):
    """Key of the configuration.

    Attributes
    ----------
    table
        Name of the table, with a dot before that of an inner one.
    kind
        ``flag``, ``number``, ``text``, ``choice``, ``list``, or ``file`` for what only the file can say.
    choices
        Values of a choice.
    default
        Value where the file has none.
    at_once
        True if a reload applies it.
    """

    table: str
    key: str
    kind: Kind
    choices: tuple[Any, ...]
    default: Any
    at_once: bool
    whole: bool = False
    """True for a number without decimals."""


@cache
def settings() -> Mapping[tuple[str, str], Setting]:
    """Return all keys by table and name, in the order of their declaration."""
    return {(each.table, each.key): each for each in _settings("", Config)}


def _settings(above: str, section: type[Section]) -> Iterator[Setting]:
    described = inspect.type_info(section)
    assert isinstance(described, inspect.StructType)
    kinds = {field.name: field.type for field in described.fields}
    for field in msgspec.structs.fields(section):
        made = field.default_factory is not msgspec.NODEFAULT
        default = field.default_factory() if made else field.default
        if isinstance(default, Section):
            yield from _settings(f"{above}.{field.name}".lstrip("."), type(default))
        else:
            kind, choices, whole = _kind(kinds[field.name])
            top = above.partition(".")[0]
            now = at_once(f"{top}.{field.name}" if top else field.name) and "." not in above
            yield Setting(above, field.name, kind, choices, default, now, whole)


def _kind(described: inspect.Type) -> tuple[Kind, tuple[Any, ...], bool]:
    """Return the kind of a type, its choices, and whether its numbers are whole."""
    match described:
        case inspect.LiteralType():
            return "choice", tuple(described.values), False
        case inspect.VarTupleType(item_type=inspect.StrType()):
            return "list", (), False
        case inspect.UnionType():
            return _kind_of_union(described)
    return _SIMPLE.get(type(described), "file"), (), isinstance(described, inspect.IntType)


_SIMPLE: Mapping[type[inspect.Type], Kind] = {
    inspect.BoolType: "flag",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.StrType: "text",
}


def _kind_of_union(described: inspect.UnionType) -> tuple[Kind, tuple[Any, ...], bool]:
    kinds = [_kind(each) for each in described.types if not isinstance(each, inspect.NoneType)]
    # Flags among choices are an older spelling of the same.
    chosen = [each for each in kinds if each[0] != "flag"] if len(kinds) > 1 else kinds
    if {kind for kind, _, _ in chosen} == {"choice"}:
        return "choice", tuple(value for _, values, _ in chosen for value in values), False
    return chosen[0] if len(chosen) == 1 else ("file", (), False)
