"""Looks at batches: everybody once, whatever comes in which order, and never too early."""

from datetime import datetime, timedelta

from hypothesis import given, strategies as st

from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.follow_up import (
    MAX_AFTER,
    TOGETHER,
    Condition,
    Followed,
    FollowUp,
    look,
    step_of,
    triggers,
    triggers_of,
    walk,
)
from functions.domain.ids import BatchNumber, CampaignId, SenderId, TemplateId
from functions.domain.message import BatchState, Receipt, Send
from functions.domain.pricing import Money
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.replies import BatchReplies
from functions.domain.standing import Standing
from tests.builders import NOON

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
SIZE = 6
_SENDS = st.sampled_from(
    [
        Send.PENDING,
        Send.SENDING,
        Send.UNKNOWN,
        Send.CANCELLED,
        Send.GIVEN_UP,
        Send.sent(round_=0),
        Send.held(HoldReason.NIGHT),
        Send.refused(RefusalReason.CAPPED),
        Send.failed(FailureReason.INVALID_NUMBER),
        Send.failed(FailureReason.EXPIRED),
    ]
)


def a_step(condition: Condition, minutes: int, *below: FollowUp) -> FollowUp:
    return FollowUp(
        condition=condition,
        after=minutes * MINUTE,
        template_id=TemplateId("tpl_1"),
        template_version=1,
        sender_id=SenderId("snd_1"),
        follow_ups=below,
    )


@st.composite
def batches(draw: st.DrawFn) -> Followed:
    """A batch in any state, with openings and reports of any of its messages."""
    sends = dict(enumerate(draw(st.lists(_SENDS, min_size=SIZE, max_size=SIZE))))
    state = BatchState.fresh([Send.PENDING] * SIZE, now=NOON).claimed(sends, now=NOON, lease_s=0)
    ordinals = st.sets(st.integers(0, SIZE - 1))
    receipt = Receipt(delivered=True, reason=None, at=NOON + MINUTE)
    state = state.with_receipts((each, receipt) for each in draw(ordinals))
    hits = [
        Hit(ordinal=each, link=0, visitor=Visitor.HUMAN, elapsed_s=90) for each in draw(ordinals)
    ]
    return Followed(
        standing=Standing(
            number=BatchNumber(7),
            state=state,
            clicks=BatchClicks.none(SIZE).with_hits(hits),
            unit_price=Money(minor=18),
        ),
        replies=BatchReplies.none(SIZE),
        expires=NOON + timedelta(days=3),
    )


_FACTS = st.sampled_from([Condition.CLICKED, Condition.DELIVERED, Condition.REPLIED])


@given(batch=batches(), fact=_FACTS, minutes=st.integers(1, 43_200))
def test_a_condition_and_its_opposite_share_out_all_that_were_seen(
    batch: Followed, fact: Condition, minutes: int
) -> None:
    now = NOON + minutes * MINUTE + 2 * MINUTE
    yes = look([batch], a_step(fact, minutes), done=0, now=now)
    no = look([batch], a_step(Condition(f"not_{fact}"), minutes), done=0, now=now)

    assert (yes.seen, yes.done) == (no.seen, no.done)
    matched = [each.ordinal for each in (*yes.matches, *no.matches)]
    assert len(matched) == len(set(matched)) == yes.seen


@given(
    batch=batches(),
    fact=_FACTS,
    minutes=st.integers(0, 600),
    moments=st.lists(st.integers(0, 10_000), min_size=1, max_size=6),
)
def test_whatever_looks_come_in_whatever_order_nobody_matches_twice_or_too_early(
    batch: Followed, fact: Condition, minutes: int, moments: list[int]
) -> None:
    done, matched = 0, []
    for each in moments:
        found = look([batch], a_step(fact, minutes), done=done, now=NOON + each * MINUTE)
        assert found.done & done == done
        assert found.seen <= found.done.bit_count() - done.bit_count()
        if each < minutes:
            assert not found.matches
        done = found.done
        matched += [match.ordinal for match in found.matches]

    assert len(matched) == len(set(matched))


@given(batch=batches(), minutes=st.integers(1, 43_200))
def test_looks_that_follow_each_other_come_to_an_end(batch: Followed, minutes: int) -> None:
    step, now, done = a_step(Condition.NOT_CLICKED, minutes), NOON + minutes * MINUTE, 0
    for _ in range(200):
        found = look([batch], step, done=done, now=now)
        done = found.done
        if found.next_at is None:
            break
        assert found.next_at >= now + (MINUTE if found.seen else TOGETHER)
        now = found.next_at

    assert done == 2**SIZE - 1


def test_who_left_seconds_after_the_plan_is_judged_seconds_after_the_time_and_together() -> None:
    """The first look is timed by the plan: it comes before anybody is due."""
    group = [a_sent_batch(number, left=NOON + number * SECOND) for number in (2, 4)]
    step = a_step(Condition.NOT_CLICKED, 1)

    early = look(group, step, done=0, now=NOON + MINUTE)
    assert early.next_at is not None
    found = look(group, step, done=early.done, now=early.next_at)

    assert early.seen == 0
    assert early.next_at == NOON + MINUTE + 2 * SECOND + TOGETHER
    assert (found.seen, found.next_at) == (2 * SIZE, None)


def a_sent_batch(number: int, *, left: datetime) -> Followed:
    sends = {each: Send.sent(round_=0) for each in range(SIZE)}
    state = BatchState.fresh([Send.PENDING] * SIZE, now=NOON).claimed(sends, now=left, lease_s=0)
    return Followed(
        standing=Standing(
            number=BatchNumber(number),
            state=state,
            clicks=BatchClicks.none(SIZE),
            unit_price=Money(minor=18),
        ),
        replies=BatchReplies.none(SIZE),
        expires=NOON + timedelta(days=3),
    )


def test_a_batch_in_a_group_is_looked_at_by_its_own_place() -> None:
    sent = dict.fromkeys(range(SIZE), Send.sent(round_=0))
    state = BatchState.fresh([Send.PENDING] * SIZE, now=NOON).claimed(sent, now=NOON, lease_s=0)
    batch = Followed(
        standing=Standing(
            number=BatchNumber(8),
            state=state,
            clicks=BatchClicks.none(SIZE),
            unit_price=Money(minor=18),
        ),
        replies=BatchReplies.none(SIZE),
        expires=NOON,
    )

    found = look([batch], a_step(Condition.NOT_CLICKED, 1), done=1, now=NOON + MINUTE, first=SIZE)

    assert found.done == 1 | (2**SIZE - 1) << SIZE


def test_a_tree_is_walked_from_the_top_and_measured() -> None:
    last = a_step(Condition.CLICKED, 0)
    tree = (a_step(Condition.NOT_CLICKED, 5, last), a_step(Condition.REPLIED, 0))

    assert [own for own, _ in walk(CampaignId("cmp_1"), tree)] == [
        "cmp_1-n",
        "cmp_1-n-y",
        "cmp_1-y",
    ]
    assert (tree[0].depth, tree[0].steps) == (2, 2)
    assert step_of(tree, "n") is tree[0]
    assert step_of(tree, "x") is None
    assert triggers_of(tree) == "r"
    assert triggers("r", Condition.REPLIED)
    assert not triggers("r", Condition.CLICKED)
    assert timedelta(days=30) == MAX_AFTER
