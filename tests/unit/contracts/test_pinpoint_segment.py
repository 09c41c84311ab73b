"""A segment of Amazon Pinpoint becomes an audience: every operator, and what is left out."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from functions.contracts.pinpoint_dimensions import Lack
from functions.contracts.pinpoint_segment import Effect, Moved, Translation, translate
from functions.contracts.segment_document import node_from_json

Json = dict[str, Any]
_NOTHING_KNOWN = Moved(audiences={})


def _translated(segment: Json, moved: Moved = _NOTHING_KNOWN) -> Translation:
    return translate(segment, moved, pointer="")


def _of_dimensions(dimensions: Json, moved: Moved = _NOTHING_KNOWN) -> Translation:
    return _translated({"Dimensions": dimensions}, moved)


def _attribute(kind: str, *values: str) -> Json:
    return {"Attributes": {"Colour": {"AttributeType": kind, "Values": list(values)}}}


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        (_attribute("INCLUSIVE", "red"), {"attribute": "Colour", "equals": "red"}),
        (_attribute("INCLUSIVE", "red", "tan"), {"attribute": "Colour", "in": ["red", "tan"]}),
        (
            _attribute("EXCLUSIVE", "red"),
            {"none": [{"attribute": "Colour", "equals": "red"}]},
        ),
        (_attribute("CONTAINS", "re"), {"attribute": "Colour", "contains": "re"}),
        (
            _attribute("CONTAINS", "re", "ta"),
            {
                "any": [
                    {"attribute": "Colour", "contains": "re"},
                    {"attribute": "Colour", "contains": "ta"},
                ]
            },
        ),
        (
            _attribute("BEFORE", "2026-03-01T00:00:00Z"),
            {"attribute": "Colour", "within": {"to": "2026-02-28"}},
        ),
        (
            _attribute("AFTER", "2026-03-01T00:00:00Z"),
            {"attribute": "Colour", "within": {"from": "2026-03-01"}},
        ),
        (
            _attribute("ON", "2026-03-01T09:30:00Z"),
            {"attribute": "Colour", "within": {"from": "2026-03-01", "to": "2026-03-01"}},
        ),
        (
            _attribute("BETWEEN", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
            {"attribute": "Colour", "within": {"from": "2026-03-01", "to": "2026-04-01"}},
        ),
        (
            {"UserAttributes": {"Tier": {"AttributeType": "INCLUSIVE", "Values": ["gold"]}}},
            {"attribute": "user_Tier", "equals": "gold"},
        ),
        (
            {"Location": {"Country": {"DimensionType": "EXCLUSIVE", "Values": ["KR"]}}},
            {"none": [{"attribute": "location_country", "equals": "KR"}]},
        ),
        (
            {"Demographic": {"Channel": {"DimensionType": "INCLUSIVE", "Values": ["SMS"]}}},
            {"reachable": "sms"},
        ),
        (
            {"Demographic": {"Channel": {"DimensionType": "EXCLUSIVE", "Values": ["EMAIL"]}}},
            {"none": [{"reachable": "email"}]},
        ),
        ({}, {"all": []}),
    ],
)
def test_says_the_same(dimensions: Json, expected: Json) -> None:
    found = _of_dimensions(dimensions)

    assert found == Translation(definition=expected)


@pytest.mark.parametrize(
    ("comparison", "op"),
    [
        ("EQUAL", "equals"),
        ("GREATER_THAN", "more"),
        ("LESS_THAN", "less"),
        ("GREATER_THAN_OR_EQUAL", "at_least"),
        ("LESS_THAN_OR_EQUAL", "at_most"),
    ],
)
def test_compares_metrics(comparison: str, op: str) -> None:
    found = _of_dimensions(
        {"Metrics": {"visits": {"ComparisonOperator": comparison, "Value": 3.0}}}
    )

    assert found == Translation(definition={"attribute": "metric_visits", op: 3.0})


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("AppVersion", "device_app_version"),
        ("Make", "device_make"),
        ("Model", "device_model"),
        ("Platform", "device_platform"),
    ],
)
def test_asks_for_devices(field: str, name: str) -> None:
    found = _of_dimensions(
        {"Demographic": {field: {"DimensionType": "INCLUSIVE", "Values": ["x"]}}}
    )

    assert found == Translation(definition={"attribute": name, "equals": "x"})


@pytest.mark.parametrize(
    ("kind", "values", "window"),
    [
        ("BEFORE", ["2026-03-01T09:00:00Z"], {"to": "2026-03-01"}),
        ("AFTER", ["2026-03-01T09:00:00Z"], {"from": "2026-03-01"}),
        (
            "BETWEEN",
            ["2026-03-01T09:00:00Z", "2026-03-02T00:00:00Z"],
            {"from": "2026-03-01", "to": "2026-03-02"},
        ),
    ],
)
def test_tells_that_times_of_day_are_lost(kind: str, values: list[str], window: Json) -> None:
    found = _of_dimensions(_attribute(kind, *values))

    assert found.definition == {"attribute": "Colour", "within": window}
    assert [(each.lack, each.effect) for each in found.untranslated] == [
        (Lack.BY_DAY, Effect.APPROXIMATE)
    ]


@pytest.mark.parametrize(
    ("duration", "days"), [("HR_24", 1), ("DAY_7", 7), ("DAY_14", 14), ("DAY_30", 30)]
)
def test_recency_is_an_event(duration: str, days: int) -> None:
    moved = Moved(activity="visit", audiences={})
    active = {"event": "visit", "window": {"last_days": days}}
    dimension = {"Recency": {"Duration": duration, "RecencyType": "ACTIVE"}}
    inactive = {"Recency": {"Duration": duration, "RecencyType": "INACTIVE"}}

    assert _of_dimensions({"Behavior": dimension}, moved).definition == active
    assert _of_dimensions({"Behavior": inactive}, moved).definition == {"none": [active]}


def test_a_circle_is_the_box_around_it() -> None:
    point = {"Coordinates": {"Latitude": 0.0, "Longitude": 127.0}, "RangeInKilometers": 111.32}
    found = _of_dimensions({"Location": {"GPSPoint": point}})

    assert found.definition is not None
    latitude, longitude = found.definition["all"]
    assert latitude == {"attribute": "location_latitude", "between": [-1.0, 1.0]}
    assert longitude["between"] == pytest.approx([126.0, 128.0], abs=0.001)
    assert [each.lack for each in found.untranslated] == [Lack.BOX_FOR_CIRCLE]


_RED, _KR = _attribute("INCLUSIVE", "red"), {"Location": {"Country": {"Values": ["KR"]}}}
_IS_RED = {"attribute": "Colour", "equals": "red"}
_IN_KR = {"attribute": "location_country", "equals": "KR"}


@pytest.mark.parametrize(("kind", "word"), [("ALL", "all"), ("ANY", "any"), ("NONE", "none")])
def test_groups_and_their_dimensions_combine(kind: str, word: str) -> None:
    group = {"Type": kind, "Dimensions": [_RED, _KR]}
    segment = {"SegmentGroups": {"Include": kind, "Groups": [group, {"Dimensions": [_RED]}]}}

    assert _translated(segment).definition == {word: [{word: [_IS_RED, _IN_KR]}, _IS_RED]}


@pytest.mark.parametrize(("kind", "word"), [("ALL", "all"), ("ANY", "any"), ("NONE", "none")])
def test_source_segments_become_audiences(kind: str, word: str) -> None:
    sources = [{"Id": "s1", "Version": 1}, {"Id": "s2"}]
    group = {"SourceType": kind, "SourceSegments": sources, "Dimensions": [_RED]}
    moved = Moved(audiences={"s1": "aud_1", "s2": "aud_2"})
    found = _translated({"SegmentGroups": {"Groups": [group]}}, moved)

    both = {word: [{"audience": "aud_1"}, {"audience": "aud_2"}]}
    assert found.definition == {"all": [both, _IS_RED]}


_UNKNOWN = {"Demographic": {"DeviceType": {"Values": ["phone"]}}}


@pytest.mark.parametrize(
    ("include", "kind", "effect"),
    [
        ("ALL", "ALL", Effect.WIDER),
        ("ALL", "ANY", Effect.NARROWER),
        ("ALL", "NONE", Effect.WIDER),
        ("NONE", "ALL", Effect.NARROWER),
        ("NONE", "ANY", Effect.WIDER),
        ("NONE", "NONE", Effect.NARROWER),
    ],
)
def test_says_what_leaving_out_does(include: str, kind: str, effect: Effect) -> None:
    group = {"Type": kind, "Dimensions": [_RED, _UNKNOWN]}
    found = _translated({"SegmentGroups": {"Include": include, "Groups": [group]}})

    (missing,) = found.untranslated
    assert (missing.lack, missing.effect) == (Lack.NOT_KEPT, effect)
    assert missing.pointer == "/SegmentGroups/Groups/0/Dimensions/1/Demographic/DeviceType"


def test_a_group_left_out_as_a_whole_has_the_effect_of_its_place() -> None:
    lost = {"Type": "ANY", "Dimensions": [_UNKNOWN]}
    segment = {"SegmentGroups": {"Include": "ALL", "Groups": [lost, {"Dimensions": [_RED]}]}}
    found = _translated(segment)

    assert found.definition == _IS_RED
    assert [each.effect for each in found.untranslated] == [Effect.WIDER]


@pytest.mark.parametrize(
    ("segment", "lack"),
    [
        ({}, Lack.MALFORMED),
        ({"Dimensions": []}, Lack.MALFORMED),
        ({"Dimensions": {"Attributes": {"a": {"Values": "red"}}}}, Lack.MALFORMED),
        ({"Dimensions": _attribute("LIKE", "x")}, Lack.MALFORMED),
        ({"Dimensions": _attribute("BEFORE", "soon")}, Lack.MALFORMED),
        ({"Dimensions": _attribute("BETWEEN", "2026-03-01")}, Lack.MALFORMED),
        ({"Dimensions": _attribute("INCLUSIVE", "x\x00")}, Lack.UNUSABLE_VALUE),
        ({"Dimensions": {"Weather": {"Sun": {}}}}, Lack.UNKNOWN_DIMENSION),
        ({"Dimensions": {"Demographic": {"Channel": {"Values": ["APNS"]}}}}, Lack.NOT_KEPT),
        (
            {"Dimensions": {"Behavior": {"Recency": {"Duration": "DAY_7"}}}},
            Lack.NEEDS_ACTIVITY,
        ),
        (
            {"SegmentGroups": {"Groups": [{"SourceSegments": [{"Id": "s1"}]}]}},
            Lack.SOURCE_SEGMENT,
        ),
        ({"SegmentGroups": {"Include": ["ALL"], "Groups": []}}, Lack.MALFORMED),
        (
            {"SegmentType": "IMPORT", "Dimensions": {}, "ImportDefinition": {}},
            Lack.IMPORTED_MEMBERS,
        ),
        (
            {"SegmentGroups": {"Groups": [{"Dimensions": [_RED] * 201}]}},
            Lack.TOO_LARGE,
        ),
    ],
)
def test_nothing_of_it_can_be_translated(segment: Json, lack: Lack) -> None:
    found = _translated(segment)

    assert found.definition is None
    assert [each.lack for each in found.untranslated] == [lack]


_words = st.sampled_from(
    ["ALL", "ANY", "NONE", "INCLUSIVE", "EXCLUSIVE", "CONTAINS", "BEFORE", "BETWEEN", "EQUAL"]
)
_dates = st.sampled_from(["2026-03-01T00:00:00Z", "2026-01-01T10:00:00Z", "0001-01-01", "x"])
_leaves = st.none() | st.booleans() | st.floats() | st.text(max_size=5) | _words | _dates
_anything = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
_criteria = st.fixed_dictionaries(
    {},
    optional={
        "AttributeType": _words | _anything,
        "DimensionType": _words | _anything,
        "Values": st.lists(_dates | st.text(max_size=5), max_size=3) | _anything,
        "ComparisonOperator": _words | _anything,
        "Value": st.floats() | st.integers() | _anything,
        "Duration": st.sampled_from(["DAY_7", "HR_24"]) | _anything,
        "RecencyType": st.sampled_from(["ACTIVE", "INACTIVE"]) | _anything,
        "Coordinates": st.fixed_dictionaries(
            {"Latitude": st.floats(-90, 90), "Longitude": st.floats(-180, 180)}
        ),
        "RangeInKilometers": st.floats(0, 30_000),
    },
)
_names = st.sampled_from(["Recency", "Channel", "Make", "Country", "GPSPoint"]) | st.text(
    max_size=9
)
_dimensions = st.dictionaries(
    st.sampled_from(
        ["Attributes", "UserAttributes", "Metrics", "Behavior", "Demographic", "Location"]
    ),
    st.dictionaries(_names, _criteria | _anything, max_size=3) | _anything,
)
_groups = st.fixed_dictionaries(
    {},
    optional={
        "Type": _words | _anything,
        "SourceType": _words,
        "Dimensions": st.lists(_dimensions, max_size=3) | _anything,
        "SourceSegments": st.lists(st.fixed_dictionaries({"Id": st.just("s1")}), max_size=2),
    },
)
_segments = st.fixed_dictionaries(
    {},
    optional={
        "Dimensions": _dimensions | _anything,
        "SegmentGroups": st.fixed_dictionaries(
            {"Groups": st.lists(_groups, max_size=3)}, optional={"Include": _words | _anything}
        )
        | _anything,
    },
)


@given(_segments)
def test_what_comes_out_is_a_definition_or_says_why_not(segment: Json) -> None:
    found = _translated(segment, Moved(activity="visit", audiences={"s1": "aud_1"}))

    if found.definition is None:
        assert found.untranslated
    else:
        node_from_json(found.definition)
