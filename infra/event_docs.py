"""Writes docs/event-schema.md, the schema of events, from the code.

python -m infra.event_docs
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from functions.contracts.event_schema import FIELDS, MEANING_BY_TYPE, EventField, json_schema
from functions.domain.message_event import EventType

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[1] / "docs" / "event-schema.md"

_TEXT = Path(__file__).with_suffix(".md")


def page() -> str:
    """Write the whole page: the text beside this file, with what the code says put in."""
    schema = json.dumps(json_schema(), indent=1, ensure_ascii=False)
    made = {
        "types": "\n".join(_types()),
        "fields": "\n".join(_fields()),
        "json schema": f"```json\n{schema}\n```",
    }
    text = _TEXT.read_text("utf-8")
    for name, part in made.items():
        text = text.replace(f"<!-- {name} -->", part)
    return text


def _types() -> Iterator[str]:
    yield "| type | |"
    yield "|---|---|"
    yield from (f"| `{each}` | {meaning} |" for each, meaning in MEANING_BY_TYPE.items())


def _fields() -> Iterator[str]:
    yield "Every document has every field; what does not apply is null."
    yield ""
    yield "| field | type | of | |"
    yield "|---|---|---|---|"
    yield from map(_field, FIELDS)


def _field(field: EventField) -> str:
    short = [f"`{each.removeprefix('message.')}`" for each in EventType if each in field.of]
    of = "all" if len(short) == len(EventType) else ", ".join(short)
    null = ", or null" if field.nullable else ""
    return f"| `{field.name}` | {field.type}{null} | {of} | {field.meaning}{_among(field)} |"


def _among(field: EventField) -> str:
    if not field.among or field.name in _LISTED_ELSEWHERE:
        return ""
    return ": " + ", ".join(f"`{each}`" for each in field.among)


_LISTED_ELSEWHERE = {"type", "reason"}


def main() -> None:
    """Write it."""
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
