"""The live audiences, remembered by each process for 15 seconds and compiled once a day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from functions.contracts.segment_document import node_from_json
from functions.domain.audience import Audience
from functions.domain.ids import AudienceId
from functions.domain.live_membership import Verdict
from functions.domain.segment import Node, Subject, asks_about_messages
from functions.domain.segment_match import compile_for
from functions.domain.segment_reference import resolve

_FRESH = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAudience:
    """A live audience of ``version``, and who is in it."""

    audience_id: AudienceId
    version: int
    holds: Callable[[Subject], bool]


@dataclass(slots=True)
class LiveDefinitions:
    """Gives the live audiences; ``read`` gives all."""

    read: Callable[[], Sequence[Audience]]
    _known: Sequence[Audience] = ()
    _read_at: datetime | None = None
    _compiled_for: date | None = None
    _compiled: tuple[LiveAudience, ...] = field(default=())

    def any(self, *, now: datetime) -> bool:
        """Whether there is one."""
        return any(each.live for each in self._audiences(now))

    def on(self, today: date, *, now: datetime) -> tuple[LiveAudience, ...]:
        """Give them as they are asked on ``today``, the tenant's local date."""
        known = self._audiences(now)
        if self._compiled_for != today:
            self._compiled = _compiled(known, today)
            self._compiled_for = today
        return self._compiled

    def _audiences(self, now: datetime) -> Sequence[Audience]:
        if self._read_at is None or not timedelta(0) <= now - self._read_at < _FRESH:
            found = self.read()
            if found != self._known:
                self._known, self._compiled_for = found, None
            self._read_at = now
        return self._known


def _compiled(audiences: Sequence[Audience], today: date) -> tuple[LiveAudience, ...]:
    live = [each for each in audiences if each.live]
    if not live:
        return ()
    nodes: dict[str, Node] = {
        each.audience_id: node_from_json(each.definition) for each in audiences
    }
    pairs = [(each, resolve(nodes[each.audience_id], nodes)) for each in live]
    return tuple(
        LiveAudience(
            audience_id=each.audience_id,
            version=each.version,
            holds=compile_for(node, today),
        )
        for each, node in pairs
        # One may come to ask so by a change of an audience that it names.
        if not asks_about_messages(node)
    )


def verdicts_on(
    subject: Subject, audiences: Sequence[LiveAudience]
) -> Mapping[AudienceId, Verdict]:
    """Say of each audience whether the person is in it."""
    return {
        each.audience_id: Verdict(version=each.version, inside=each.holds(subject))
        for each in audiences
    }
