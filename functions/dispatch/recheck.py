"""The second time that a message passes the one door: immediately before the provider call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.domain.ad_label import InvalidOptOutNumber, label_problems
from functions.domain.batch import Recipient
from functions.domain.channel import Purpose
from functions.domain.contact import Contact, Phone
from functions.domain.eligibility import Decision, Hold, Refuse, Send as Leave, decide
from functions.domain.ids import ContactId
from functions.domain.message import Send
from functions.domain.planning import Person, Route, case_for
from functions.domain.reason import RefusalReason, SuppressionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The send byte that each message gets, and when held ones may be looked at again."""

    sends: Mapping[int, int]
    sendable: tuple[int, ...]
    refused: tuple[int, ...]
    held: tuple[int, ...]
    until: tuple[datetime, ...]


def recheck(
    recipients: Mapping[int, Recipient],
    contacts: Mapping[ContactId, Contact],
    suppressed: Mapping[Phone, SuppressionReason],
    route: Route,
    *,
    now: datetime,
    last_moment: datetime,
) -> Verdicts:
    """Decide for each message on the newest facts.

    A message leaves between ``now`` and ``last_moment``, so it must be allowed at both: what is
    looked at just before nine in the evening does not reach the carrier just after.
    """
    sends: dict[int, int] = {}
    until: dict[int, datetime] = {}
    refused = []
    for ordinal, recipient in recipients.items():
        decision = _decide(recipient, contacts, suppressed, route, now=now)
        if isinstance(decision, Leave):
            decision = _decide(recipient, contacts, suppressed, route, now=last_moment)
        match decision:
            case Refuse(reason=reason):
                sends[ordinal] = Send.refused(reason)
                refused.append(ordinal)
            case Hold(reason=held_for, until=moment):
                sends[ordinal] = Send.held(held_for)
                until[ordinal] = moment
            case _:
                sends[ordinal] = Send.SENDING
    return Verdicts(
        sends=sends,
        sendable=tuple(i for i, send in sends.items() if send == Send.SENDING),
        refused=tuple(refused),
        held=tuple(until),
        until=tuple(until.values()),
    )


def _decide(
    recipient: Recipient,
    contacts: Mapping[ContactId, Contact],
    suppressed: Mapping[Phone, SuppressionReason],
    route: Route,
    *,
    now: datetime,
) -> Decision:
    person = _person(recipient, contacts, suppressed)
    if isinstance(person, RefusalReason):
        return Refuse(reason=person)
    correct = _label_correct(recipient.text, route)
    return decide(case_for(person, route, ad_label_correct=correct), now=now)


def _person(
    recipient: Recipient,
    contacts: Mapping[ContactId, Contact],
    suppressed: Mapping[Phone, SuppressionReason],
) -> Person | RefusalReason:
    if recipient.contact_id is None:
        known = None if recipient.phone is None else suppressed.get(recipient.phone)
        return Person(contact=None, phone=recipient.phone, suppressed=known)
    contact = contacts.get(recipient.contact_id)
    if contact is None:
        return RefusalReason.CONTACT_ERASED
    if contact.phone != recipient.phone:
        return RefusalReason.ADDRESS_CHANGED
    return Person.known(contact)


def _label_correct(text: str, route: Route) -> bool:
    if route.purpose is not Purpose.ADVERTISING:
        return True
    try:
        return not label_problems(text, route.sender.opt_out_number or "")
    except InvalidOptOutNumber:
        return False
