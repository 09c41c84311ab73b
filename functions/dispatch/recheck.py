"""The second time that a message passes the one door: immediately before the provider call."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from functions.domain.ad_label import InvalidOptOutNumber, label_problems
from functions.domain.batch import Recipient
from functions.domain.case import Case, PersonFacts, Terms
from functions.domain.case_of_person import case_for
from functions.domain.channel import Purpose
from functions.domain.contact import Phone
from functions.domain.eligibility import (
    Decision,
    Hold,
    Refuse,
    Send as Leave,
    alike,
    decide,
    decide_later,
)
from functions.domain.ids import BatchNumber, ContactId, packed_number
from functions.domain.message import Send
from functions.domain.reason import RefusalReason
from functions.domain.route import Route
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
    people: Mapping[ContactId, PersonFacts]
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
        known: dict[Hashable, Decision] = {}
        for ordinal, recipient in recipients.items():
            facts = self._facts(recipient)
            if isinstance(facts, RefusalReason):
                decisions[ordinal] = Refuse(reason=facts)
                continue
            cases[ordinal] = case = self._case(ordinal, recipient, facts, terms)
            decisions[ordinal] = self._decide(case, known)
        return _verdicts(decisions, cases)

    def _terms(self) -> Terms:
        terms = self.route.terms(now=self.now, expires=self.expires)
        usable = terms.sender_usable and self.route.sender.usable(self.last_moment)
        return replace(terms, sender_usable=usable)

    def _case(self, ordinal: int, recipient: Recipient, facts: PersonFacts, terms: Terms) -> Case:
        return case_for(
            facts,
            terms,
            self.route.zones(facts),
            ad_label_correct=_label_correct(recipient.text, self.route),
            number=packed_number(self.batch, ordinal),
        )

    def _decide(self, case: Case, known: dict[Hashable, Decision]) -> Decision:
        kind = alike(case)
        if kind is None:
            return self._decided(case)
        decision = known.get(kind)
        if decision is None:
            decision = known[kind] = self._decided(case)
        return decision

    def _decided(self, case: Case) -> Decision:
        decision = decide(case, now=self.now)
        if not isinstance(decision, Leave):
            return decision
        return decide_later(case, now=self.last_moment)

    def _facts(self, recipient: Recipient) -> PersonFacts | RefusalReason:
        phone = recipient.phone
        if recipient.contact_id is None:
            marks = () if phone is None else self.suppressed.get(phone, ())
            return PersonFacts(phone, marks=marks)
        facts = self.people.get(recipient.contact_id)
        if facts is None:
            return RefusalReason.CONTACT_ERASED
        if facts.phone != phone:
            return RefusalReason.ADDRESS_CHANGED
        return facts


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
