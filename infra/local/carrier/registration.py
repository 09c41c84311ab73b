"""Acceptance of a send request: expand, check, charge, remember."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from infra.local.carrier import account, codes, drafts, ids, limits, rules
from infra.local.carrier.drafts import Refusal
from infra.local.carrier.errors import ApiError, invalid
from infra.local.carrier.records import Draft, Group, Message

if TYPE_CHECKING:
    from infra.local.carrier.jsonval import JsonObject
    from infra.local.carrier.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A registered group and what was refused of it, with the id each refusal was given."""

    group: Group
    refused: tuple[tuple[str, Refusal], ...]


def register(body: JsonObject, *, state: State, api_key: str = "") -> Outcome:
    """Register the messages of a send request of an account.

    Raises:
        ApiError: 400 for a malformed request, 413 for more than 10,000 messages.

    """
    wanted = _messages(body)
    group = _new_group(body, state=state, api_key=api_key)
    seen: set[tuple[str, str]] = set()
    refused = []
    for raw in wanted:
        result = _register_one(raw, group=group, seen=seen, state=state)
        if isinstance(result, Refusal):
            refused.append((ids.message_id(state.clock.now()), result))
    _close_registration(group, refused=len(refused), state=state)
    for _, refusal in refused:
        state.counters.by_code[refusal.code] += 1
    return Outcome(group=group, refused=tuple(refused))


def add_message(
    draft: Draft, *, group: Group, state: State, is_replacement: bool = False
) -> Message:
    """Remember a checked message as accepted."""
    now = state.clock.now()
    message = Message(
        message_id=ids.message_id(now),
        group=group,
        draft=draft,
        created=now.timestamp(),
        price=account.price(draft.type),
        is_replacement=is_replacement,
    )
    ref = (draft.custom_fields or {}).get(state.knobs.ref_field)
    state.store.add_message(message, ref=ref)
    group.open += 1
    group.charged[draft.type.lower(), draft.country] += 1
    state.counters.events["accepted"] += 1
    return message


def _messages(body: JsonObject) -> list[object]:
    raw = body.get("messages")
    if not isinstance(raw, list) or not raw:
        message = "messages는 비어 있지 않은 배열이어야 합니다."
        raise invalid(message)
    # The list is measured before it is expanded and after, so that one message with a million
    # recipients costs nothing.
    wanted = sum(len(to) if isinstance(to := _to(item), list) else 1 for item in raw)
    if wanted > limits.MESSAGES_PER_REQUEST:
        message = "한 번에 보낼 수 있는 수신번호는 최대 10000건입니다."
        raise ApiError(413, "RecipientsTooMany", message)
    return [one for item in raw for one in drafts.expand(item)]


def _to(item: object) -> object:
    return item.get("to") if isinstance(item, dict) else None


def _new_group(body: JsonObject, *, state: State, api_key: str) -> Group:
    now = state.clock.now()
    agent = body.get("agent")
    agent = agent if isinstance(agent, dict) else {}
    group = Group(
        group_id=ids.group_id(now),
        api_key=api_key,
        created=now.timestamp(),
        updated=now.timestamp(),
        allow_duplicates=body.get("allowDuplicates") is True,
        app_id=_text_or_none(body.get("appId")) or _text_or_none(agent.get("appId")),
        sdk_version=_text_or_none(agent.get("sdkVersion")),
        os_platform=_text_or_none(agent.get("osPlatform")),
        scheduled_for=_scheduled_for(body.get("scheduledDate"), now=now),
    )
    state.store.groups[group.group_id] = group
    return group


def _register_one(
    raw: object, *, group: Group, seen: set[tuple[str, str]], state: State
) -> Message | Refusal:
    result = rules.judge(raw, book=state.book(group.api_key))
    if isinstance(result, Refusal):
        return result
    key = (result.country, result.to)
    if key in seen and not group.allow_duplicates:
        return Refusal(code=codes.DUPLICATE_RECIPIENT, draft=result)
    won = account.price(result.type)
    # A scheduled message is paid when it goes out (korea.md 1.3).
    if group.scheduled_for is None and not state.purse(group.api_key).pay(won):
        return Refusal(code=codes.NO_BALANCE, draft=result)
    seen.add(key)
    if group.scheduled_for is None:
        group.won_requested += won
    return add_message(result, group=group, state=state)


def _close_registration(group: Group, *, refused: int, state: State) -> None:
    group.refused = refused
    state.counters.events["refused"] += refused
    if not group.messages:
        group.status = "FAILED"
    elif group.scheduled_for is not None:
        group.status = "SCHEDULED"


def _scheduled_for(value: object, *, now: datetime) -> float | None:
    """Read scheduledDate; a past date is None, because it means at once (korea.md 1.3)."""
    if value is None or value == "":
        return None
    date = read_date(value)
    if date > now + timedelta(days=limits.SCHEDULE_AHEAD_DAYS):
        message = "예약은 6개월 이내로만 가능합니다."
        raise ApiError(400, "InvalidScheduledDate", message)
    return date.timestamp() if date > now else None


def read_date(value: object) -> datetime:
    """Read an ISO 8601 date; without a zone it is UTC.

    Raises:
        ApiError: 400 when it is something else.

    """
    try:
        date = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        date = None
    if date is None:
        message = "날짜는 ISO 8601 형식이어야 합니다."
        raise invalid(message)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
