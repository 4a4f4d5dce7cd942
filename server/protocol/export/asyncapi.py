"""AsyncAPI 3.0 document: one WebSocket channel with an operation per function."""

from __future__ import annotations

from server.protocol.catalogue import CATALOGUE, STANDARD
from server.protocol.export.json_schema import Schema, schemas
from server.protocol.export.model import all_messages, messages_of
from server.protocol.export.prose import answer_example, request_example
from server.protocol.function import Function

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
