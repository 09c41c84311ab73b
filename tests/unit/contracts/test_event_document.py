"""Events as documents: every one is as the schema says."""

import json
from datetime import datetime

from hypothesis import given

from functions.contracts.event_document import EventDocument, event_to_json
from functions.contracts.event_schema import FIELDS, EventField, ValueType, json_schema
from functions.domain.message_event import EventType, MessageEvent, events_of
from tests.events import some_facts

_CHECK_BY_TYPE = {
    ValueType.TEXT: lambda value: isinstance(value, str),
    ValueType.INTEGER: lambda value: type(value) is int,
    ValueType.BOOLEAN: lambda value: type(value) is bool,
    ValueType.MOMENT: lambda value: datetime.fromisoformat(value).utcoffset() is not None,
}


def as_said(field: EventField, value: object, kind: EventType) -> bool:
    if kind not in field.of:
        return value is None
    if value is None:
        return field.nullable
    return _CHECK_BY_TYPE[field.type](value) and (not field.among or value in field.among)


def faults(event: MessageEvent, document: EventDocument) -> list[str]:
    return [each.name for each in FIELDS if not as_said(each, document[each.name], event.type)]


@given(facts=some_facts())
def test_every_document_is_as_the_schema_says(facts) -> None:
    for event in events_of(facts):
        document = event_to_json(event)

        assert list(document) == [each.name for each in FIELDS]
        assert faults(event, document) == []
        assert json.loads(json.dumps(document)) == document


@given(facts=some_facts())
def test_nothing_of_a_recipient_but_the_id_stands_in_it(facts) -> None:
    for event in events_of(facts):
        assert "+8210" not in json.dumps(event_to_json(event))


def test_the_json_schema_names_every_field() -> None:
    schema = json_schema()

    assert schema["required"] == list(schema["properties"]) == [each.name for each in FIELDS]
    assert schema["properties"]["schema_version"] == {
        "description": "Version of this table",
        "type": "integer",
        "const": 1,
    }
    assert schema["properties"]["reason"]["type"] == ["string", "null"]
