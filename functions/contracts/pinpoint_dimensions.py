"""The dimensions of a segment of Amazon Pinpoint, each as a condition of an audience.

Source of the operators: https://docs.aws.amazon.com/pinpoint/latest/apireference/
apps-application-id-segments.html (AttributeDimension, MetricDimension, SetDimension,
RecencyDimension, GPSPointDimension).
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from functions.contracts.segment_fields import Json, escaped
from functions.domain.pinpoint_names import Kept, attribute_name, device_name, location_name

_OP_BY_COMPARISON = {
    "EQUAL": "equals",
    "GREATER_THAN": "more",
    "LESS_THAN": "less",
    "GREATER_THAN_OR_EQUAL": "at_least",
    "LESS_THAN_OR_EQUAL": "at_most",
}
_DAYS_BY_DURATION = {"HR_24": 1, "DAY_7": 7, "DAY_14": 14, "DAY_30": 30}
_KEPT_BY_KEY = {"Attributes": Kept.ATTRIBUTE, "UserAttributes": Kept.USER_ATTRIBUTE}
_KEPT_DEVICE_FIELDS = ("AppVersion", "Make", "Model", "Platform")
_KM_PER_DEGREE = 111.32
"""Of latitude; of longitude at the equator."""
_POLE, _DATE_LINE = 90.0, 180.0


class Lack(StrEnum):
    """Why a part of a segment is not in the audience, or not exactly."""

    MALFORMED = "not_a_segment"
    UNKNOWN_DIMENSION = "unknown_dimension"
    UNUSABLE_VALUE = "unusable_value"
    NOT_KEPT = "not_kept"
    NEEDS_ACTIVITY = "needs_activity"
    SOURCE_SEGMENT = "source_segment"
    IMPORTED_MEMBERS = "imported_members"
    TOO_LARGE = "too_many_conditions"
    BY_DAY = "by_day"
    BOX_FOR_CIRCLE = "box_for_circle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What one criterion became: None with why not; with a ``lack``, not exactly the same."""

    pointer: str
    definition: Json | None = None
    lack: Lack | None = None


class _Untranslatable(Exception):
    def __init__(self, lack: Lack) -> None:
        super().__init__(lack)
        self.lack = lack


_Found = tuple[Json, Lack | None]
_Translate = Callable[[Any], _Found]


def conditions(dimensions: Json, pointer: str, *, activity: str | None) -> Iterator[Condition]:
    """Give one condition for each criterion of a SegmentDimensions object."""
    for key, given in dimensions.items():
        below = f"{pointer}/{escaped(key)}"
        if not isinstance(given, dict):
            yield Condition(pointer=below, lack=Lack.MALFORMED)
            continue
        for name, criterion in given.items():
            yield _condition(
                f"{below}/{escaped(name)}", criterion, _translate_of(key, name, activity)
            )


def _condition(pointer: str, criterion: object, translate: _Translate) -> Condition:
    try:
        definition, lack = translate(criterion)
    except _Untranslatable as why:
        return Condition(pointer=pointer, lack=why.lack)
    except (KeyError, TypeError, ValueError, OverflowError):
        # The body is whatever somebody exported: what is not of the form ends here.
        return Condition(pointer=pointer, lack=Lack.MALFORMED)
    return Condition(pointer=pointer, definition=definition, lack=lack)


def _translate_of(key: str, name: str, activity: str | None) -> _Translate:
    if key in _KEPT_BY_KEY:
        return lambda given: _attribute(attribute_name(_KEPT_BY_KEY[key], name), given)
    match key, name:
        case "Metrics", _:
            return lambda given: _metric(attribute_name(Kept.METRIC, name), given)
        case "Behavior", "Recency":
            return lambda given: _recency(activity, given)
        case "Demographic", _:
            return lambda given: _demographic(name, given)
        case "Location", _:
            return _TRANSLATE_BY_PLACE.get(name, _unknown)
        case _:
            return _unknown


def _unknown(_: object) -> _Found:
    raise _Untranslatable(Lack.UNKNOWN_DIMENSION)


def _attribute(name: str, given: Mapping[str, Any]) -> _Found:
    values = _texts(given["Values"])
    match given.get("AttributeType", "INCLUSIVE"):
        case "INCLUSIVE":
            return _one_of(name, values), None
        case "EXCLUSIVE":
            return {"none": [_one_of(name, values)]}, None
        case "CONTAINS":
            return _any_of([{"attribute": name, "contains": each} for each in values]), None
        case "BEFORE" | "AFTER" | "ON" as operator:
            moments = [_moment(each) for each in values]
            windows = [_window(operator, each) for each in moments]
            exact = operator == "ON" or all(map(_is_midnight, moments))
            return _any_of([_dated(name, each) for each in windows]), _by_day(exact=exact)
        case "BETWEEN":
            return _between(name, values)
        case _:
            raise _Untranslatable(Lack.MALFORMED)


def _between(name: str, values: list[str]) -> _Found:
    start, end = map(_moment, values)
    window = {"from": start.date().isoformat(), "to": end.date().isoformat()}
    return _dated(name, window), _by_day(exact=_is_midnight(start) and _is_midnight(end))


def _window(operator: str, moment: datetime) -> Json:
    day = moment.date()
    match operator:
        case "BEFORE":
            last = day - timedelta(days=1) if _is_midnight(moment) else day
            return {"to": last.isoformat()}
        case "AFTER":
            return {"from": day.isoformat()}
        case _:
            return {"from": day.isoformat(), "to": day.isoformat()}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _is_midnight(moment: datetime) -> bool:
    return moment.time() == time.min


def _by_day(*, exact: bool) -> Lack | None:
    return None if exact else Lack.BY_DAY


def _dated(name: str, window: Json) -> Json:
    return {"attribute": name, "within": window}


def _metric(name: str, given: Mapping[str, Any]) -> _Found:
    return {"attribute": name, _OP_BY_COMPARISON[given["ComparisonOperator"]]: given["Value"]}, None


def _recency(activity: str | None, given: Mapping[str, Any]) -> _Found:
    days = _DAYS_BY_DURATION[given["Duration"]]
    if activity is None:
        raise _Untranslatable(Lack.NEEDS_ACTIVITY)
    active = {"event": activity, "window": {"last_days": days}}
    match given["RecencyType"]:
        case "ACTIVE":
            return active, Lack.BY_DAY
        case "INACTIVE":
            return {"none": [active]}, Lack.BY_DAY
        case _:
            raise _Untranslatable(Lack.MALFORMED)


def _demographic(name: str, given: Mapping[str, Any]) -> _Found:
    if name in _KEPT_DEVICE_FIELDS:
        return _set(device_name(name), given)
    if name == "Channel":
        return _channel(given)
    raise _Untranslatable(Lack.NOT_KEPT if name == "DeviceType" else Lack.UNKNOWN_DIMENSION)


def _channel(given: Mapping[str, Any]) -> _Found:
    """Push and custom endpoints are not moved, so nobody can be asked for theirs."""
    values = _texts(given["Values"])
    if not set(values) <= {"SMS", "EMAIL"}:
        raise _Untranslatable(Lack.NOT_KEPT)
    return _included(_any_of([{"reachable": each.lower()} for each in values]), given), None


def _set(name: str, given: Mapping[str, Any]) -> _Found:
    return _included(_one_of(name, _texts(given["Values"])), given), None


def _included(condition: Json, given: Mapping[str, Any]) -> Json:
    match given.get("DimensionType", "INCLUSIVE"):
        case "INCLUSIVE":
            return condition
        case "EXCLUSIVE":
            return {"none": [condition]}
        case _:
            raise _Untranslatable(Lack.MALFORMED)


def _gps_point(given: Mapping[str, Any]) -> _Found:
    """A circle becomes the box around it."""
    latitude, longitude = given["Coordinates"]["Latitude"], given["Coordinates"]["Longitude"]
    # Pinpoint matches exactly the coordinates where no range is given.
    height = given.get("RangeInKilometers", 0) / _KM_PER_DEGREE
    sides = [_side("Latitude", latitude, height)]
    if abs(latitude) + height < _POLE:
        width = height / math.cos(math.radians(abs(latitude) + height))
        if abs(longitude) + width <= _DATE_LINE:
            sides.append(_side("Longitude", longitude, width))
    return {"all": sides}, Lack.BOX_FOR_CIRCLE


def _side(field: str, middle: float, half: float) -> Json:
    return {"attribute": location_name(field), "between": [middle - half, middle + half]}


def _texts(values: object) -> list[str]:
    if not isinstance(values, list) or not values:
        raise _Untranslatable(Lack.MALFORMED)
    if not all(isinstance(each, str) for each in values):
        raise _Untranslatable(Lack.MALFORMED)
    return values


def _one_of(name: str, values: list[str]) -> Json:
    only_one = len(values) == 1
    return (
        {"attribute": name, "equals": values[0]} if only_one else {"attribute": name, "in": values}
    )


def _any_of(definitions: list[Json]) -> Json:
    return definitions[0] if len(definitions) == 1 else {"any": definitions}


_TRANSLATE_BY_PLACE: Mapping[str, _Translate] = {
    "Country": lambda given: _set(location_name("Country"), given),
    "GPSPoint": _gps_point,
}
