"""A campaign's messages in figures: the parts are together the whole."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from functions.domain.breakdown import (
    Figures,
    LinkKey,
    Moments,
    Told,
    by_hour,
    counted,
    figures_by,
    figures_of,
    folded,
    moments_of,
    people_by_link,
)
from functions.domain.channel import Channel
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.message import MAX_ROUNDS, BatchState, MessageStatus, Receipt, Send
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.standing import Standing
from tests.builders import NOON, SEOUL, a_batch

ROUNDS = tuple(int(NOON.timestamp()) + 60 * n for n in range(MAX_ROUNDS))
SENDS = (
    *(Send.PENDING, Send.SENDING, Send.UNKNOWN, Send.CANCELLED, Send.GIVEN_UP, Send.RELEASED),
    *(Send.sent(round_=n) for n in range(MAX_ROUNDS)),
    Send.held(HoldReason.NIGHT),
    Send.refused(RefusalReason.NO_CONSENT),
    Send.failed(FailureReason.DEVICE),
)
SIZE = 6


@st.composite
def batches(draw: st.DrawFn) -> Told:
    sends = draw(st.lists(st.sampled_from(SENDS), min_size=1, max_size=SIZE))
    size = len(sends)
    state = replace(BatchState.fresh(sends, now=NOON), rounds=ROUNDS)
    receipts = draw(
        st.dictionaries(
            st.integers(0, size - 1),
            st.builds(
                Receipt,
                delivered=st.booleans(),
                reason=st.just(FailureReason.DEVICE),
                at=st.datetimes(
                    NOON.replace(tzinfo=None), (NOON + timedelta(days=25)).replace(tzinfo=None)
                ).map(lambda at: at.replace(tzinfo=UTC)),
            ),
        )
    )
    hits = draw(
        st.lists(
            st.builds(
                Hit,
                ordinal=st.integers(0, size - 1),
                link=st.integers(0, 7),
                visitor=st.sampled_from(Visitor),
                elapsed_s=st.integers(0, 2_000_000),
            ),
            max_size=8,
        )
    )
    number = draw(st.integers(1, 1_000))
    meta = replace(a_batch(number, size=size).meta, channel=draw(st.sampled_from(Channel)))
    standing = Standing(
        number=meta.number,
        state=state.with_receipts(receipts.items()),
        clicks=BatchClicks.none(size).with_hits(hits),
        unit_price=meta.unit_price,
    )
    return Told(meta, standing)


def figures_one_by_one(told: Told) -> Figures:
    """Counted from each message by itself."""
    state, clicks = told.standing.state, told.standing.clicks
    found = Counter(state.state_of(ordinal).status for ordinal in range(len(state)))
    sent = found[MessageStatus.SENT] + found[MessageStatus.DELIVERED]
    return Figures(
        messages=len(state),
        sent=sent,
        delivered=found[MessageStatus.DELIVERED],
        held=found[MessageStatus.HELD],
        refused=found[MessageStatus.REFUSED],
        failed=found[MessageStatus.FAILED],
        unknown=found[MessageStatus.UNKNOWN],
        pending=found[MessageStatus.PENDING],
        cancelled=found[MessageStatus.CANCELLED],
        human_clicks=sum(clicks.first(n, Visitor.HUMAN) is not None for n in range(len(state))),
        machine_clicks=sum(clicks.first(n, Visitor.MACHINE) is not None for n in range(len(state))),
        cost=sent * told.meta.unit_price.minor,
    )


@given(told=batches())
def test_a_batch_is_counted_as_its_messages_are_one_by_one(told: Told) -> None:
    found = figures_of(told.standing)

    assert found == figures_one_by_one(told)
    assert found.messages == (
        found.sent
        + found.held
        + found.refused
        + found.failed
        + found.unknown
        + found.pending
        + found.cancelled
    )


@given(told=st.lists(batches(), max_size=5))
def test_the_parts_are_together_the_whole(told: Sequence[Told]) -> None:
    by_channel = figures_by(counted(told), lambda meta: meta.channel)

    together = sum(by_channel.values(), Figures())

    assert together == sum((figures_one_by_one(each) for each in told), Figures())


@given(told=batches())
def test_moments_are_those_of_the_messages(told: Told) -> None:
    state = told.standing.state

    sent, delivered = state.moments()

    messages = [state.state_of(ordinal) for ordinal in range(len(state))]
    assert sum(sent.values()) == figures_of(told.standing).sent
    assert delivered == Counter(
        int(each.receipt.at.timestamp())
        for each in messages
        if each.status is MessageStatus.DELIVERED and each.receipt is not None
    )
    for each in messages:
        if each.status is MessageStatus.DELIVERED and each.receipt is not None:
            assert sent[int((each.sent_at or each.receipt.at).timestamp())]
        if each.status is MessageStatus.SENT and each.sent_at is not None:
            assert sent[int(each.sent_at.timestamp())]


@given(told=st.lists(batches(), max_size=4), zone=st.sampled_from([SEOUL, UTC]))
def test_hours_hold_every_moment_once(told: Sequence[Told], zone: ZoneInfo) -> None:
    moments = moments_of(told)

    hours = by_hour(moments, zone)

    assert sum(each.sent for each in hours) == sum(figures_of(t.standing).sent for t in told)
    assert sum(each.opened for each in hours) == sum(
        figures_of(t.standing).human_clicks for t in told
    )
    starts = [each.start for each in hours]
    assert starts == sorted(set(starts))
    assert all(start.astimezone(zone).minute == 0 for start in starts)


def test_hours_are_those_of_the_zones_clock() -> None:
    at = int(datetime(2026, 11, 20, 3, 40, tzinfo=UTC).timestamp())
    india = timezone(timedelta(hours=5, minutes=30))

    (hour,) = by_hour(Moments(sent=Counter({at: 2})), india)

    assert hour.start == datetime(2026, 11, 20, 9, 0, tzinfo=india)
    assert (hour.sent, hour.delivered, hour.opened) == (2, 0, 0)


@given(
    seconds=st.dictionaries(st.integers(0, 10**6), st.integers(1, 9)),
    step=st.sampled_from([1, 60, 3_600]),
)
def test_steps_lose_nothing(seconds: dict[int, int], step: int) -> None:
    found = folded(seconds, step)

    assert sum(found.values()) == sum(seconds.values())
    assert all(start % step == 0 for start in found)


def test_people_are_counted_at_each_link_of_each_version() -> None:
    hits = [Hit(ordinal=n, link=2, visitor=Visitor.HUMAN, elapsed_s=60) for n in (0, 1)]
    hits.append(Hit(ordinal=1, link=0, visitor=Visitor.HUMAN, elapsed_s=90))
    hits.append(Hit(ordinal=2, link=1, visitor=Visitor.MACHINE, elapsed_s=1))
    batch = a_batch(7, size=3)
    standing = Standing(
        number=batch.meta.number,
        state=batch.state,
        clicks=BatchClicks.none(3).with_hits(hits),
        unit_price=batch.meta.unit_price,
    )
    other = replace(batch.meta, template_version=9)

    found = people_by_link([Told(batch.meta, standing), Told(other, standing)])

    template, version = batch.meta.template_id, batch.meta.template_version
    assert found == {
        LinkKey(template, version, 0): 1,
        LinkKey(template, version, 2): 2,
        LinkKey(template, 9, 0): 1,
        LinkKey(template, 9, 2): 2,
    }


def test_nothing_has_no_moments() -> None:
    assert by_hour(Moments(), SEOUL) == ()
