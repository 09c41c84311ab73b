"""What a campaign of advertisements costs in AWS units, counted while it runs in process."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from moto import mock_aws

from benchmarks.capacity import Item, Meter, attach
from functions.campaigns import (
    control as campaign_control,
    service as campaign_service,
    wiring as campaign_wiring,
)
from functions.channels.base import Parcel, Taken
from functions.contracts.profile_values import consents_to_json
from functions.contracts.queues import CallbackReceived, Job, LinkHit, Queue, ResolveJob
from functions.dispatch import service as dispatch, wiring as dispatch_wiring
from functions.domain.campaign import Campaign
from functions.domain.channel import Channel, Purpose
from functions.domain.fatigue import Cap, Offer, Period
from functions.domain.ids import (
    MAX_BATCH_SIZE,
    BatchNumber,
    CampaignId,
    ContactId,
    MessageNumber,
    SenderId,
    TemplateId,
)
from functions.domain.policy import Policy
from functions.domain.recipients import EVERYONE, Recipients
from functions.links import service as link_service, wiring as link_wiring
from functions.receipts import service as receipt_service, wiring as receipt_wiring
from functions.runtime import queues
from functions.runtime.aws import forget_clients, session
from functions.runtime.settings import forget_settings
from functions.storage.base import forget_connection
from functions.storage.campaigns import CampaignStore
from functions.storage.contacts import ContactItem
from functions.storage.policies import PolicyStore
from functions.storage.recents import RecentStore
from functions.storage.senders import SenderStore
from functions.storage.suppressions import address_hash
from functions.storage.templates import TemplateStore
from tests.builders import SMS_ADS, a_consent, a_phone, a_sender, a_template
from tests.integration.account import Account

RECIPIENTS = 2_000
_REPORTS_PER_CALLBACK = 100
_CLICK_EVERY = 7
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Asia/Seoul")).astimezone(UTC)


def measure() -> dict[str, dict[str, float]]:
    """Run a campaign with receipts and clicks; give units per message and per click."""
    with a_metered_account() as (account, meter):
        run = Run(account, meter)
        run.prepare()
        meter.reset()
        run.campaign()
        run.receipts()
        per_message = _per(meter, RECIPIENTS)
        meter.reset()
        clicks = run.clicks()
        per_click = _per(meter, clicks)
    return {"units_per_message": per_message, "units_per_click": per_click}


def measure_door() -> dict[str, float]:
    """Give the units of the look at consent and of the place under the caps, per advertisement.

    These are all that dispatch reads and writes of people; everyone got two before, and there
    are two caps.
    """
    with a_metered_account() as (account, meter):
        run = Run(account, meter)
        run.prepare()
        _add_caps()
        _add_recents()
        run.plan()
        meter.reset()
        run.dispatch()
        contacts = next(name for name in meter.wru_by_table if name.endswith("-contacts"))
        return {
            "wru_per_message": round(meter.wru_by_table[contacts] / RECIPIENTS, 4),
            "rru_per_message": round(meter.rru_by_table[contacts] / RECIPIENTS, 4),
        }


def _add_caps() -> None:
    caps = (
        Cap(name="three a week", most=3, period=Period.ROLLING_HOURS, length=168),
        Cap(name="one a day", most=1, period=Period.CALENDAR_DAYS, length=1),
    )
    PolicyStore().add(Policy(version=1, caps=caps), actor="bench", now=NOON)


def _add_recents() -> None:
    for number in range(RECIPIENTS):
        for days in (1, 2):
            offer = Offer(channel=Channel.SMS, template=1, source=1, priority=5)
            entry = offer.entry(days, now=NOON - timedelta(days=days))
            RecentStore().take(contact_id_of(number), entry, version=days - 1)


def contact_id_of(number: int) -> ContactId:
    """The recipient of this number."""
    return ContactId(f"customer-{number:06d}")


def _per(meter: Meter, count: int) -> dict[str, float]:
    calls = sum(meter.requests.values())
    figures = {"wru": meter.wru, "rru": meter.rru, "sqs": meter.sqs, "aws_requests": calls}
    return {name: round(value / count, 4) for name, value in figures.items()}


@contextmanager
def an_account() -> Iterator[Account]:
    """An emulated account with everything that template.yaml declares."""
    os.environ.update(
        AWS_ACCESS_KEY_ID="testing",
        AWS_SECRET_ACCESS_KEY="testing",
        AWS_DEFAULT_REGION="ap-northeast-2",
        AWS_REGION="ap-northeast-2",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE="1769",
        LOG_LEVEL="ERROR",
    )
    os.environ.pop("AWS_ENDPOINT_URL", None)
    _forget_the_last()
    with mock_aws():
        account = Account()
        account.make_everything()
        os.environ.update(account.environment())
        yield account


@contextmanager
def a_metered_account() -> Iterator[tuple[Account, Meter]]:
    """The same, and a meter of what is asked of it."""
    with an_account() as account:
        meter = Meter()
        attach(meter, session(), looker(account))
        yield account, meter


def _forget_the_last() -> None:
    """Clients keep whom they report to, and what they are for, from when they are made."""
    forget_settings()
    forget_clients()
    forget_connection()
    for wiring in (campaign_wiring, dispatch_wiring, link_wiring, receipt_wiring):
        wiring.deps.cache_clear()


def looker(account: Account) -> Callable[[str, Item], Item]:
    """Read items past the meter."""

    def look(table: str, key: Item) -> Item:
        found: Item = account.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get(
            "Item", {}
        )
        return found

    return look


class _Provider:
    """Takes every parcel; the provider's work is not ours to count."""

    def send(self, parcel: Parcel, *, now: datetime) -> Taken:  # as the port has it
        return Taken(rejected={})


class Run:
    """A campaign, step by step; the meter notes what the account's queues deliver."""

    def __init__(
        self,
        account: Account,
        meter: Meter,
        *,
        recipients: int = RECIPIENTS,
        purpose: Purpose = Purpose.ADVERTISING,
    ) -> None:
        self._account, self._meter = account, meter
        self.recipients, self._purpose = recipients, purpose
        self.campaign_id = "cmp_bench"
        self.jobs: Counter[str] = Counter()
        """How often each function was woken up."""

    def prepare(self) -> None:
        """Make people who agreed, a sender, a template and a campaign."""
        with ContactItem.batch_write() as write:
            for number in range(self.recipients):
                phone = a_phone(number).e164
                write.save(
                    ContactItem(
                        contact_id_of(number),
                        "PROFILE",
                        phone=phone,
                        phone_hash=address_hash(phone),
                        email=f"customer{number}@example.com",
                        attributes={"name": "김하늘", "coupon": "SPRING-15", "grade": "VIP"},
                        consents=consents_to_json({SMS_ADS: a_consent()}),
                        consent_seq=1,
                        consent_head="0" * 64,
                        locale="ko",
                        v=1,
                    )
                )
        SenderStore().add(a_sender())
        body = (
            "{{ contact.name }}님께만 드리는 봄맞이 할인!\n쿠폰번호: {{ contact.coupon }}\n"
            "{{ 'https://shop.example/spring' | track }}"
        )
        facts = {"purpose": self._purpose, "links": ("https://shop.example/spring",)}
        TemplateStore().add(a_template(body=body, **facts))
        CampaignStore().create(_a_campaign(self.campaign_id))

    def campaign(self) -> None:
        """Launch, resolve, plan and send."""
        self.plan()
        self.dispatch()

    def plan(self) -> None:
        """Launch, resolve and plan."""
        campaign_control.launch(CampaignId(self.campaign_id), deps=campaign_wiring.deps(), now=NOON)
        while jobs := self._account.take_jobs(Queue.PLAN):
            # One job an invocation, as the function declares it; each costs a request to delete.
            self._meter.delivered(len(jobs))
            self.jobs["Plan"] += len(jobs)
            for job in jobs:
                self._plan(job)

    def dispatch(self) -> None:
        """Send all batches."""
        # One after the other: the meter counts one request at a time.
        deps = replace(
            dispatch_wiring.deps(),
            channel=lambda *_: _Provider(),
            spread=map,
            clock=lambda: NOON,
        )
        jobs = self._account.take_jobs(Queue.DISPATCH_SMS)
        self._meter.delivered(len(jobs))
        self.jobs["DispatchSms"] += len(jobs)
        for job in jobs:
            dispatch.send_batch(job, deps=deps, now=NOON)
        self._batches = [job.batch for job in jobs]

    def _plan(self, job: Job) -> None:
        if isinstance(job, ResolveJob):
            campaign_service.resolve(job, deps=campaign_wiring.deps())
        else:
            campaign_service.plan_part(job, deps=campaign_wiring.deps(), now=NOON)

    def receipts(self) -> None:
        """Report every message delivered, in the order of sending, 100 a callback."""
        refs = [
            MessageNumber(batch=BatchNumber(batch), ordinal=ordinal)
            for batch in self._batches
            for ordinal in range(MAX_BATCH_SIZE)
        ]
        for start in range(0, len(refs), _REPORTS_PER_CALLBACK):
            body = json.dumps([_report(ref) for ref in refs[start : start + _REPORTS_PER_CALLBACK]])
            queues.send([CallbackReceived(provider="solapi", body=body)], to=Queue.RECEIPTS)
        jobs = self._account.take_jobs(Queue.RECEIPTS)
        self.jobs["APIHandler"] += len(jobs)
        self.jobs["Receipts"] += len(jobs)
        # One callback an invocation: the worst case, when reports trickle in.
        self._meter.delivered(len(jobs))
        for job in jobs:
            receipt_service.merge([job], deps=receipt_wiring.deps(), now=NOON)

    def clicks(self) -> int:
        """Open every seventh link once, ten hits an invocation."""
        opened = 0
        for batch in self._batches:
            for ordinal in range(0, MAX_BATCH_SIZE, _CLICK_EVERY):
                hit = LinkHit(
                    batch=batch,
                    ordinal=ordinal,
                    link=0,
                    at=int(NOON.timestamp()) + 600,
                    method="GET",
                    user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X)",
                    network="",
                )
                queues.send([hit], to=Queue.CLICKS)
                self.jobs["Redirect"] += 1
                opened += 1
        jobs = self._account.take_jobs(Queue.CLICKS)
        for start in range(0, len(jobs), 10):
            self._meter.delivered(1)
            self.jobs["Clicks"] += 1
            chunk = jobs[start : start + 10]
            for batch in {job.batch for job in chunk}:
                hits = [job for job in chunk if job.batch == batch]
                link_service.record(hits, deps=link_wiring.deps(), now=NOON)
        return opened


def _report(ref: MessageNumber) -> dict[str, Any]:
    data = {
        "statusCode": "4000",
        "customFields": {"ref": str(ref)},
        "dateReceived": NOON.isoformat(),
    }
    return {"eventDataId": str(ref), "data": data, "retryCount": 0}


def _a_campaign(campaign_id: str) -> Campaign:
    return Campaign(
        campaign_id=CampaignId(campaign_id),
        name="bench",
        template_id=TemplateId("tpl_1"),
        template_version=1,
        sender_id=SenderId("snd_1"),
        recipients=Recipients(include=(EVERYONE,)),
        variables={},
        created=NOON,
    )


if __name__ == "__main__":
    json.dump(measure() | measure_door(), sys.stdout)
