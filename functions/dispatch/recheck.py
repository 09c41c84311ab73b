"""The second time that a message passes the one door: immediately before the provider call."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from functions.domain.ad_label import InvalidOptOutNumber, label_problems
from functions.domain.batch import Recipient
from functions.domain.case import Case, Terms
from functions.domain.channel import Purpose
from functions.domain.contact import Contact, Phone
from functions.domain.eligibility import Decision, Hold, Refuse, Send as Leave, decide, decide_later
from functions.domain.ids import BatchNumber, ContactId, packed_number
from functions.domain.message import Send
from functions.domain.planning import Person, Route, case_for
from functions.domain.reason import RefusalReason
from functions.domain.suppression import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The send byte that each message gets, and when held ones may be looked at again.

    ``cases`` are what the decisions looked at, by ordinal.
    """

    sends: Mapping[int, int]
    sendable: tuple[int, ...]
    refused: tuple[int, ...]
    held: tuple[int, ...]
    until: tuple[datetime, ...]
    cases: Mapping[int, Case]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """Decides for the messages of a batch on the newest facts.

    A message leaves between ``now`` and ``last_moment``, so it must be allowed at both: what is
    looked at just before nine in the evening does not reach the carrier just after.
    """

    batch: BatchNumber
    contacts: Mapping[ContactId, Contact]
    suppressed: Mapping[Phone, tuple[Mark, ...]]
    route: Route
    expires: datetime
    now: datetime
    last_moment: datetime

    def verdicts(self, recipients: Mapping[int, Recipient]) -> Verdicts:
        """Decide for each of these messages."""
        terms = self._terms()
        cases: dict[int, Case] = {}
        decisions: dict[int, Decision] = {}
        for ordinal, recipient in recipients.items():
            person = self._person(recipient)
            if isinstance(person, RefusalReason):
                decisions[ordinal] = Refuse(reason=person)
                continue
            cases[ordinal] = self._case(ordinal, recipient, person, terms)
            decisions[ordinal] = self._decide(cases[ordinal])
        return _verdicts(decisions, cases)

    def _terms(self) -> Terms:
        terms = self.route.terms(now=self.now, expires=self.expires)
        usable = terms.sender_usable and self.route.sender.usable(self.last_moment)
        return replace(terms, sender_usable=usable)

    def _case(self, ordinal: int, recipient: Recipient, person: Person, terms: Terms) -> Case:
        return case_for(
            person,
            terms,
            self.route,
            ad_label_correct=_label_correct(recipient.text, self.route),
            number=packed_number(self.batch, ordinal),
        )

    def _decide(self, case: Case) -> Decision:
        decision = decide(case, now=self.now)
        if not isinstance(decision, Leave):
            return decision
        return decide_later(case, now=self.last_moment)

    def _person(self, recipient: Recipient) -> Person | RefusalReason:
        phone = recipient.phone
        if recipient.contact_id is None:
            marks = () if phone is None else self.suppressed.get(phone, ())
            return Person(contact=None, phone=phone, marks=marks)
        contact = self.contacts.get(recipient.contact_id)
        if contact is None:
            return RefusalReason.CONTACT_ERASED
        if contact.phone != phone:
            return RefusalReason.ADDRESS_CHANGED
        return Person.known(contact)


def _verdicts(decisions: Mapping[int, Decision], cases: Mapping[int, Case]) -> Verdicts:
    sends = {ordinal: _send_byte(decision) for ordinal, decision in decisions.items()}
    held = {i: each.until for i, each in decisions.items() if isinstance(each, Hold)}
    return Verdicts(
        sends=sends,
        sendable=tuple(i for i, send in sends.items() if send == Send.SENDING),
        refused=tuple(i for i, each in decisions.items() if isinstance(each, Refuse)),
        held=tuple(held),
        until=tuple(held.values()),
        cases=cases,
    )


def _send_byte(decision: Decision) -> int:
    match decision:
        case Refuse(reason=reason):
            return Send.refused(reason)
        case Hold(reason=held_for):
            return Send.held(held_for)
        case _:
            return Send.SENDING


def _label_correct(text: str, route: Route) -> bool:
    if route.purpose is not Purpose.ADVERTISING:
        return True
    try:
        return not label_problems(text, route.sender.opt_out_number or "")
    except InvalidOptOutNumber:
        return False
