"""From notices that are due to requests for messages."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.contracts.asked import Asked, to_text
from functions.contracts.queues import MessagesRequested
from functions.domain.channel import Channel
from functions.domain.contact import Contact
from functions.domain.ids import MAX_BATCH_SIZE, ContactId
from functions.domain.notice import Notice, NoticeKind, NoticeState
from functions.domain.notice_settings import NoticeRoute, NoticeSettings, words_of
from functions.domain.reason import RefusalReason
from functions.notices.ports import NoticeDeps

_MAY_HEAL = frozenset(
    {
        RefusalReason.NO_ADDRESS,
        RefusalReason.SENDER_NOT_APPROVED,
        RefusalReason.UNKNOWN_CONTACT,
    }
)
"""Why somebody could not be told yesterday, and may be today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """How many notices were asked for, and how many could not be."""

    asked: int
    undeliverable: int


def ask_for(notices: Sequence[Notice], *, deps: NoticeDeps, now: datetime) -> AskedFor:
    """Ask for the messages of those whose time has come and who can be reached."""
    settings, today = deps.notices.settings(), now.astimezone(deps.zone).date()
    ready = [each for each in notices if settings.leaves(each, today=today) and _worth_asking(each)]
    contacts = deps.contacts.get_many({each.contact_id for each in ready}) if ready else {}
    asked = undeliverable = 0
    for kind, route in settings.routes.items():
        reachable = []
        for notice in (each for each in ready if each.kind is kind):
            reason = _unreachable(contacts.get(notice.contact_id), _channel(route, deps))
            if reason is None:
                reachable.append(notice)
            elif notice.reason != reason:
                undeliverable += deps.notices.mark_undeliverable(notice, str(reason))
        asked += _ask_groups(reachable, settings, deps=deps)
    return AskedFor(asked=asked, undeliverable=undeliverable)


def ask_again(unbound: Mapping[str, Sequence[Notice]], *, deps: NoticeDeps) -> int:
    """Ask again, under the same id, for what was never accepted; tells for how many."""
    settings, asked = deps.notices.settings(), 0
    for request_id, notices in unbound.items():
        route = settings.routes.get(notices[0].kind)
        if route is not None:
            deps.ask(_request(request_id, notices, route, settings, deps=deps))
            asked += len(notices)
    return asked


def _worth_asking(notice: Notice) -> bool:
    return notice.state is NoticeState.DUE or notice.reason in _MAY_HEAL


def _channel(route: NoticeRoute, deps: NoticeDeps) -> Channel | None:
    template = deps.templates.get(route.template_id, route.template_version)
    return None if template is None else template.channel


def _unreachable(contact: Contact | None, channel: Channel | None) -> RefusalReason | None:
    """Why this person cannot be told by the channel of the configured text."""
    if contact is None:
        return RefusalReason.UNKNOWN_CONTACT
    address = contact.email if channel is Channel.EMAIL else contact.phone
    return RefusalReason.NO_ADDRESS if address is None else None


def _ask_groups(notices: Sequence[Notice], settings: NoticeSettings, *, deps: NoticeDeps) -> int:
    asked = 0
    for group in _groups(notices):
        request_id = deps.fresh("ntc")
        # Marked first: what died before the request is asked again, what died after is found.
        marked = [each for each in group if deps.notices.ask(each, request_id)]
        if marked:
            route = settings.routes[marked[0].kind]
            deps.ask(_request(request_id, marked, route, settings, deps=deps))
            asked += len(marked)
    return asked


def _groups(notices: Iterable[Notice]) -> Iterator[list[Notice]]:
    """At most 200 notices, of which no two are to the same person: a request takes each once."""
    rounds: defaultdict[int, list[Notice]] = defaultdict(list)
    seen: defaultdict[ContactId, int] = defaultdict(int)
    for notice in notices:
        rounds[seen[notice.contact_id]].append(notice)
        seen[notice.contact_id] += 1
    for group in rounds.values():
        for i in range(0, len(group), MAX_BATCH_SIZE):
            yield group[i : i + MAX_BATCH_SIZE]


def _request(
    request_id: str,
    notices: Sequence[Notice],
    route: NoticeRoute,
    settings: NoticeSettings,
    *,
    deps: NoticeDeps,
) -> MessagesRequested:
    sender = deps.senders.get(route.sender_id)
    shared = {"sender_name": "" if sender is None else sender.display_name, "how": settings.how}
    people = [
        Asked(contact_id=each.contact_id, variables={**shared, **words_of(each, zone=deps.zone)})
        for each in notices
    ]
    return MessagesRequested(
        request_id=request_id,
        template_id=route.template_id,
        template_version=route.template_version,
        sender_id=route.sender_id,
        to=to_text(people),
    )


def kinds_sent(settings: NoticeSettings) -> dict[NoticeKind, bool]:
    """Which kinds of notices are sent at all."""
    return {kind: kind in settings.routes for kind in NoticeKind}
