import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from functions.contracts.segment_document import BadDefinition, node_from_json, node_to_json
from functions.contracts.segment_schema import definition_schema
from functions.domain.segment import EVERYONE, MAX_LISTED, MAX_NODES, All, Node, OneOf
from tests.segments import definitions

_SCHEMA = Draft202012Validator(
    {"$defs": {"node": definition_schema("#/$defs/node")}, "$ref": "#/$defs/node"}
)
_DEEP: dict = {"group": "vip"}
for _ in range(10):
    _DEEP = {"all": [_DEEP]}


def errors(document: object) -> list[tuple[str, str]]:
    with pytest.raises(BadDefinition) as caught:
        node_from_json(document)
    return [(each.pointer, each.code) for each in caught.value.errors]


@given(definitions(audiences=True))
def test_what_is_written_fits_the_schema(node: Node) -> None:
    _SCHEMA.validate(node_to_json(node))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (None, [("", "wrong_type")]),
        ({}, [("", "one_of")]),
        ({"all": [], "any": []}, [("", "one_of")]),
        ({"all": {}}, [("/all", "wrong_type")]),
        ({"all": [], "x/y~z": 1}, [("/x~1y~0z", "unknown_field")]),
        ({"group": ""}, [("/group", "too_short")]),
        ({"group": 7}, [("/group", "wrong_type")]),
        ({"group": "a\x00"}, [("/group", "invalid_characters")]),
        ({"group": "\ud800"}, [("/group", "invalid_characters")]),
        ({"group": "a" * 201}, [("/group", "too_long")]),
        ({"consent": "sms:everything"}, [("/consent", "not_allowed")]),
        ({"reachable": "pigeon"}, [("/reachable", "not_allowed")]),
        ({"attribute": "a"}, [("", "one_of")]),
        ({"attribute": "a", "less": 1, "more": 2}, [("", "one_of")]),
        ({"attribute": "a", "less": True}, [("/less", "wrong_type")]),
        ({"attribute": "a", "less": "1"}, [("/less", "wrong_type")]),
        ({"attribute": "a", "less": 2**63}, [("/less", "out_of_range")]),
        ({"attribute": "a", "more": float("nan")}, [("/more", "out_of_range")]),
        ({"attribute": "a", "between": [1]}, [("/between", "wrong_type")]),
        ({"attribute": "a", "between": [2, 1]}, [("/between/1", "out_of_range")]),
        ({"attribute": "a", "between": ["x", 1]}, [("/between/0", "wrong_type")]),
        ({"attribute": "a", "in": []}, [("/in", "too_few")]),
        ({"attribute": "a", "in": ["x", None]}, [("/in/1", "wrong_type")]),
        ({"attribute": "a", "in": [1] * (MAX_LISTED + 1)}, [("/in", "too_many")]),
        ({"attribute": "a", "in": "x"}, [("/in", "wrong_type")]),
        ({"attribute": "a", "exists": False}, [("/exists", "not_allowed")]),
        ({"attribute": "a", "contains": 1}, [("/contains", "wrong_type")]),
        ({"attribute": "a", "within": 3}, [("/within", "wrong_type")]),
        ({"attribute": "a", "within": {}}, [("/within", "one_of")]),
        ({"attribute": "a", "within": {"last_days": 0}}, [("/within/last_days", "out_of_range")]),
        ({"attribute": "a", "within": {"last_days": 1.5}}, [("/within/last_days", "wrong_type")]),
        ({"event": "e", "window": {"from": "2027-02-29"}}, [("/window/from", "invalid_format")]),
        ({"event": "e", "window": {"from": "20270201"}}, [("/window/from", "invalid_format")]),
        (
            {"event": "e", "window": {"from": "2027-02-02", "to": "2027-02-01"}},
            [("/window/to", "out_of_range")],
        ),
        ({"event": "e", "at_least": 3}, [("/at_least", "not_allowed")]),
        ({"event": "e", "measure": "average", "less": 1}, [("/measure", "not_allowed")]),
        ({"event": "e", "measure": "sum"}, [("", "one_of")]),
        ({"event": "e", "measure": "sum", "less": 0.5}, [("/less", "wrong_type")]),
        ({"event": "e", "measure": "sum", "less": 10**16}, [("/less", "out_of_range")]),
        ({"event": "e", "measure": "first", "less": 1}, [("", "one_of")]),
        ({"event": "e", "where": 1}, [("/where", "wrong_type")]),
        ({"event": "e", "where": {"in": ["x"]}}, [("/where/property", "wrong_type")]),
        (
            {"event": "e", "where": {"property": "p", "in": ["x", 1]}},
            [("/where/in/1", "wrong_type")],
        ),
    ],
)  # fmt: skip
def test_names_what_is_wrong_by_its_path(document: object, expected: list[tuple[str, str]]) -> None:
    assert errors(document) == expected


def test_names_everything_that_is_wrong_at_once() -> None:
    document = {
        "any": [
            {"attribute": "", "less": "x"},
            {"event": "e", "measure": "first", "within": {"last_days": 0}, "colour": 1},
            {"none": [{"reachable": "pigeon"}]},
        ]
    }

    assert errors(document) == [
        ("/any/0/attribute", "too_short"),
        ("/any/0/less", "wrong_type"),
        ("/any/1/colour", "unknown_field"),
        ("/any/1/within/last_days", "out_of_range"),
        ("/any/2/none/0/reachable", "not_allowed"),
    ]


def test_takes_ten_levels_and_not_one_more() -> None:
    assert isinstance(node_from_json(_DEEP["all"][0]), All)
    assert errors(_DEEP) == [("/all/0" * 10, "too_deep")]


def test_takes_two_hundred_nodes_and_not_one_more() -> None:
    most = [{"group": "vip"}] * (MAX_NODES - 1)

    assert isinstance(node_from_json({"all": most}), All)
    assert errors({"all": [*most, {"group": "vip"}]}) == [("", "too_large")]


def test_one_value_in_a_list_is_the_same_as_equals() -> None:
    node = node_from_json({"attribute": "a", "in": ["x"]})

    assert node_to_json(node) == {"attribute": "a", "equals": "x"}
    assert node.test == OneOf(("x",))  # type: ignore[union-attr]


def test_everyone_is_all_of_nothing() -> None:
    assert node_from_json({"all": []}) == EVERYONE


def test_an_error_stands_where_the_definition_stands_in_the_body() -> None:
    with pytest.raises(BadDefinition) as caught:
        node_from_json({"group": 1}, "/definition")

    assert caught.value.errors[0].pointer == "/definition/group"
