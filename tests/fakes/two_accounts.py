"""Batches of a campaign, two accounts that can send them, and workers."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from functions.contracts.queues import SendJob
from functions.dispatch.ports import DispatchDeps
from functions.dispatch.report import Outcome, Report
from functions.dispatch.service import send_batch
from functions.domain.campaign import Gate
from functions.domain.channel import Purpose
from functions.domain.ids import MAIN_ACCOUNT, AccountName, BatchNumber, MessageNumber
from functions.domain.message import MessageStatus
from functions.domain.policy import LAW_ALONE, Policy
from functions.domain.sender import Sender
from functions.domain.template import Template
from tests.builders import NOON, SEOUL, a_batch, a_contact, a_sender, a_template
from tests.fakes.accounts import FakeBreakers
from tests.fakes.pace import unlimited
from tests.fakes.provider import FakeProvider
from tests.fakes.recents import FakeRecents, one_by_one
from tests.fakes.stores import FakeBatches, FakeContacts, FakeSenders, FakeTemplates

MAIN, SECOND = MAIN_ACCOUNT, AccountName("second")
LEASE_S = 40
SIZE = 3
AT_BOTH = a_sender(accounts={SECOND: "0200005678"})


@dataclass
class World:
    """Batches of one campaign, two accounts, and workers."""

    batches: FakeBatches
    main: FakeProvider = field(default_factory=FakeProvider)
    second: FakeProvider = field(default_factory=FakeProvider)
    sender: Sender = AT_BOTH
    template: Template = field(default_factory=a_template)
    policy: Policy = LAW_ALONE
    breakers: FakeBreakers = field(default_factory=FakeBreakers)
    recents: FakeRecents = field(default_factory=FakeRecents)
    put_back: list[tuple[SendJob, datetime]] = field(default_factory=list)
    order: tuple[AccountName, ...] = (MAIN, SECOND)
    jitter: Any = round
    gate: Gate = Gate.OPEN
    clock: datetime = NOON

    @property
    def providers(self) -> dict[AccountName, FakeProvider]:
        return {MAIN: self.main, SECOND: self.second}

    def deps(self) -> DispatchDeps:
        return DispatchDeps(
            batches=self.batches,
            contacts=FakeContacts.of(*(a_contact(n) for n in range(1, SIZE + 1))),
            recents=self.recents,
            templates=FakeTemplates.of(self.template),
            senders=FakeSenders.of(self.sender),
            accounts=lambda _: self.order,
            channel=lambda _, account: self.providers[account],
            breakers=self.breakers,
            suppressed=lambda _: {},
            file_id=lambda image_id, account, channel, now: channel.upload_image(b"", now=now),
            later=lambda job, meta, at, now: self.put_back.append((job, at)),
            opted_out=lambda _: None,
            gate=lambda *_: self.gate,
            **unlimited(),
            clock=lambda: self.clock,
            jitter=self.jitter,
            spread=one_by_one,
            policy=lambda: self.policy,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            lease_s=LEASE_S,
        )

    def report(self, number: int = 1, *, now: datetime = NOON, **replaced: Any) -> Report:
        self.clock = now
        return send_batch(SendJob(batch=number), deps=replace(self.deps(), **replaced), now=now)

    def run(self, number: int = 1, *, now: datetime = NOON, **replaced: Any) -> Outcome:
        return self.report(number, now=now, **replaced).outcome

    def statuses(self, number: int = 1) -> list[MessageStatus]:
        state = self.batches.batches[BatchNumber(number)].state
        return [state.state_of(ordinal).status for ordinal in range(len(state))]

    def account(self, number: int = 1) -> AccountName:
        return self.batches.batches[BatchNumber(number)].state.account

    def rings(self) -> Counter[MessageNumber]:
        """How often each message reached its phone, whoever sent it."""
        return self.main.deliveries + self.second.deliveries

    def break_main(self, *, now: datetime = NOON, wait_s: int = 60) -> None:
        """The main account said to wait."""
        self.breakers.change(
            "sms#main", lambda b: b.failed(now=now, asked_s=wait_s, jitter=round), now=now
        )


def a_world(*, batches: int = 1, purpose: Purpose = Purpose.ADVERTISING, **facts: Any) -> World:
    made = [a_batch(n, size=SIZE, purpose=purpose) for n in range(1, batches + 1)]
    template = a_template(purpose=purpose)
    return World(**({"batches": FakeBatches.of(*made), "template": template} | facts))
