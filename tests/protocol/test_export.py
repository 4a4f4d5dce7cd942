"""The documents made from the declarations: fresh, valid, complete."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from server.errors import Language, table
from server.protocol.catalogue import CATALOGUE
from server.protocol.codec import decode
from server.protocol.export import SCHEMAS, TYPES, export
from server.protocol.export.json_schema import asyncapi, json_schema, pretty
from server.protocol.export.markdown import answer_example, markdown, push_example, request_example
from server.protocol.export.openapi import openapi
from server.protocol.export.typescript import typescript
from server.protocol.function import Function

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
FUNCTIONS = pytest.mark.parametrize("function", CATALOGUE.values(), ids=list(CATALOGUE))


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json_schema()


def validator(schema: dict[str, Any], name: str) -> Draft202012Validator:
    # Here, as it takes seconds that every process of the tests would spend.
    from jsonschema import Draft202012Validator

    return Draft202012Validator({**schema, "anyOf": [{"$ref": f"#/$defs/{name}"}]})


def test_checked_in_documents_are_fresh(tmp_path: Path) -> None:
    """If not: `gaopai protocol export docs/protocol`."""
    made = export(tmp_path)
    assert {file.name for file in made} >= SCHEMAS
    for fresh in [file for file in made if file.name not in SCHEMAS]:
        checked_in = ROOT / "docs" / "protocol" / fresh.name
        assert checked_in.read_text(encoding="utf-8") == fresh.read_text(encoding="utf-8"), fresh.name
    assert (ROOT / "docs/protocol" / TYPES).resolve() == ROOT / "server/web/client" / TYPES


def test_the_schema_is_one(schema: dict[str, Any]) -> None:
    type(validator(schema, "AnyRequest")).check_schema(schema)


@FUNCTIONS
def test_examples_satisfy_the_schema(schema: dict[str, Any], function: Function) -> None:
    validator(schema, f"{function.name}Request").validate(request_example(function))
    validator(schema, "AnyRequest").validate(request_example(function))
    validator(schema, f"{function.name}Answer").validate(answer_example(function))
    pushed = push_example(function)
    assert (pushed is None) == (not function.pushes)
    if pushed is not None:
        validator(schema, function.pushes[0].__name__).validate(pushed)


@FUNCTIONS
def test_examples_are_calls(function: Function) -> None:
    call = decode(pretty(request_example(function)))
    assert call.function is function
    assert isinstance(call.request, function.request)
    assert isinstance(function.example.answer, function.answer)


@pytest.mark.parametrize(
    "message",
    [
        {"func": "OpenCamera", "fps": 0},
        {"func": "OpenCamera", "devNum": "0"},
        {"func": "SetCameraImageInfo", "rotate": 45},
        {"func": "SetCameraImageInfo", "cropRect": {"left": 1}},
        {"func": "UploadHttpFile", "url": ""},
        {"func": "OpenDoor"},
        {},
    ],
)
def test_the_schema_refuses_what_is_not_canonical(schema: dict[str, Any], message: dict[str, Any]) -> None:
    assert not validator(schema, "AnyRequest").is_valid(message)


def references(node: object) -> list[str]:
    """Every `$ref` in a document."""
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in references(value)]
    return [found for item in node for found in references(item)] if isinstance(node, list) else []


def resolve(document: Any, reference: str) -> Any:
    """What a reference within the document points to; KeyError when nothing."""
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document


@pytest.mark.parametrize("made", [asyncapi, json_schema, openapi])
def test_every_reference_leads_somewhere(made: Callable[[], dict[str, Any]]) -> None:
    document = made()
    assert references(document)
    for reference in references(document):
        assert resolve(document, reference)


def test_asyncapi_has_an_operation_for_each_function() -> None:
    document = asyncapi()
    assert document["asyncapi"] == "3.0.0"
    assert {"info", "servers", "channels", "operations", "components"} <= set(document)
    operations: Any = document["operations"]
    assert set(CATALOGUE) <= set(operations)
    for operation in operations.values():
        assert operation["action"] in {"receive", "send"}
        channel = resolve(document, operation["channel"]["$ref"])
        for message in operation["messages"]:
            assert message["$ref"].rpartition("/")[2] in channel["messages"]


def test_openapi_is_valid_and_has_an_operation_for_each_function() -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    document = json.loads(pretty(openapi()))
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    operations = {path: list(item) for path, item in document["paths"].items()}
    assert {f"/api/v1/{name}": ["post"] for name in CATALOGUE}.items() <= operations.items()


def test_a_document_that_is_no_openapi_is_noticed() -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    document = json.loads(pretty(openapi()))
    del document["paths"]["/api/v1/OpenCamera"]["post"]["responses"]["200"]["description"]
    assert list(OpenAPIV31SpecValidator(document).iter_errors())


@FUNCTIONS
def test_examples_satisfy_openapis_schemas(function: Function) -> None:
    from jsonschema import Draft202012Validator

    document = json.loads(pretty(openapi()))
    operation = document["paths"][f"/api/v1/{function.name}"]["post"]
    body = operation["requestBody"]["content"]["application/json"]
    Draft202012Validator({**body["schema"], "components": document["components"]}).validate(
        {key: value for key, value in body["example"].items() if key != "func"}
    )
    answered = operation["responses"]["200"]["content"]["application/json"]["schema"]
    answer = [answer_example(function)] if function.several is True else answer_example(function)
    Draft202012Validator({**answered, "components": document["components"]}).validate(answer)


def test_types_name_every_function_and_code() -> None:
    text = typescript()
    interfaces = set(re.findall(r"^export (?:interface|type) (\w+)", text, re.MULTILINE))
    for function in CATALOGUE.values():
        assert {function.request.__name__, function.answer.__name__} <= interfaces
        for name in (function.name, *function.spellings):
            assert re.search(rf"^  {name}: ", text, re.MULTILINE)
    assert all(f"{error.__name__}: {code};" in text for code, error in table().items())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_reference_holds_every_function_and_code_and_no_dead_link(language: Any) -> None:
    text = markdown(language)
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    anchors = headings | set(re.findall(r'<a id="(\w+)">', text))
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors
    assert {name.lower() for name in CATALOGUE} <= headings
    assert {f"e{code}" for code in table()} <= anchors
    assert ("请求" in text) == (language == "zh")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_reference_documents_each_function_once(language: Language) -> None:
    headings = re.findall(r"^#+ `?(\w+)`?$", markdown(language), re.MULTILINE)
    assert sorted(name for name in headings if name in CATALOGUE) == sorted(CATALOGUE)


def test_a_functions_own_parameters_come_first_and_what_is_beyond_the_standard_is_folded() -> None:
    text = markdown("en")
    capture = text[text.index("### CameraCapture\n") : text.index("### CameraCaptureBase64\n")]
    shown, folded = capture.split("<details>", 1)
    assert "| `devNum` |" in shown and "| `imagePath` |" in shown
    assert "beyond the standard: quality" not in shown
    assert "beyond the standard: quality" in folded


def test_a_type_of_several_functions_is_described_once() -> None:
    text = markdown("en")
    assert text.count("\n### PictureCrop\n") == 1
    assert text.count("| `doubted` |") == 1
