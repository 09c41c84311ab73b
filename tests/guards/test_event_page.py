"""docs/event-schema.md is what infra/event_docs.py makes of the code."""

from functions.contracts.event_schema import MEANING_BY_TYPE
from functions.domain.message_event import EventType
from infra import event_docs

_HOW = "run `.venv/bin/python -m infra.event_docs`"


def test_the_schema_of_events_is_up_to_date() -> None:
    assert event_docs.PAGE.read_text("utf-8") == event_docs.page(), _HOW


def test_every_type_of_event_says_what_it_means() -> None:
    assert list(MEANING_BY_TYPE) == list(EventType)
