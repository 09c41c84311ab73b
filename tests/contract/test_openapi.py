"""The description of the API: valid, complete, and true."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import checks
from schemathesis.config import SchemathesisConfig

from app import app
from functions.openapi.answers import ANSWER_BY_CALL
from functions.openapi.document import document
from tests.contract.wsgi import WsgiGateway
from tests.guards.source import FUNCTIONS, called, text, tree
from tests.integration.http.emulation import emulated
from tests.integration.http.shop import a_token

_DOCUMENT = document(app.routes, server="https://api.example.com")
_EXAMPLES_A_CALL = 6
_METHODS = ("get", "head", "post", "put", "patch", "delete")


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in _DOCUMENT["paths"].items():
        for method in _METHODS:
            if method in item:
                yield method, path, item[method]


_CALLS = [pytest.param(*each, id=each[2]["operationId"]) for each in _operations()]


def test_the_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(_DOCUMENT).iter_errors()) == []


def test_every_call_is_described() -> None:
    described = {(method.upper(), path) for method, path, _ in _operations()}
    calls = {(method, path) for path, by_method in app.routes.items() for method in by_method}

    assert described == calls


def test_every_name_of_a_call_is_its_own() -> None:
    names = [operation["operationId"] for _, _, operation in _operations()]

    assert sorted(names) == sorted(ANSWER_BY_CALL)


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(_DOCUMENT)))

    assert used == set(_DOCUMENT["components"]["schemas"])


@pytest.mark.parametrize(("method", "path", "operation"), _CALLS)
def test_a_call_is_described_in_full(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"].endswith(".")
    assert {each["name"] for each in operation["parameters"] if each["in"] == "path"} == set(
        re.findall(r"\{(\w+)\}", path)
    )
    assert ("requestBody" in operation) <= (method in ("post", "put", "patch"))
    assert (operation.get("security") == []) == ("x-scope" not in operation)


def test_every_query_parameter_that_is_read_is_described() -> None:
    described = {
        each["name"]
        for _, _, operation in _operations()
        for each in operation["parameters"]
        if each["in"] == "query"
    }
    read = {
        text(node.args[0])
        for path in FUNCTIONS.rglob("*.py")
        for node in ast.walk(tree(path))
        if called(node) == "get" and isinstance(node, ast.Call)
        if isinstance(node.func, ast.Attribute) and "query" in ast.unparse(node.func.value)
    }

    assert read == described


def test_only_calls_that_are_replayed_take_an_idempotency_key() -> None:
    without = {
        operation["operationId"]
        for method, _, operation in _operations()
        if method == "post" and not any(each["in"] == "header" for each in operation["parameters"])
    }

    assert without == {
        "create_key",
        "post_callback",
        "post_conversion",
        "post_preferences",
        "post_webhook",
        "preview_template",
        "rotate_webhook_secret",
        "try_webhook",
    }


# ---- what calls do, held against what the document says of them


_TOKEN = "key_admin." + "s" * 32


@pytest.fixture(scope="module", autouse=True)
def account() -> Iterator[None]:
    with emulated():
        assert a_token("admin") == _TOKEN
        yield


def _schema() -> Any:
    config = SchemathesisConfig.from_dict(
        {
            "auth": {"openapi": {"key": {"bearer": _TOKEN}}},
            "phases": {"coverage": {"unexpected-methods": []}},
        }
    )
    loaded = schemathesis.openapi.from_dict(_DOCUMENT, config=config)
    loaded.app = WsgiGateway(app)
    return loaded


_CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


@_schema().parametrize()
@settings(
    max_examples=_EXAMPLES_A_CALL,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_a_call_does_what_is_said_of_it(case: Any) -> None:
    case.call_and_validate(checks=_CHECKS)
