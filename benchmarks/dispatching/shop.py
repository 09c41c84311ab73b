"""The shop of the benchmark: its people, their earlier advertisements, and planned batches.

Everything is written by the product's own stores, to whatever answers as DynamoDB.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

from benchmarks.dispatching.letters import OPT_OUT_NUMBER, TEMPLATE, phone_of, text_of
from benchmarks.tables import tables
from functions.contracts.profile_values import consents_to_json
from functions.domain.batch import Batch
from functions.domain.campaign import CampaignStatus
from functions.domain.channel import Channel
from functions.domain.contact import Phone
from functions.domain.fatigue import Cap, Offer, Period
from functions.domain.ids import MAIN_ACCOUNT, BatchNumber, CampaignId, ContactId
from functions.domain.message import BatchState, Send
from functions.domain.policy import Policy
from functions.domain.text_size import MessageType
from functions.runtime.aws import forget_clients
from functions.runtime.clock import wall_now
from functions.runtime.settings import LOCAL_STAGE, forget_settings
from functions.storage.base import forget_connection
from functions.storage.batches import BatchStore
from functions.storage.campaigns import CampaignStore
from functions.storage.contacts import RECENT, ContactItem
from functions.storage.policies import PolicyStore
from functions.storage.senders import SenderStore
from functions.storage.suppressions import address_hash
from functions.storage.templates import TemplateStore
from tests.builders import (
    SEOUL,
    SMS_ADS,
    a_campaign,
    a_consent,
    a_meta,
    a_recipient,
    a_sender,
    a_template,
)

BATCH = 200
_EARLIER_DAYS = (2, 4)
_NEWCOMER_EVERY = 4


def environment(aws_url: str, provider_url: str) -> dict[str, str]:
    """What a dispatch function finds in its environment."""
    names = {f"TABLE_{name.upper()}": f"bench-{name}" for name in tables()}
    return names | {
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "ap-northeast-2",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SOLAPI_BASE_URL": provider_url,
        "SECRET_SOLAPI_ARN": "solapi",
        "SOLAPI_ACCOUNTS": str(MAIN_ACCOUNT),
        "SECRET_MASTER_ARN": "master",
        "DISPATCH_LEASE_S": "300",
        "AWS_CALLS": "signed",
        # The real hour may be at night, when no advertisement leaves.
        "STAGE": LOCAL_STAGE,
        "CLOCK_OFFSET_S": str(int((_noon() - wall_now()).total_seconds())),
        "POWERTOOLS_SERVICE_NAME": "bench",
    }


def _noon() -> datetime:
    """Today at noon, where everybody is."""
    return datetime.combine(wall_now().astimezone(SEOUL), time(12), SEOUL)


def enter(variables: dict[str, str]) -> None:
    """Make this process one with such an environment; clients of another are forgotten."""
    os.environ.update(variables)
    forget_settings()
    forget_clients()
    forget_connection()


def contact_id_of(number: int) -> ContactId:
    """The recipient of this number."""
    return ContactId(f"customer-{number:06d}")


def open_shop(people: int, *, now: datetime) -> None:
    """Write everything that a campaign to so many people looks at, and its batches."""
    _write_people(people, now)
    SenderStore().add(a_sender(opt_out_number=OPT_OUT_NUMBER))
    TemplateStore().add(a_template(body=TEMPLATE))
    CampaignStore().create(
        replace(a_campaign(), campaign_id=CampaignId("cmp_1"), status=CampaignStatus.LAUNCHED)
    )
    caps = (
        Cap(name="three a week", most=3, period=Period.ROLLING_HOURS, length=168),
        Cap(name="one a day", most=1, period=Period.CALENDAR_DAYS, length=1),
    )
    PolicyStore().add(Policy(version=1, caps=caps), actor="bench", now=now)
    BatchStore().create(_a_batch(n, now) for n in range(people // BATCH))


def _write_people(people: int, now: datetime) -> None:
    offer = Offer(channel=Channel.SMS, template=1, source=1, priority=5)
    earlier = [
        offer.entry(days, now=now - timedelta(days=days)).pack() for days in reversed(_EARLIER_DAYS)
    ]
    with ContactItem.batch_write() as write:
        for number in range(people):
            write.save(_profile(number, now))
            if number % _NEWCOMER_EVERY:
                row = ContactItem(contact_id_of(number), RECENT, entries=earlier, v=len(earlier))
                write.save(row)


def _profile(number: int, now: datetime) -> ContactItem:
    agreed = now - timedelta(days=30 + number % 700, seconds=number)
    phone = f"+82{phone_of(number)[1:]}"
    return ContactItem(
        contact_id_of(number),
        "PROFILE",
        phone=phone,
        phone_hash=address_hash(phone),
        email=f"customer{number}@example.com",
        attributes={"name": "김하늘", "coupon": "SPRING-15", "grade": "VIP", "points": 500},
        consents=consents_to_json({SMS_ADS: replace(a_consent(), at=agreed)}),
        consent_seq=1,
        consent_head="0" * 64,
        groups={"app", "newsletter"},
        locale="ko",
        v=1,
    )


def _a_batch(number: int, now: datetime) -> Batch:
    people = range(number * BATCH, (number + 1) * BATCH)
    meta = a_meta(
        number + 1,
        size=BATCH,
        created=now,
        expires=now + timedelta(days=3),
        message_type=MessageType.LMS,
    )
    recipients = tuple(
        replace(
            a_recipient(),
            contact_id=contact_id_of(each),
            phone=Phone(f"+82{phone_of(each)[1:]}"),
            text=text_of(each),
            recent_version=len(_EARLIER_DAYS) if each % _NEWCOMER_EVERY else 0,
        )
        for each in people
    )
    state = BatchState.fresh([Send.PENDING] * BATCH, now=now)
    return Batch(meta=meta, recipients=recipients, state=state)


def batches_of(people: int) -> Iterator[BatchNumber]:
    """The numbers of the batches that reach the first so many people."""
    return (BatchNumber(number + 1) for number in range(people // BATCH))
