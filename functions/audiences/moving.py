"""Audiences that were segments of Amazon Pinpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.audiences.ports import AudienceDeps
from functions.audiences.service import AudienceRequest, create
from functions.contracts.errors import FieldError, InvalidInput
from functions.contracts.pinpoint_dimensions import Lack
from functions.contracts.pinpoint_segment import Moved, Untranslated, translate
from functions.domain.audience import Audience
from functions.domain.ids import AudienceId

_SEGMENT = "/segment"
_MAX_NAME_CHARS = 200
TEXT_BY_LACK: Mapping[Lack, str] = {
    Lack.MALFORMED: "This is not of the form of a segment of Amazon Pinpoint.",
    Lack.UNKNOWN_DIMENSION: "This dimension is not known.",
    Lack.UNUSABLE_VALUE: "The name or a value cannot stand in an audience.",
    Lack.NOT_KEPT: "What this looks at is not kept here.",
    Lack.NEEDS_ACTIVITY: "Name in activity the event that stands for using the app.",
    Lack.SOURCE_SEGMENT: "Name in audiences the audience that this segment became.",
    Lack.IMPORTED_MEMBERS: "Its members are those of a file: import the file into a group.",
    Lack.TOO_LARGE: "It has more conditions than an audience may have.",
    Lack.BY_DAY: "Whole days are compared, not times of day.",
    Lack.BOX_FOR_CIRCLE: "The box around the circle is asked for.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedAudience:
    """An audience and what it lacks of the segment."""

    audience: Audience
    untranslated: Sequence[Untranslated]


def import_segment(
    segment: Mapping[str, Any],
    moved: Moved,
    *,
    name: str | None,
    audience_id: AudienceId,
    deps: AudienceDeps,
    now: datetime,
) -> MovedAudience:
    """Define the audience that a segment describes.

    Raises InvalidInput naming each part when nothing of it could be translated.
    """
    found = translate(segment, moved, pointer=_SEGMENT)
    if found.definition is None:
        raise InvalidInput.of(*map(_field_error, found.untranslated))
    request = AudienceRequest(
        name=name or _name_of(segment, audience_id), definition=found.definition
    )
    made = create(request, audience_id=audience_id, deps=deps, now=now)
    return MovedAudience(audience=made, untranslated=found.untranslated)


def _name_of(segment: Mapping[str, Any], audience_id: AudienceId) -> str:
    given = segment.get("Name")
    words = given.split() if isinstance(given, str) and given.isprintable() else []
    return " ".join(words)[:_MAX_NAME_CHARS] or audience_id


def _field_error(missing: Untranslated) -> FieldError:
    return FieldError(
        pointer=missing.pointer, code=str(missing.lack), message=TEXT_BY_LACK[missing.lack]
    )
