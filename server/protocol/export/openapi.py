"""OpenAPI 3.1 of the protocol over HTTP."""

from __future__ import annotations

from collections import defaultdict

from server.errors import GaopaiError
from server.protocol.catalogue import CATALOGUE, DOMAINS, STANDARD
from server.protocol.export import model
from server.protocol.export.json_schema import Schema, schemas
from server.protocol.export.markdown import answer_example, request_example
from server.protocol.function import Function

PREFIX = "#/components/schemas/"
_SESSION = {"$ref": "#/components/parameters/session"}


def openapi() -> Schema:
    """Return the document, with an operation for each function, and those of sessions."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gaopai",
            "version": STANDARD,
            "summary": "Document cameras, scanners, cards, fingerprints and faces over HTTP.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://127.0.0.1:8082"}],
        "security": [{}, {"token": []}],
        "tags": [{"name": domain.title.en, "x-name-zh": domain.title.zh} for domain in DOMAINS],
        "paths": {**_sessions(), **_functions()},
        "components": {
            "schemas": _schemas(),
            "parameters": {"session": _parameter("header", "Gaopai-Session")},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of the service, where it asks for one.",
                }
            },
        },
    }


def _parameter(place: str, name: str, *, required: bool = False) -> Schema:
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": "Token of the session that owns what is opened; without one, all is closed after the "
        "answer.",
        "schema": {"type": "string"},
    }


def _schemas() -> dict[str, Schema]:
    """Return the schemas of all messages; a request need not name the function that its address does."""
    found = schemas(PREFIX)
    for function in CATALOGUE.values():
        name = function.request.__name__
        required = found[name]["required"]
        assert isinstance(required, list)
        found[name] = {**found[name], "required": [member for member in required if member != "func"]}
    return found


def _functions() -> Schema:
    return {
        f"/api/v1/{function.name}": {"post": _operation(domain.title.en, function)}
        for domain in DOMAINS
        for function in domain.functions
    }


def _operation(tag: str, function: Function) -> Schema:
    request = {
        "schema": {"$ref": PREFIX + function.request.__name__},
        "example": request_example(function),
    }
    return {
        "operationId": function.name,
        "tags": [tag],
        "summary": function.summary.en,
        "x-summary-zh": function.summary.zh,
        "parameters": [_SESSION],
        "requestBody": {"content": {"application/json": request}},
        "responses": {"200": _success(function), **_failures(function)},
    }


def _success(function: Function) -> Schema:
    answers = [function.answer.__name__, "ErrorAnswer"]
    if function.closing is not None:
        answers.append(type(function.closing.answer).__name__)
    one: Schema = {"$ref": PREFIX + function.answer.__name__}
    # The status is the first answer's; a later one may be an error.
    all_of_them: Schema = {
        "type": "array",
        "items": {"anyOf": [{"$ref": PREFIX + name} for name in answers]},
    }
    if function.several is True:
        return _content("The answers, in their order.", all_of_them)
    if function.several is False:
        return _content("The answer.", one, answer_example(function))
    return _content(
        "The answer; an array where the request has it in several.", {"anyOf": [one, all_of_them]}
    )


def _failures(function: Function) -> Schema:
    by_status = defaultdict[int, list[type[GaopaiError]]](list)
    for error in function.errors:
        by_status[error.status].append(error)
    error_answer: Schema = {"$ref": PREFIX + "ErrorAnswer"}
    if function.several is not False:
        error_answer = {"anyOf": [error_answer, {"type": "array", "items": {"type": "object"}}]}
    told: Schema = {
        str(status): _content(", ".join(f"{each.code} {each.__name__}" for each in found), error_answer)
        for status, found in sorted(by_status.items())
    }
    return {**told, "default": _content("Any error; `result` is its code.", error_answer)}


def _content(description: str, schema: Schema, example: object = None) -> Schema:
    body: Schema = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"description": description, "content": {"application/json": body}}


def _sessions() -> Schema:
    """Return the paths beside those of functions."""
    begun: Schema = {
        "type": "object",
        "properties": {"session": {"type": "string"}, "seconds": {"type": "integer"}},
        "required": ["session", "seconds"],
    }
    failed = _content("An error; `result` is its code.", {"$ref": PREFIX + "ErrorAnswer"})
    gone = {"410": failed, "default": failed}
    pushes = [push.__name__ for function in CATALOGUE.values() for push in function.pushes]
    notices = [name for name in dict.fromkeys(pushes) if name not in _FRAMES]
    event: Schema = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"anyOf": [{"$ref": PREFIX + name} for name in notices]},
    }
    return {
        "/api/v1/session": {
            "post": {
                "operationId": "beginSession",
                "summary": "Begin a session, which owns cameras and originals until it ends or is silent.",
                "responses": {"201": _content("The session.", begun), "default": failed},
            },
            "delete": {
                "operationId": "endSession",
                "summary": "End a session, and close what it has open.",
                "parameters": [_parameter("header", "Gaopai-Session", required=True)],
                "responses": {"204": {"description": "It has ended."}, **gone},
            },
        },
        "/api/v1/events": {
            "get": {
                "operationId": "events",
                "summary": "Notices of a session, as server-sent events.",
                "parameters": [_SESSION, _parameter("query", "session")],
                "responses": {
                    "200": {
                        "description": "An event for each notice, and for each answer that comes late.",
                        "content": {"text/event-stream": {"schema": event}},
                    },
                    **gone,
                },
            }
        },
        "/api/v1/stream/{ticket}": {
            "get": {
                "operationId": "stream",
                "summary": "The preview that a streamUrl stands for, as MJPEG.",
                "parameters": [
                    {"name": "ticket", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {
                    "200": {
                        "description": "Pictures, until the preview ends.",
                        "content": {"multipart/x-mixed-replace": {"schema": {"type": "string"}}},
                    },
                    "404": {"description": "The ticket was used, or the preview has ended."},
                },
            }
        },
    }


_FRAMES = frozenset(message.__name__ for message in model.all_messages() if model.is_frame(message))
"""Pictures of previews, which come as MJPEG."""
