"""A campaign to some thousand people, as its rows would be three days later."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from functions.contracts.experiment_document import registration_of
from functions.domain.batch import Batch
from functions.domain.breakdown import Told, figures_of
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.channel import Channel
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.experiment import (
    Criteria,
    Decision,
    Experiment,
    Rule,
    Variant,
)
from functions.domain.experiment_look import Count, Look
from functions.domain.goal import Goal
from functions.domain.ids import BatchNumber
from functions.domain.message import BatchState, Receipt, Send
from functions.domain.outcome import BatchOutcomes, Credit
from functions.domain.pricing import Money
from functions.domain.reaction import NO_REACTIONS, Reaction
from functions.domain.reason import FailureReason, RefusalReason
from functions.domain.recipients import SkipReason
from functions.domain.standing import Standing
from tests.builders import a_batch, a_campaign, a_part

BATCHES, SIZE = 40, 200
OPTED_OUT = (3,)
"""Ordinals, in every fifth batch."""
LAUNCHED = datetime.fromisoformat("2026-11-20T14:00:00+09:00")
_SENDS = {
    Send.sent(round_=0): 96,
    Send.refused(RefusalReason.CAPPED): 3,
    Send.refused(RefusalReason.SUPPRESSED): 1,
}
_FAILURES = (FailureReason.DEVICE, FailureReason.INVALID_NUMBER, FailureReason.BLOCKED)


VARIANTS = Experiment(
    variants=(Variant(name="A"), Variant(name="B")),
    criteria=Criteria(min_sample=1_000, look_every=timedelta(hours=1)),
    decision=Decision(
        at=LAUNCHED + timedelta(hours=3),
        look=2,
        rule=Rule.SIGNIFICANT,
        winner="B",
        chosen="B",
        record="",
    ),
)


def campaign() -> Campaign:
    """Its definition."""
    made = a_campaign(
        name="가을 감사 쿠폰 – 단골 고객",
        status=CampaignStatus.LAUNCHED,
        launched=LAUNCHED,
        goal=Goal(event="order"),
        experiment=VARIANTS,
    )
    known = registration_of(made, at=LAUNCHED)
    return replace(made, experiment=replace(VARIANTS, registration=known))


def looks() -> tuple[Look, ...]:
    """What was seen of its variants: a part at the second look, the other at the third."""
    batches = list(told())
    tables = [_table(batches[:16]), _table(batches[16:])]
    weighed = ({}, {"000000": tables[0]}, {"000001": tables[1]})
    return tuple(
        Look(
            number=number,
            at=LAUNCHED + timedelta(hours=number + 1),
            chain=1,
            parts=parts,
            complete=number == len(weighed) - 1,
        )
        for number, parts in enumerate(weighed)
    )


def _table(batches: list[Told]) -> dict[str, Count]:
    found = {"A": Count(), "B": Count()}
    for meta, standing in batches:
        figures = figures_of(standing)
        found[meta.variant] += Count(figures.sent, figures.human_clicks, figures.opted_out)
    return found


def parts() -> list[Part]:
    """Its people: 8,000 messages, and those who were refused when it was planned."""
    refused = {
        RefusalReason.NO_CONSENT: 1_204,
        RefusalReason.SUPPRESSED: 311,
        RefusalReason.NO_ADDRESS: 87,
        RefusalReason.DUPLICATE_ADDRESS: 42,
    }
    numbers = tuple(BatchNumber(number) for number in range(1, BATCHES + 1))
    part = a_part(
        size=BATCHES * SIZE + sum(refused.values()),
        planned=True,
        refused=refused,
        batches=numbers,
        batch_sizes=(SIZE,) * BATCHES,
    )
    return [replace(part, next_cursor=None, skipped={SkipReason.EXCLUDED: 25})]


def batch(told: Told, number: int | None = None) -> Batch:
    """A batch to be written, under its own number or another."""
    meta = told.meta if number is None else replace(told.meta, number=BatchNumber(number))
    recipients = a_batch(meta.number, size=SIZE).recipients
    return Batch(meta=meta, recipients=recipients, state=told.standing.state)


def told() -> Iterator[Told]:
    """Its batches: every fourth on KakaoTalk, half of them variant B."""
    dice = random.Random(7)
    for place in range(BATCHES):
        yield _told(place, dice)


def _told(place: int, dice: random.Random) -> Told:
    kakao, better = place % 4 == 3, place % 2 == 1
    made = LAUNCHED + timedelta(minutes=place)
    batch: Batch = a_batch(place + 1, size=SIZE)
    meta = replace(
        batch.meta,
        channel=Channel.KAKAO if kakao else Channel.SMS,
        variant="B" if better else "A",
        created=made,
        unit_price=Money(minor=13 if kakao else 18),
    )
    state = _state(made, dice)
    clicks, outcomes = _reached(state, dice, rate=0.11 if better else 0.08)
    reactions = NO_REACTIONS
    for ordinal in OPTED_OUT if place % 5 == 0 else ():
        reactions = reactions.having(ordinal, Reaction.OPTED_OUT, elapsed_s=900)
    return Told(
        meta,
        Standing(
            number=meta.number,
            state=state,
            clicks=clicks,
            unit_price=meta.unit_price,
            reactions=reactions,
            outcomes=outcomes,
        ),
    )


def _state(made: datetime, dice: random.Random) -> BatchState:
    sends = dice.choices(list(_SENDS), list(_SENDS.values()), k=SIZE)
    state = replace(
        BatchState.fresh(sends, now=made), rounds=(int(made.timestamp()) + dice.randint(5, 50),)
    )
    receipts = {
        ordinal: Receipt(
            delivered=dice.random() > 0.03,
            reason=dice.choice(_FAILURES),
            at=made + timedelta(seconds=60 + dice.expovariate(1 / 40)),
        )
        for ordinal, send in enumerate(sends)
        if send == Send.sent(round_=0)
    }
    return state.with_receipts(receipts.items())


def _reached(
    state: BatchState, dice: random.Random, *, rate: float
) -> tuple[BatchClicks, BatchOutcomes]:
    hits, credits_ = [], []
    for ordinal in range(SIZE):
        receipt = state.state_of(ordinal).receipt
        if receipt is None or not receipt.delivered:
            continue
        after = int(90 + dice.expovariate(1 / 9_000))
        if dice.random() < rate:
            link = dice.choices((0, 1, 2), (6, 3, 1))[0]
            hits.append(Hit(ordinal=ordinal, link=link, visitor=Visitor.HUMAN, elapsed_s=after))
            if dice.random() < 0.25:
                minor = dice.randrange(19_000, 80_000, 1_000)
                credits_.append(
                    Credit(
                        ordinal=ordinal,
                        mark=ordinal,
                        elapsed_s=after + dice.randint(200, 9_000),
                        look=1,
                        place=0,
                        of=1,
                        minor=minor,
                    )
                )
        elif dice.random() < 0.02:
            hits.append(Hit(ordinal=ordinal, link=0, visitor=Visitor.MACHINE, elapsed_s=3))
    return BatchClicks.none(SIZE).with_hits(hits), BatchOutcomes().merged(credits_)
