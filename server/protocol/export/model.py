"""Model of the declarations for exports: members with types and documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec import inspect

from server.errors import LocalizedText
from server.protocol.catalogue import CATALOGUE
from server.protocol.function import Function
from server.protocol.messages.base import Answer, Request
from server.protocol.parameters import plain

Message = type[Request] | type[Answer]
SCALARS: Mapping[type[inspect.Type], str] = {
    inspect.IntType: "integer",
    inspect.FloatType: "number",
    inspect.BoolType: "boolean",
    inspect.StrType: "string",
}
"""Names of simple types in JSON."""


class Member(msgspec.Struct, frozen=True):
    """Member of a JSON object.

    Attributes
    ----------
    type
        Type without documentation, and without null, which is never sent.
    default
        Default of a missing request parameter; None if it has none.
    own
        False for those that the object has from the kind of objects that it is one of.
    """

    name: str
    type: inspect.Type
    meaning: LocalizedText
    required: bool
    default: object = None
    aliases: tuple[str, ...] = ()
    own: bool = True


def described(struct: type) -> inspect.StructType:
    """Return msgspec's description of a message or a part of one."""
    found = inspect.type_info(struct)
    assert isinstance(found, inspect.StructType)
    return found


def members(struct: inspect.StructType) -> tuple[Member, ...]:
    """Return the members of an object in wire order."""
    own = vars(struct.cls).get("__annotations__", {})
    return tuple(_member(field, field.name in own) for field in struct.fields)


def messages_of(function: Function) -> tuple[Message, ...]:
    """Return request, answer and pushes, each once."""
    return tuple(dict.fromkeys((function.request, function.answer, *function.pushes)))


def all_messages() -> tuple[Message, ...]:
    """Return every message type of the catalogue, each once."""
    return tuple(
        dict.fromkeys(message for function in CATALOGUE.values() for message in messages_of(function))
    )


def parts(messages: Iterable[type]) -> tuple[inspect.StructType, ...]:
    """Return the object types within messages, each once, inner ones first."""
    found: dict[type, inspect.StructType] = {}
    for message in messages:
        for member in members(described(message)):
            for struct in _structs(member.type):
                found.setdefault(struct.cls, struct)
    return tuple(found.values())


def is_frame(message: Message) -> bool:
    """Return whether a message is a preview frame, which declares its result and has a short envelope."""
    return any(member.name == "result" for member in members(described(message)))


def _member(field: inspect.Field, own: bool) -> Member:
    declared = field.type
    extra = (declared.extra or {}) if isinstance(declared, inspect.Metadata) else {}
    schema = (declared.extra_json_schema or {}) if isinstance(declared, inspect.Metadata) else {}
    return Member(
        name=field.encode_name,
        type=plain(declared),
        meaning=LocalizedText(extra.get("zh", ""), schema.get("description", "")),
        required=field.required,
        default=None if field.default is msgspec.NODEFAULT else field.default,
        aliases=tuple(extra.get("aliases", ())),
        own=own,
    )


def is_list_of_text(declared: inspect.Type) -> bool:
    """Return whether a parameter is a list of paths or pictures, for one of which a string alone stands."""
    return isinstance(declared, inspect.VarTupleType) and isinstance(
        plain(declared.item_type), inspect.StrType
    )


def _structs(declared: inspect.Type) -> Iterator[inspect.StructType]:
    declared = plain(declared)
    if isinstance(declared, inspect.VarTupleType):
        yield from _structs(declared.item_type)
    elif isinstance(declared, inspect.StructType):
        for member in members(declared):
            yield from _structs(member.type)
        yield declared
