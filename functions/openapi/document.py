"""The OpenAPI 3.1 document, made from the routes themselves: it cannot say what is not so."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

Json = dict[str, Any]
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")
_REF = "#/components/schemas/{model}"
_PAGED = frozenset(
    {"/v1/contacts", "/v1/campaigns", "/v1/senders", "/v1/suppressions", "/v1/templates"}
)
_QUERY_BY_ROUTE: Mapping[str, tuple[str, ...]] = {
    "/v1/contacts": ("phone",),
    "/v1/messages": ("contact_id", "limit", "cursor"),
    "/v1/contacts/{contact_id}/consents": ("as_of",),
}


def document(routes: Mapping[str, Mapping[str, Any]], *, server: str) -> Json:
    """Describe these Chalice routes (path, then method, to route entry)."""
    models = _models(routes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Allim",
            "version": "1",
            "description": "Consent-first CRM messaging.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "paths": {path: _path_item(path, by_method) for path, by_method in sorted(routes.items())},
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(models) | {"Problem": _PROBLEM},
        },
    }


def _models(routes: Mapping[str, Mapping[str, Any]]) -> list[type[BaseModel]]:
    found = {
        model
        for by_method in routes.values()
        for entry in by_method.values()
        if (model := getattr(entry.view_function, "body_model", None)) is not None
    }
    return sorted(found, key=lambda model: model.__name__)


def _schemas(models: list[type[BaseModel]]) -> Json:
    _, top = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    schemas: Json = top.get("$defs", {})
    return schemas


def _path_item(path: str, by_method: Mapping[str, Any]) -> Json:
    return {method.lower(): _operation(path, method, entry) for method, entry in by_method.items()}


def _operation(path: str, method: str, entry: Any) -> Json:  # noqa: ANN401  # Chalice's own type
    view = entry.view_function
    words = (view.__doc__ or "").strip()
    operation: Json = {
        "operationId": view.__name__,
        "summary": words.splitlines()[0] if words else view.__name__,
        "description": words,
        "tags": [path.split("/")[2] if path.startswith("/v1/") else "public"],
        "parameters": _parameters(path, method),
        "responses": _responses(method),
    }
    model = getattr(view, "body_model", None)
    if model is not None:
        schema = {"$ref": _REF.format(model=model.__name__)}
        content = {"application/json": {"schema": schema}}
        operation["requestBody"] = {"required": True, "content": content}
    scope = getattr(view, "scope", None)
    if scope is None:
        operation["security"] = []
    else:
        operation["x-scope"] = str(scope)
    return operation


def _parameters(path: str, method: str) -> list[Json]:
    parameters: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PATH_PARAMETER.findall(path)
    ]
    if method == "GET":
        paged = ("limit", "cursor") if path in _PAGED else ()
        parameters += [_query(name) for name in (*_QUERY_BY_ROUTE.get(path, ()), *paged)]
    if method == "POST":
        key = {"type": "string", "minLength": 1, "maxLength": 255}
        parameters.append({"name": "Idempotency-Key", "in": "header", "schema": key})
    return parameters


def _query(name: str) -> Json:
    schema: Json = {"type": "string"}
    if name == "limit":
        schema = {"type": "integer", "minimum": 1, "maximum": 500}
    return {"name": name, "in": "query", "schema": schema}


def _responses(method: str) -> Json:
    problem = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
    success = {"description": "Done", "content": {"application/json": {"schema": {}}}}
    responses: Json = {
        "2XX": success,
        "4XX": {"description": "The request cannot be served as it is", "content": problem},
        "5XX": {"description": "A fault on our side", "content": problem},
    }
    if method == "DELETE":
        responses["2XX"] = {"description": "Done"}
    return responses


_PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457 problem details. `code` is stable.",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
