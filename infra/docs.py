"""Writes docs/api.md, the reference of the API, from its OpenAPI document.

python -m infra.docs
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
Json = dict[str, Any]

_HEAD = """\
# The HTTP API

Made by `python -m infra.docs` from the OpenAPI document, which every deployment serves at
`GET /v1/openapi.json`. Do not edit: a test compares both.

- The base is the stack's output `ApiUrl`. Bodies are JSON in UTF-8, with `Content-Type:
  application/json`.
- Every call but the public ones needs a key: `Authorization: Bearer <key>`. The scope that the
  key must have stands beside each call; `admin` includes all others.
- What cannot be done is answered as a problem document: see [errors](errors.md).
- Lists take `?limit=` and `?cursor=` and answer `items` and `next_cursor`, which is null at the
  end. A cursor is good for a day, for its own list.
- A `POST` marked with *idempotent* takes an `Idempotency-Key`: repeated with the same key and
  body it has the same answer for 24 hours and does nothing again.
- Unknown members of a request are refused. Members may be added to answers.
"""
_TITLE_BY_TAG = {
    "contacts": "Contacts and consents",
    "suppressions": "Suppressions",
    "events": "Events",
    "event-types": "Event types",
    "conversions": "Reports of landing pages",
    "conversions.js": "The script of landing pages",
    "groups": "Groups",
    "imports": "Imports",
    "senders": "Senders",
    "templates": "Templates",
    "images": "Images",
    "links": "Standalone links",
    "link-domains": "Domains of links",
    "audiences": "Audiences",
    "refreshes": "Refreshes of audiences",
    "messages": "Messages",
    "campaigns": "Campaigns",
    "held": "Held messages",
    "coupon-pools": "Coupons",
    "notices": "Notices",
    "reports": "Reports across campaigns",
    "policy": "Policy: hours and caps",
    "exports": "Exports of events",
    "erasures": "Erasures",
    "accesses": "Accesses to personal data",
    "compliance": "Compliance record",
    "keys": "API keys",
    "webhooks": "Webhooks",
    "public": "Public",
    "openapi.json": "Description",
}
_METHODS = ("put", "patch", "post", "get", "head", "delete")


def page(document: Mapping[str, Any]) -> str:
    """Write the whole reference."""
    found = list(_operations(document))
    unknown = {operation["tags"][0] for _, _, operation in found} - set(_TITLE_BY_TAG)
    if unknown:
        msg = f"no title for {', '.join(sorted(unknown))}: see _TITLE_BY_TAG"
        raise ValueError(msg)
    lines = [_HEAD, *_summary(found)]
    for tag, title in _TITLE_BY_TAG.items():
        lines += [f"## {title}", ""]
        for method, path, operation in found:
            if operation["tags"] == [tag]:
                lines += _section(method, path, operation)
    lines += ["## Bodies", ""]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += _body(name, schema)
    # Docstrings mark code as reStructuredText does.
    return "\n".join(lines).rstrip().replace("``", "`") + "\n"


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def _summary(found: Iterable[tuple[str, str, Json]]) -> Iterator[str]:
    yield "| call | scope | |"
    yield "|---|---|---|"
    for tag in _TITLE_BY_TAG:
        for method, path, operation in found:
            if operation["tags"] == [tag]:
                link = f"[`{method} {path}`](#{operation['operationId'].replace('_', '-')})"
                yield f"| {link} | {operation.get('x-scope', '')} | {operation['summary']} |"
    yield ""


def _section(method: str, path: str, operation: Json) -> Iterator[str]:
    yield f'### <a id="{operation["operationId"].replace("_", "-")}"></a>`{method} {path}`'
    yield ""
    yield f"{operation['description']} {_terms(operation)}".rstrip()
    yield ""
    queries = [each for each in operation["parameters"] if each["in"] == "query"]
    if queries:
        yield "| query | type | |"
        yield "|---|---|---|"
        yield from (_parameter(each) for each in queries)
        yield ""
    if "requestBody" in operation:
        yield f"Body: {_type(_json_schema(operation['requestBody']))}."
        yield ""
    yield f"Answer: {_answers(operation['responses'])}."
    yield ""


def _terms(operation: Json) -> str:
    replayed = any(each["in"] == "header" for each in operation["parameters"])
    scope = operation.get("x-scope")
    words = [f"Scope `{scope}`" if scope else "Public", *(["*idempotent*"] if replayed else [])]
    return ", ".join(words) + "."


def _parameter(parameter: Json) -> str:
    needed = ", needed" if parameter["required"] else ""
    described = f"{_type(parameter['schema'])}{needed}"
    return f"| `{parameter['name']}` | {described} | {parameter['description']} |"


def _answers(responses: Json) -> str:
    good = {status: each for status, each in responses.items() if status.isdigit()}
    kinds = [_type(_json_schema(each)) for each in good.values() if "content" in each]
    statuses = " or ".join(f"`{status}`" for status in good)
    return f"{statuses} with {kinds[0]}" if kinds else statuses


def _json_schema(content: Json) -> Json:
    schema: Json = next(iter(content["content"].values()))["schema"]
    return schema


def _body(name: str, schema: Json) -> Iterator[str]:
    yield f'### <a id="{name}"></a>{name}'
    yield ""
    yield " ".join(schema.get("description", "").split())
    yield ""
    if "enum" in schema:
        yield "One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + "."
        yield ""
    members = schema.get("properties", {})
    if members:
        needed = schema.get("required", ())
        yield "| member | type | |"
        yield "|---|---|---|"
        for member, inner in members.items():
            yield f"| `{member}` | {_type(inner)} | {_note(inner, needed=member in needed)} |"
        yield ""


def _note(schema: Json, *, needed: bool) -> str:
    if needed:
        return "needed"
    default = schema.get("default")
    return "" if default in (None, [], {}, "") else f"default `{_literal(default)}`"


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(schema: Json) -> str:
    """Say in a few words what a value is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    if "const" in schema:
        return f"`{_literal(schema['const'])}`"
    if "enum" in schema:
        return " or ".join(f"`{_literal(each)}`" for each in schema["enum"])
    return _plain_type(schema)


def _plain_type(schema: Json) -> str:
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}" + _limits(schema, "minItems", "maxItems")
    if kind == "object":
        values = _values_of(schema)
        inner = f" of {_type(values)} by name" if values else ""
        return f"object{inner}" + _limits(schema, "minProperties", "maxProperties")
    if kind == "string":
        words = schema.get("format", "text") + _limits(schema, "minLength", "maxLength")
        pattern = schema.get("pattern")
        return words if pattern is None else f"{words}, like `{_in_table(pattern)}`"
    if kind == "null":
        return "null"
    return str(kind) + _limits(schema, "minimum", "maximum")


def _values_of(schema: Json) -> Json | None:
    patterns: Json = schema.get("patternProperties", {})
    values = next(iter(patterns.values()), schema.get("additionalProperties"))
    return values if isinstance(values, dict) else None


def _limits(schema: Json, least: str, most: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if low is None and high is None:
        return ""
    if high is None:
        return f" (from {low})"
    return f" ({low or 0} to {high:,})"


def _in_table(pattern: str) -> str:
    return re.sub(r"\|", r"\\|", pattern)


def document() -> Json:
    """The document of the application as it stands."""
    from app import app  # noqa: PLC0415  # needs the API's libraries
    from functions.openapi.document import document as describe  # noqa: PLC0415  # likewise

    described: Json = describe(app.routes, server="https://api.example.com")
    return described


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(document()), "utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
