import json

import pytest
from hypothesis import given, strategies as st

from functions.content.segment_print import text_of
from functions.content.segment_text import (
    MAX_CHARS,
    SegmentSyntaxError,
    document_from_text,
    reserved_words,
)
from functions.contracts.segment_document import node_from_json, node_to_json
from functions.domain.segment import Attribute, Exists, Node
from tests.segments import definitions

EXAMPLE = (
    'city = "Seoul" and did("purchase", last 90 days) and not did("purchase", last 14 days)'
    ' and count("view", category = "shoes", last 30 days) >= 3 and consent("sms:advertising")'
)


def read(text: str) -> Node:
    return node_from_json(document_from_text(text))


@given(definitions(audiences=True))
def test_what_is_written_is_read_back_exactly(node: Node) -> None:
    text = text_of(node)

    assert repr(read(text)) == repr(node)
    assert text_of(read(text)) == text
    assert len(text.splitlines()) == 1


@given(st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable()))
def test_any_name_of_an_attribute_can_be_written(name: str) -> None:
    assert read(text_of(Attribute(name, Exists()))) == Attribute(name, Exists())


@pytest.mark.parametrize("word", sorted(reserved_words()))
def test_a_word_of_the_language_can_be_the_name_of_an_attribute(word: str) -> None:
    assert read(text_of(Attribute(word, Exists()))) == Attribute(word, Exists())


def test_the_example_means_what_it_says() -> None:
    assert document_from_text(EXAMPLE) == {
        "all": [
            {"attribute": "city", "equals": "Seoul"},
            {"event": "purchase", "window": {"last_days": 90}},
            {"none": [{"event": "purchase", "window": {"last_days": 14}}]},
            {
                "event": "view",
                "where": {"property": "category", "equals": "shoes"},
                "window": {"last_days": 30},
                "measure": "count",
                "at_least": 3,
            },
            {"consent": "sms:advertising"},
        ]
    }
    assert text_of(read(EXAMPLE)) == EXAMPLE


def test_and_binds_tighter_than_or() -> None:
    assert read("a exists or b exists and c exists") == read("a exists or (b exists and c exists)")


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("", 1, "a name"),
        ("city", 5, "="),
        ('city = "Seoul" and', 19, "not"),
        ("city ~ 3", 6, "="),
        ("city = Seoul", 8, 'a text in "quotes"'),
        ('did("purchase", last x days)', 22, "a number"),
        ('city = "Seoul" android exists', 16, "and"),
        ("a exists b", 10, "the end"),
    ],
)
def test_says_where_it_stopped_and_what_may_stand_there(
    text: str, column: int, expected: str
) -> None:
    with pytest.raises(SegmentSyntaxError) as caught:
        read(text)

    assert caught.value.column == column
    assert expected in caught.value.expected


def test_refuses_a_text_beyond_all_measure() -> None:
    with pytest.raises(SegmentSyntaxError):
        read("a exists" + " " * MAX_CHARS)


@given(definitions(audiences=True))
def test_json_is_read_back_exactly(node: Node) -> None:
    document = json.loads(json.dumps(node_to_json(node)))

    assert repr(node_from_json(document)) == repr(node)
