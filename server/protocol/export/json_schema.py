"""JSON Schema (2020-12) of every message, in canonical form, and AsyncAPI 3.0 of the channel."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from msgspec import inspect

from server.errors import table
from server.protocol.catalogue import CATALOGUE, STANDARD
from server.protocol.export import model
from server.protocol.export.markdown import answer_example, request_example
from server.protocol.export.model import all_messages, messages_of
from server.protocol.function import Function
from server.protocol.messages.base import Request
from server.protocol.parameters import plain

Schema: TypeAlias = dict[str, object]

_REQ_ID: Schema = {
    "description": "any JSON value; answers repeat it",
    "x-description-zh": "任意 JSON 值，应答原样返回",
}
_UNKNOWN: Schema = {
    "description": "keys of the request that resemble a known one and were ignored",
    "x-description-zh": "请求中与已知的键相似而被忽略的键",
    "type": "array",
    "items": {"type": "string"},
}


def json_schema() -> Schema:
    """Return the document, with all messages under ``$defs``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:gaopai:protocol",
        "title": f"gaopai protocol, standard V{STANDARD}",
        "anyOf": [{"$ref": "#/$defs/AnyRequest"}, {"$ref": "#/$defs/AnyAnswer"}],
        "$defs": {**_groups("#/$defs/"), **schemas("#/$defs/")},
    }


def schemas(prefix: str) -> dict[str, Schema]:
    """Return the schemas of all messages and their parts by name; `prefix` starts references."""
    found = {struct.cls.__name__: _object(struct, prefix) for struct in model.parts(model.all_messages())}
    for function in CATALOGUE.values():
        for message in model.messages_of(function):
            found[message.__name__] = _message(function, message, prefix)
    return {**found, "ErrorAnswer": _error()}


def parameters_schema(function: Function) -> Schema:
    """Return the schema of a function's parameters alone, complete in itself."""
    prefix = "#/$defs/"
    parts = {part.cls.__name__: _object(part, prefix) for part in model.parts((function.request,))}
    parameters = _object(model.described(function.request), prefix, lenient=True)
    return {**parameters, "$defs": parts}


def _groups(prefix: str) -> dict[str, Schema]:
    names = [message.__name__ for message in model.all_messages()]
    requests = [name for name in names if name.endswith("Request")]
    answers = [name for name in names if not name.endswith("Request")] + ["ErrorAnswer"]
    return {
        "AnyRequest": {"oneOf": [{"$ref": prefix + name} for name in requests]},
        "AnyAnswer": {"anyOf": [{"$ref": prefix + name} for name in answers]},
    }


def _message(function: Function, message: model.Message, prefix: str) -> Schema:
    is_request = issubclass(message, Request)
    body = _object(model.described(message), prefix, lenient=is_request)
    envelope = _envelope(function, message)
    properties = body["properties"]
    required = body["required"]
    assert isinstance(properties, dict) and isinstance(required, list)
    needed = [name for name in envelope if not is_request or name == "func"]
    return {
        **body,
        "description": function.summary.en,
        "x-description-zh": function.summary.zh,
        "properties": {**envelope, **properties, **({"unknown": _UNKNOWN} if "result" in envelope else {})},
        "required": [*needed, *required],
    }


def _envelope(function: Function, message: model.Message) -> dict[str, Schema]:
    names = [function.name, *function.spellings]
    if function.pushed_as is not None and message in function.pushes:
        names = [function.pushed_as]
    name: Schema = {"enum": names}
    if issubclass(message, Request) or model.is_frame(message):
        return {"func": name, "reqId": _REQ_ID}
    return {
        "func": name,
        "functionName": name,
        "reqId": _REQ_ID,
        "result": {"const": 0},
        "success": {"const": 1},
    }


def _error() -> Schema:
    properties: dict[str, Schema] = {
        "func": {"type": "string"},
        "functionName": {"type": "string"},
        "reqId": _REQ_ID,
        "result": {"enum": list(table())},
        "success": {"const": 0},
        "errorMsg": {"type": "string"},
    }
    needed = list(properties)
    return {
        "title": "ErrorAnswer",
        "type": "object",
        "properties": {**properties, "unknown": _UNKNOWN},
        "required": needed,
    }


def _object(struct: inspect.StructType, prefix: str, lenient: bool = False) -> Schema:
    listed = model.members(struct)
    return {
        "title": struct.cls.__name__,
        "type": "object",
        "properties": {member.name: _property(member, prefix, lenient) for member in listed},
        "required": [member.name for member in listed if member.required],
    }


def _property(member: model.Member, prefix: str, lenient: bool) -> Schema:
    schema = _type(member.type, prefix)
    if lenient and model.is_list_of_text(member.type):
        schema = {"anyOf": [{"type": "string"}, schema]}
    if lenient and isinstance(member.type, inspect.DictType) and schema["additionalProperties"] is not True:
        value: Schema = {"type": ["string", "number", "boolean"]}
        values = {"anyOf": [value, {"type": "array", "items": value}]}
        schema = {"type": "object", "additionalProperties": values}
    default = {} if member.default in (None, ()) else {"default": member.default}
    return {"description": member.meaning.en, "x-description-zh": member.meaning.zh, **schema, **default}


def _type(declared: inspect.Type, prefix: str) -> Schema:
    declared = plain(declared)
    match declared:
        case inspect.StructType():
            return {"$ref": prefix + declared.cls.__name__}
        case inspect.VarTupleType():
            sizes = {"minItems": declared.min_length, "maxItems": declared.max_length}
            limits = {word: size for word, size in sizes.items() if size}
            return {"type": "array", "items": _type(declared.item_type, prefix), **limits}
        case inspect.DictType():
            free = isinstance(declared.value_type, inspect.AnyType)
            return {"type": "object", "additionalProperties": free or _type(declared.value_type, prefix)}
        case inspect.UnionType():
            return {"anyOf": [_type(item, prefix) for item in declared.types]}
        case inspect.LiteralType():
            return {"enum": list(declared.values)}
        case _:
            return _scalar(declared)


def _scalar(declared: inspect.Type) -> Schema:
    limits = {"ge": "minimum", "le": "maximum", "min_length": "minLength", "max_length": "maxLength"}
    found = {word: getattr(declared, limit, None) for limit, word in limits.items()}
    return {"type": model.SCALARS[type(declared)]} | {
        word: at for word, at in found.items() if at is not None
    }


def pretty(document: object) -> str:
    """Return JSON text, indented, with members in order."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


_CHANNEL = {"$ref": "#/channels/gaopai"}


def asyncapi() -> Schema:
    """Return the document; actions are the service's: it receives requests and sends answers."""
    names = [*(message.__name__ for message in all_messages()), "ErrorAnswer"]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "gaopai",
            "version": STANDARD,
            "description": "Document cameras, scanners, cards, fingerprints and faces for web pages.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"local": {"host": "127.0.0.1:8082", "pathname": "/", "protocol": "ws"}},
        "channels": {
            "gaopai": {
                "address": "/",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
            }
        },
        "operations": _operations(),
        "components": {"messages": _messages(names), "schemas": schemas("#/components/schemas/")},
    }


def _operations() -> Schema:
    found: Schema = {}
    for function in CATALOGUE.values():
        found[function.name] = _call(function)
        if function.pushes:
            found[f"{function.name}Push"] = _push(function)
    return found


def _call(function: Function) -> Schema:
    return {
        "action": "receive",
        "channel": _CHANNEL,
        "summary": function.summary.en,
        "x-summary-zh": function.summary.zh,
        "messages": _references(function.request.__name__),
        "reply": {"channel": _CHANNEL, "messages": _references(function.answer.__name__, "ErrorAnswer")},
    }


def _push(function: Function) -> Schema:
    return {
        "action": "send",
        "channel": _CHANNEL,
        "messages": _references(*(push.__name__ for push in function.pushes)),
    }


def _references(*names: str) -> list[Schema]:
    return [{"$ref": f"#/channels/gaopai/messages/{name}"} for name in names]


def _messages(names: list[str]) -> Schema:
    examples: dict[str, Schema] = {}
    for function in CATALOGUE.values():
        request, answer, *_ = messages_of(function)
        examples[request.__name__] = {"examples": [{"payload": request_example(function)}]}
        examples[answer.__name__] = {"examples": [{"payload": answer_example(function)}]}
    return {
        name: {"name": name, "payload": {"$ref": f"#/components/schemas/{name}"}, **examples.get(name, {})}
        for name in names
    }
