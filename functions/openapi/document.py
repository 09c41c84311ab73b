"""The OpenAPI 3.1 document, made from the routes themselves and the models of their bodies."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions.contracts.http_pages import PageEventPost
from functions.domain.outcome import Model
from functions.domain.reason import HoldReason
from functions.openapi.answers import ANSWER_BY_CALL, Problem

Json = dict[str, Any]
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")
_REF = "#/components/schemas/{model}"
_PAGED = frozenset(
    {
        "list_audience_members",
        "list_audiences",
        "list_campaigns",
        "list_contacts",
        "list_exports",
        "list_held",
        "list_messages",
        "list_notices",
        "list_senders",
        "list_standalone_links",
        "list_suppressions",
        "list_templates",
    }
)
_QUERY_BY_CALL: Mapping[str, tuple[str, ...]] = {
    "list_contacts": ("phone",),
    "get_held_summary": ("campaign_id", "reason"),
    "list_held": ("campaign_id", "reason"),
    "list_messages": ("contact_id",),
    "get_consents": ("as_of",),
    "get_channel_report": ("from", "to"),
    "get_notice_report": ("from", "to"),
    "list_export_days": ("from", "to"),
    "list_notices": ("status", "from", "to"),
    "delete_suppression": ("scope",),
    "list_accesses": ("day",),
    "explain_audience": ("contact_id",),
    "list_records": ("month",),
    "get_why": ("contact_id",),
    "get_link_report": ("from", "to"),
    "get_qr_png": ("error", "scale", "border"),
    "get_qr_svg": ("error", "scale", "border"),
    "get_conversions": ("model",),
    "get_simulation": ("clicked", "delivered", "replied", "converted"),
    "get_report_page": ("lang",),
    "get_preferences": ("lang",),
    "head_preferences": ("lang",),
    "post_preferences": ("lang",),
}
_RATE: Json = {
    "type": "number",
    "minimum": 0,
    "maximum": 100,
    "description": "The percentage that steps of follow-ups are forecast with.",
}
_SCHEMA_BY_QUERY: Mapping[str, Json] = {
    **dict.fromkeys(("clicked", "delivered", "replied", "converted"), _RATE),
    "model": {"enum": [*Model], "description": "Which touch counts; ``last`` if not said."},
    "phone": {"type": "string", "description": "Find the contact with this number instead."},
    "contact_id": {"type": "string", "maxLength": 64, "description": "Whose messages."},
    "campaign_id": {"type": "string", "maxLength": 64, "description": "Only of this campaign."},
    "reason": {"enum": [*HoldReason], "description": "Only what is held for this."},
    "as_of": {"type": "string", "format": "date-time", "description": "The moment to look at."},
    "from": {"type": "string", "format": "date", "description": "The first day."},
    "to": {"type": "string", "format": "date", "description": "The last day, of 31 at most."},
    "error": {"enum": ["l", "m", "q", "h"], "description": "How much may be dirty; m by default."},
    "scale": {
        "type": "integer",
        "minimum": 1,
        "maximum": 20,
        "description": "Dots a module; 8 by default.",
    },
    "border": {
        "type": "integer",
        "minimum": 0,
        "maximum": 10,
        "description": "Modules of blank border; 4 by default.",
    },
    "status": {
        "enum": ["due", "overdue", "sent", "undeliverable"],
        "description": "Where the notices stand.",
    },
    "month": {
        "type": "string",
        "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$",
        "description": "Which month, such as 2026-11.",
    },
    "day": {"type": "string", "format": "date", "description": "Of UTC."},
    "scope": {"type": "string", "description": "Only this scope, such as ``advertising``."},
    "lang": {"type": "string", "description": "``ko`` or ``en``; else the person's language."},
    "limit": {"type": "integer", "minimum": 1, "description": "Items of a page."},
    "cursor": {"type": "string", "description": "The ``next_cursor`` of the page before."},
}
_MOST_ITEMS_BY_CALL = {"list_held": 200, "list_messages": 100}
_MOST_ITEMS = 500
_NEEDED_QUERIES = frozenset(
    {
        ("list_messages", "contact_id"),
        ("list_accesses", "day"),
        ("list_records", "month"),
        ("list_notices", "status"),
        ("get_why", "contact_id"),
        ("explain_audience", "contact_id"),
    }
)
_BODY_BY_CALL: Mapping[str, type[BaseModel]] = {"post_conversion": PageEventPost}
"""Bodies that calls read themselves."""
_HTML: Json = {"text/html": {"schema": {"type": "string"}}}
_FORM_BY_CALL: Mapping[str, Json] = {
    "post_preferences": {
        "type": "object",
        "properties": {
            "refuse": {"type": "string", "description": "``all``, a channel, or its nights."},
            "List-Unsubscribe": {"type": "string", "const": "One-Click"},
        },
        "additionalProperties": False,
    }
}
_REASONS = {200: "Done", 201: "Made", 202: "Accepted", 204: "Done; there is no body"}
_PROBLEMS = {"4XX": "The request cannot be served as it is", "5XX": "A fault on our side"}


def document(routes: Mapping[str, Mapping[str, Any]], *, server: str) -> Json:
    """Describe these Chalice routes (path, then method, to route entry)."""
    views = [entry.view_function for by_method in routes.values() for entry in by_method.values()]
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
            "schemas": _schemas(views),
        },
    }


def _schemas(views: Iterable[Any]) -> Json:
    models: dict[type[BaseModel], str] = {Problem: "serialization"}
    for view in views:
        body = _body_of(view)
        if body is not None:
            models[body] = "validation"
        answered = ANSWER_BY_CALL[view.__name__].model
        if answered is not None:
            models[answered] = "serialization"
    _, top = models_json_schema(sorted(models.items(), key=_by_name), ref_template=_REF)  # type: ignore[arg-type]  # the modes are literals
    schemas: Json = top["$defs"]
    return schemas


def _body_of(view: Any) -> type[BaseModel] | None:  # noqa: ANN401  # a guarded view
    body: type[BaseModel] | None = view.body_model or _BODY_BY_CALL.get(view.__name__)
    return body


def _by_name(pair: tuple[type[BaseModel], str]) -> str:
    return pair[0].__name__


def _path_item(path: str, by_method: Mapping[str, Any]) -> Json:
    return {
        method.lower(): _operation(path, method, entry.view_function)
        for method, entry in sorted(by_method.items())
    }


def _operation(path: str, method: str, view: Any) -> Json:  # noqa: ANN401  # a guarded view
    words = " ".join((view.__doc__ or "").split())
    operation: Json = {
        "operationId": view.__name__,
        "summary": words.split(". ")[0].rstrip("."),
        "description": words,
        "tags": [path.split("/")[2] if path.startswith("/v1/") else "public"],
        "parameters": _parameters(path, view, is_post=method == "POST"),
        "responses": _responses(view.__name__),
    }
    body = _body_of(view)
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    if form := _FORM_BY_CALL.get(view.__name__):
        content = {"application/x-www-form-urlencoded": {"schema": form}}
        operation["requestBody"] = {"required": True, "content": content}
    if view.scope is None:
        operation["security"] = []
    else:
        operation["x-scope"] = str(view.scope)
    return operation


def _parameters(path: str, view: Any, *, is_post: bool) -> list[Json]:  # noqa: ANN401  # likewise
    parameters: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PATH_PARAMETER.findall(path)
    ]
    paged = ("limit", "cursor") if view.__name__ in _PAGED else ()
    queries = (*_QUERY_BY_CALL.get(view.__name__, ()), *paged)
    parameters += [_query(name, view.__name__) for name in queries]
    if is_post and view.replayable:
        key = {"type": "string", "minLength": 1, "maxLength": 255}
        parameters.append({"name": "Idempotency-Key", "in": "header", "schema": key})
    return parameters


def _query(name: str, call: str) -> Json:
    schema = dict(_SCHEMA_BY_QUERY[name])
    described = schema.pop("description")
    if name == "limit":
        schema["maximum"] = _MOST_ITEMS_BY_CALL.get(call, _MOST_ITEMS)
    return {
        "name": name,
        "in": "query",
        "required": (call, name) in _NEEDED_QUERIES,
        "description": described,
        "schema": schema,
    }


def _responses(call: str) -> Json:
    answer = ANSWER_BY_CALL[call]
    content = {} if answer.model is None else {"content": _json(answer.model)}
    if answer.kind != "application/json":
        content = {"content": {answer.kind: {"schema": {"type": "string"}}}}
    if call == "get_openapi":
        content = {"content": {"application/json": {"schema": {"type": "object"}}}}
    good = {str(each): {"description": _REASONS[each]} | content for each in answer.statuses}
    problem = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
    if answer.page:
        content = {"content": _HTML}
        problem = _HTML
    if call == "head_preferences":
        problem = {}
    bad = {status: {"description": why, "content": problem} for status, why in _PROBLEMS.items()}
    return good | bad


def _json(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}
