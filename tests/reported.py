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
from functions.domain.family import child_of
from functions.domain.follow_up import AT_ONCE, Condition, FollowUp
from functions.domain.goal import Goal
from functions.domain.ids import BatchNumber, SenderId, TemplateId
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


def a_step(condition: Condition, after: timedelta = AT_ONCE, *below: FollowUp) -> FollowUp:
    """A step that sends the same text."""
    return FollowUp(
        condition=condition,
        after=after,
        template_id=TemplateId("tpl_1"),
        template_version=1,
        sender_id=SenderId("snd_1"),
        follow_ups=below,
    )


_REMINDED = timedelta(days=1)
STEPS = (
    a_step(Condition.CLICKED),
    a_step(Condition.NOT_CLICKED, _REMINDED, a_step(Condition.NOT_CONVERTED, timedelta(days=14))),
)


def campaign() -> Campaign:
    """Its definition."""
    made = a_campaign(
        name="가을 감사 쿠폰 – 단골 고객",
        status=CampaignStatus.LAUNCHED,
        launched=LAUNCHED,
        goal=Goal(event="order"),
        experiment=VARIANTS,
        follow_ups=STEPS,
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


def steps() -> list[tuple[Campaign, Part, list[Told]]]:
    """The two of its follow-ups that began: thanks at once, and a reminder a day later."""
    own, dice = campaign(), random.Random(8)
    everybody = (1 << BATCHES * SIZE) - 1
    thanks = child_of(own, STEPS[0], now=LAUNCHED + timedelta(minutes=5))
    reminder = child_of(own, STEPS[1], now=LAUNCHED + _REMINDED)
    return [
        (thanks, *_found(thanks, 101, 3, dice, dropped=87, seen=687, done=everybody)),
        (reminder, *_found(reminder, 201, 30, dice, dropped=31, seen=7_690, done=everybody)),
    ]


def _found(
    step: Campaign, first: int, batches: int, dice: random.Random, *, dropped: int, **look: int
) -> tuple[Part, list[Told]]:
    numbers = tuple(BatchNumber(first + place) for place in range(batches))
    refused = {RefusalReason.CONVERTED: dropped}
    part = replace(
        a_part(size=batches * SIZE + dropped, planned=True, refused=refused, batches=numbers),
        campaign_id=step.campaign_id,
        part="000000-0000",
        batch_sizes=(SIZE,) * batches,
        **look,
    )
    minutes = (step.created - LAUNCHED) // timedelta(minutes=1)
    return part, [_again(_told(place, dice, after=minutes), first) for place in range(batches)]


def _again(told: Told, first: int) -> Told:
    number = BatchNumber(told.meta.number - 1 + first)
    meta = replace(told.meta, number=number, variant="", unit_price=Money(minor=18))
    standing = replace(told.standing, number=number, unit_price=meta.unit_price)
    return Told(meta, standing)


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


def _told(place: int, dice: random.Random, *, after: int = 0) -> Told:
    kakao, better = place % 4 == 3, place % 2 == 1
    made = LAUNCHED + timedelta(minutes=place + after)
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
