"""How audiences look in answers."""

from datetime import date

from functions.audiences.moving import TEXT_BY_LACK, MovedAudience
from functions.content.segment_print import text_of
from functions.contracts.segment_document import node_from_json
from functions.domain.audience import Audience, Membership
from functions.domain.preview import Preview
from functions.domain.refresh import Refresh
from functions.domain.segment_explain import Explained
from functions.domain.usage import USAGE_CURRENCY, Usage
from functions.runtime.http import Json


def audience_view(audience: Audience) -> Json:
    """An audience with its members' counts."""
    return {
        "audience_id": audience.audience_id,
        "name": audience.name,
        "definition": dict(audience.definition),
        "text": text_of(node_from_json(audience.definition)),
        "version": audience.version,
        "live": audience.live,
        "refresh": "once" if audience.fixed else "daily",
        "created": audience.created.isoformat(),
        "changed": audience.changed.isoformat(),
        "members": None if audience.members is None else _membership_view(audience.members),
    }


def moved_view(moved: MovedAudience) -> Json:
    """An audience that was a segment, with what it lacks of that."""
    untranslated = [
        {
            "pointer": each.pointer,
            "code": str(each.lack),
            "message": TEXT_BY_LACK[each.lack],
            "effect": str(each.effect),
        }
        for each in moved.untranslated
    ]
    return audience_view(moved.audience) | {"untranslated": untranslated}


def _membership_view(members: Membership) -> Json:
    return {
        "run_id": members.run_id.partition(".")[0],
        "day": members.day.isoformat(),
        "at": members.at.isoformat(),
        "count": members.count,
        "entered": members.entered,
        "left": members.left,
    }


def preview_view(preview: Preview) -> Json:
    """What an audience would be."""
    return {
        "count": preview.count,
        "exact": preview.margin == 0,
        "margin": preview.margin,
        "people": preview.people,
        "day": preview.day.isoformat(),
        "sample": [{"contact_id": each} for each in preview.sample],
    }


def refresh_view(refresh: Refresh) -> Json:
    """How far a refresh has come."""
    finished = refresh.finished
    return {
        "run_id": refresh.run_id,
        "status": refresh.status,
        "day": refresh.day.isoformat(),
        "started": refresh.started.isoformat(),
        "finished": None if finished is None else finished.isoformat(),
        "seconds": None
        if finished is None
        else round((finished - refresh.started).total_seconds(), 1),
        "people": refresh.people,
        "usage": None if finished is None else _usage_view(refresh.usage),
        "segments": refresh.segments,
        "shards": refresh.shards,
    }


def _usage_view(usage: Usage) -> Json:
    return {
        "read_units": round(usage.read_units, 1),
        "gb_seconds": round(usage.gb_s, 1),
        "files_written": usage.written,
        "files_read": usage.read,
        "cost": {"micros": usage.micros, "currency": USAGE_CURRENCY},
    }


def explained_view(explained: Explained) -> Json:
    """Each condition with what it saw."""
    saw = explained.saw
    return {
        "pointer": explained.pointer,
        "holds": explained.value,
        "saw": saw.isoformat() if isinstance(saw, date) else saw,
        "inner": [explained_view(each) for each in explained.nodes],
    }
