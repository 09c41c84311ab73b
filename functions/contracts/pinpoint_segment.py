"""A segment of Amazon Pinpoint becomes the definition of an audience, as far as it can.

Takes what GetSegment answers and what CreateSegment is given (WriteSegmentRequest). Source of the
form: https://docs.aws.amazon.com/pinpoint/latest/apireference/apps-application-id-segments.html
What has no counterpart is left out and reported with what that does to the audience.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from functions.contracts.pinpoint_dimensions import Condition, Lack, conditions
from functions.contracts.segment_document import BadDefinition, node_from_json
from functions.contracts.segment_fields import Json
from functions.domain.segment import MAX_NODES

_WORD_BY_TYPE = {"ALL": "all", "ANY": "any", "NONE": "none"}


class Effect(StrEnum):
    """What it does to the audience that something was left out, or not taken exactly.

    ``UNCLEAR``: of a segment of which nothing was translated.
    """

    WIDER = "wider"
    NARROWER = "narrower"
    APPROXIMATE = "approximate"
    UNCLEAR = "unclear"


_EFFECT_BY_WORD = {"all": Effect.WIDER, "any": Effect.NARROWER, "none": Effect.WIDER}
_FLIPPED = {Effect.WIDER: Effect.NARROWER, Effect.NARROWER: Effect.WIDER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Untranslated:
    """A part of a segment that the audience does not have, or not exactly."""

    pointer: str
    lack: Lack
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The audience's definition, None when nothing could be translated, and what is missing."""

    definition: Json | None
    untranslated: tuple[Untranslated, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What the caller says about the move.

    ``activity`` is the event that stands for having used the app; ``audiences`` are those that
    source segments became, by the segments' ids.
    """

    activity: str | None = None
    audiences: Mapping[str, str]


def translate(segment: Mapping[str, Any], moved: Moved, *, pointer: str) -> Translation:
    """Translate the segment that stands at ``pointer`` of a body."""
    whole = _Translator(moved).segment(segment, pointer)
    if whole.definition is None:
        return replace(
            whole,
            untranslated=tuple(replace(each, effect=Effect.UNCLEAR) for each in whole.untranslated),
        )
    if _size(whole.definition) > MAX_NODES:
        too_large = Untranslated(pointer=pointer, lack=Lack.TOO_LARGE, effect=Effect.UNCLEAR)
        return Translation(definition=None, untranslated=(too_large,))
    return whole


def _size(definition: Json) -> int:
    inner = [each for word in _EFFECT_BY_WORD for each in definition.get(word, ())]
    return 1 + sum(map(_size, inner))


def _left_out(pointer: str, lack: Lack) -> Translation:
    missing = Untranslated(pointer=pointer, lack=lack, effect=Effect.UNCLEAR)
    return Translation(definition=None, untranslated=(missing,))


class _Translator:
    """Walks down one segment."""

    def __init__(self, moved: Moved) -> None:
        self.moved = moved

    def segment(self, segment: Mapping[str, Any], pointer: str) -> Translation:
        parts = []
        if "Dimensions" in segment:
            parts.append(self._dimensions(segment["Dimensions"], f"{pointer}/Dimensions"))
        if "SegmentGroups" in segment:
            parts.append(self._groups(segment["SegmentGroups"], f"{pointer}/SegmentGroups"))
        if segment.get("SegmentType") == "IMPORT" or "ImportDefinition" in segment:
            # Its dimensions are an empty object: its members were a file's.
            parts = [_left_out(f"{pointer}/ImportDefinition", Lack.IMPORTED_MEMBERS)]
        return combined("all", parts) if parts else _left_out(pointer, Lack.MALFORMED)

    def _groups(self, given: object, pointer: str) -> Translation:
        if not isinstance(given, dict) or not isinstance(given.get("Groups"), list):
            return _left_out(pointer, Lack.MALFORMED)
        word = _word(given, "Include")
        if word is None:
            return _left_out(f"{pointer}/Include", Lack.MALFORMED)
        below = f"{pointer}/Groups"
        return combined(
            word,
            [self._group(each, f"{below}/{place}") for place, each in enumerate(given["Groups"])],
        )

    def _group(self, given: object, pointer: str) -> Translation:
        if not isinstance(given, dict):
            return _left_out(pointer, Lack.MALFORMED)
        parts = [
            self._listed(given, "SourceSegments", "SourceType", pointer),
            self._listed(given, "Dimensions", "Type", pointer),
        ]
        return combined("all", [each for each in parts if each is not None])

    def _listed(self, group: Json, key: str, type_key: str, pointer: str) -> Translation | None:
        given = group.get(key)
        if given is None or given == []:
            return None
        word = _word(group, type_key)
        if word is None or not isinstance(given, list):
            return _left_out(f"{pointer}/{type_key if word is None else key}", Lack.MALFORMED)
        one = self._source if key == "SourceSegments" else self._dimensions
        return combined(
            word, [one(each, f"{pointer}/{key}/{place}") for place, each in enumerate(given)]
        )

    def _source(self, given: object, pointer: str) -> Translation:
        segment_id = given.get("Id") if isinstance(given, dict) else None
        audience_id = self.moved.audiences.get(str(segment_id))
        if audience_id is None:
            return _left_out(pointer, Lack.SOURCE_SEGMENT)
        return Translation(definition={"audience": audience_id})

    def _dimensions(self, given: object, pointer: str) -> Translation:
        if not isinstance(given, dict):
            return _left_out(pointer, Lack.MALFORMED)
        found = conditions(given, pointer, activity=self.moved.activity)
        return combined("all", [_checked(each) for each in found])


def _word(given: Json, key: str) -> str | None:
    """How parts combine; where nothing is said, all must hold."""
    return _WORD_BY_TYPE.get(str(given.get(key) or "ALL"))


def _checked(condition: Condition) -> Translation:
    if condition.definition is None:
        return _left_out(condition.pointer, condition.lack or Lack.MALFORMED)
    try:
        node_from_json(condition.definition)
    except BadDefinition:
        return _left_out(condition.pointer, Lack.UNUSABLE_VALUE)
    lacks = () if condition.lack is None else (condition.lack,)
    return Translation(
        definition=condition.definition,
        untranslated=tuple(
            Untranslated(pointer=condition.pointer, lack=lack, effect=Effect.APPROXIMATE)
            for lack in lacks
        ),
    )


def combined(word: str, parts: Iterable[Translation]) -> Translation:
    """Put translated parts together; what was left out gets its effect by how they combine."""
    parts = tuple(parts)
    missing = tuple(
        _with_effect(each, word, left_out=part.definition is None)
        for part in parts
        for each in part.untranslated
    )
    nodes = [part.definition for part in parts if part.definition is not None]
    if parts and not nodes:
        return Translation(definition=None, untranslated=missing)
    only_one = len(nodes) == 1 and word != "none"
    return Translation(definition=nodes[0] if only_one else {word: nodes}, untranslated=missing)


def _with_effect(missing: Untranslated, word: str, *, left_out: bool) -> Untranslated:
    if left_out:
        return replace(missing, effect=_EFFECT_BY_WORD[word])
    if word == "none":
        return replace(missing, effect=_FLIPPED.get(missing.effect, missing.effect))
    return missing
