"""Everything that was accepted, findable by id, by the caller's reference and by phone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from infra.local.carrier.records import Phone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.local.carrier.records import Group, Message, Reply


@dataclass(slots=True)
class Store:
    """The carrier's memory of one run."""

    groups: dict[str, Group] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    timeline: list[Message] = field(default_factory=list)
    delivered: list[Message] = field(default_factory=list)
    # Kept in order of last activity, the most recent at the end.
    phones: dict[str, Phone] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    _by_ref: dict[str, list[Message]] = field(default_factory=dict)
    # False once the simulated clock was set back between two messages.
    _in_order: bool = True

    def add_message(self, message: Message, *, ref: str | None) -> None:
        """Index an accepted message."""
        self.messages[message.message_id] = message
        if self.timeline and message.created < self.timeline[-1].created:
            self._in_order = False
        self.timeline.append(message)
        message.group.messages.append(message)
        self._touch(message.draft.to).messages.append(message)
        if ref is not None:
            self._by_ref.setdefault(ref, []).append(message)

    def add_delivery(self, message: Message) -> None:
        """Note that a message reached its phone."""
        self.delivered.append(message)
        self._touch(message.draft.to).delivered += 1

    def add_reply(self, reply: Reply) -> None:
        """Keep what a phone answered."""
        self.replies.append(reply)
        self._touch(reply.phone).replies.append(reply)

    def to_phone(self, number: str) -> Sequence[Message]:
        """List the messages to one number, oldest first."""
        phone = self.phones.get(number)
        return phone.messages if phone else ()

    def with_ref(self, ref: str) -> Sequence[Message]:
        """List the messages that carry this reference, oldest first."""
        return self._by_ref.get(ref, ())

    def created_between(self, start: float | None, end: float | None) -> Sequence[Message]:
        """List the messages accepted from ``start`` to ``end`` inclusive, oldest first."""
        first = float("-inf") if start is None else start
        last = float("inf") if end is None else end
        if not self._in_order:
            return [message for message in self.timeline if first <= message.created <= last]
        low = bisect_left(self.timeline, first, key=_created)
        high = bisect_right(self.timeline, last, key=_created)
        return self.timeline[low:high]

    def recent_phones(self, *, containing: str, limit: int) -> list[Phone]:
        """List phones whose number contains the digits, latest activity first."""
        found = (phone for key, phone in reversed(self.phones.items()) if containing in key)
        return list(islice(found, limit))

    def clear(self) -> None:
        """Forget everything."""
        for mapping in (self.groups, self.messages, self.phones, self._by_ref):
            mapping.clear()
        for sequence in (self.timeline, self.delivered, self.replies):
            sequence.clear()
        self._in_order = True

    def _touch(self, number: str) -> Phone:
        phone = self.phones.pop(number, None) or Phone(number=number)
        self.phones[number] = phone
        return phone


def _created(message: Message) -> float:
    return message.created
