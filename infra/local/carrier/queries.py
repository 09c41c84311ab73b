"""Reading of list parameters and selection of messages, groups and refusals."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import dropwhile, islice
from typing import TYPE_CHECKING, Final, TypeVar

from infra.local.carrier.errors import invalid
from infra.local.carrier.limits import PAGE_DEFAULT, PAGE_MAX
from infra.local.carrier.registration import read_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from infra.local.carrier.records import Denial, Group, Message
    from infra.local.carrier.registry import Registry
    from infra.local.carrier.store import Store

_Record = TypeVar("_Record")
_INDEXED: Final = re.compile(r"(\w+)\[(?:\d*|in)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The part of a list that is wanted; ``start_key`` is the first id of the page."""

    start_key: str | None
    limit: int


def parameters(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Read a query string in any of the spellings the SDKs use.

    ``start_key`` and ``startKey`` are the same; lists come as ``messageIds[0]=a``, as a repeated
    ``messageIds`` or as the Python text ``['a', 'b']``; ``criteria=to&cond=eq&value=…`` is folded
    into ``to=…``.
    """
    values: dict[str, list[str]] = {}
    for key, value in pairs:
        indexed = _INDEXED.fullmatch(key)
        name = _camel(indexed.group(1) if indexed else key)
        values.setdefault(name, []).extend(_items(value))
    _fold_criteria(values)
    return values


def page(values: Mapping[str, Sequence[str]]) -> Page:
    """Read startKey and limit.

    Raises:
        ApiError: 400 when the limit is not a number from 1 to 500.

    """
    raw = first(values, "limit") or str(PAGE_DEFAULT)
    if not (raw.isascii() and raw.isdecimal() and 1 <= int(raw[:6]) <= PAGE_MAX):
        message = "limit은 1에서 500까지의 숫자여야 합니다."
        raise invalid(message)
    return Page(start_key=first(values, "startKey"), limit=int(raw))


def cut(
    newest_first: Iterable[_Record], wanted: Page, *, key: Callable[[_Record], str]
) -> tuple[list[_Record], str | None]:
    """Cut one page out of a list; the second value is the startKey of the next page."""
    rest = newest_first
    if wanted.start_key is not None:
        rest = dropwhile(lambda record: key(record) != wanted.start_key, newest_first)
    records = list(islice(rest, wanted.limit + 1))
    following = key(records[-1]) if len(records) > wanted.limit else None
    return records[: wanted.limit], following


def messages(values: Mapping[str, Sequence[str]], *, store: Store) -> Iterable[Message]:
    """Select messages, newest first."""
    fits = _message_filter(values)
    return (message for message in reversed(_candidates(values, store)) if fits(message))


def groups(values: Mapping[str, Sequence[str]], *, store: Store) -> Iterable[Group]:
    """Select groups, newest first."""
    wanted = first(values, "groupId")
    start, end = dates(values)
    for group in reversed(store.groups.values()):
        if wanted in (None, group.group_id) and start <= group.created <= end:
            yield group


def denials(values: Mapping[str, Sequence[str]], *, registry: Registry) -> Iterable[Denial]:
    """Select 080 refusals, newest first."""
    sender = first(values, "senderNumber")
    start, end = dates(values, start="dateCreated[gte]", end="dateCreated[lte]")
    for denial in reversed(registry.denials.values()):
        if sender in (None, denial.sender) and start <= denial.created <= end:
            yield denial


def dates(
    values: Mapping[str, Sequence[str]], *, start: str = "startDate", end: str = "endDate"
) -> tuple[float, float]:
    """Read two dates as seconds since 1970, unbounded where absent."""
    low, high = first(values, start), first(values, end)
    return (
        read_date(low).timestamp() if low else float("-inf"),
        read_date(high).timestamp() if high else float("inf"),
    )


def first(values: Mapping[str, Sequence[str]], name: str) -> str | None:
    """Give the first value of a parameter, or None."""
    found = [value for value in values.get(name, ()) if value]
    return found[0] if found else None


def _candidates(values: Mapping[str, Sequence[str]], store: Store) -> Sequence[Message]:
    """Take the smallest ready-made list that holds every match, oldest first."""
    wanted_ids = [*values.get("messageIds", ()), *values.get("messageId", ())]
    if wanted_ids:
        found = {key: store.messages[key] for key in wanted_ids if key in store.messages}
        return sorted(found.values(), key=lambda message: message.created)
    group_id, to = first(values, "groupId"), first(values, "to")
    if group_id is not None:
        group = store.groups.get(group_id)
        return group.messages if group else ()
    return _by_phone_or_time(values, store, to=to)


def _by_phone_or_time(
    values: Mapping[str, Sequence[str]], store: Store, *, to: str | None
) -> Sequence[Message]:
    if to is not None:
        return store.to_phone(to)
    if first(values, "dateType") == "UPDATED":
        return store.timeline
    start, end = dates(values)
    key = first(values, "startKey")
    if key in store.messages:
        end = min(end, store.messages[key].created)
    return store.created_between(start, end)


def _message_filter(values: Mapping[str, Sequence[str]]) -> Callable[[Message], bool]:
    start, end = dates(values)
    by_update = first(values, "dateType") == "UPDATED"
    kinds = {kind.upper() for kind in values.get("type", ())}
    codes = set(values.get("statusCode", ()))
    group_id, to, sender = (first(values, name) for name in ("groupId", "to", "from"))

    def fits(message: Message) -> bool:
        draft = message.draft
        return (
            start <= (message.updated if by_update else message.created) <= end
            and group_id in (None, message.group.group_id)
            and to in (None, draft.to)
            and sender in (None, draft.sender)
            and (not kinds or draft.type in kinds)
            and (not codes or message.status_code in codes)
        )

    return fits


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _items(value: str) -> list[str]:
    if not (value.startswith("[") and value.endswith("]")):
        return [value]
    try:
        read = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return [value]
    return [str(item) for item in read]


def _fold_criteria(values: dict[str, list[str]]) -> None:
    names = ",".join(values.pop("criteria", [])).split(",")
    conditions = ",".join(values.pop("cond", [])).split(",")
    wanted = ",".join(values.pop("value", [])).split(",")
    for name, condition, value in zip(names, conditions, wanted, strict=False):
        if condition not in ("", "eq"):
            message = "cond는 eq만 지원합니다."
            raise invalid(message)
        if name:
            values.setdefault(_camel(name), []).append(value)
