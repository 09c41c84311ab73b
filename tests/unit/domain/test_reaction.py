"""Reactions to messages: added in any order, counted once."""

from datetime import timedelta

from hypothesis import given, strategies as st

from functions.domain.channel import Channel
from functions.domain.fatigue import Entry, Recent
from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.reaction import NO_REACTIONS, Reaction, Reactions, put_down_to
from tests.builders import NOON

_ADDED = st.lists(
    st.tuples(st.integers(0, 199), st.sampled_from(Reaction), st.integers(1, 30_000)), max_size=40
)


def all_of(added: list[tuple[int, Reaction, int]]) -> Reactions:
    found = NO_REACTIONS
    for ordinal, reaction, elapsed_s in added:
        found = found.having(ordinal, reaction, elapsed_s=elapsed_s)
    return found


@given(added=_ADDED, again=st.randoms())
def test_order_and_repetition_do_not_matter(added, again) -> None:
    shuffled = [*added, *added]
    again.shuffle(shuffled)

    assert all_of(shuffled) == all_of(added)


@given(added=_ADDED)
def test_each_message_counts_once_for_each_reaction(added) -> None:
    found = all_of(added)

    for reaction in Reaction:
        assert found.count(reaction) == len(
            {ordinal for ordinal, each, _ in added if each is reaction}
        )


@given(added=_ADDED)
def test_the_first_of_each_kind_has_its_moment(added) -> None:
    first = {
        (ordinal, reaction): min(at for who, how, at in added if (who, how) == (ordinal, reaction))
        for ordinal, reaction, _ in added
    }

    assert {each[:2]: each[2] for each in all_of(added).firsts()} == first


def test_what_was_noted_before_moments_were_kept_gets_none_later() -> None:
    old = Reactions(NO_REACTIONS.having(3, Reaction.OPTED_OUT, elapsed_s=5).packed)

    assert old.having(3, Reaction.OPTED_OUT, elapsed_s=9) == old
    assert old.count(Reaction.OPTED_OUT) == 1
    assert list(old.firsts()) == []


def test_a_whole_batch_needs_fifty_bytes() -> None:
    assert len(NO_REACTIONS.having(199, Reaction.COMPLAINED, elapsed_s=1).packed) == 50


def an_entry(number: int, *, days: int) -> Entry:
    at = int((NOON - timedelta(days=days)).timestamp())
    packed = MessageNumber(batch=BatchNumber(number), ordinal=3).packed
    return Entry(number=packed, at=at, channel=Channel.SMS, template=1, source=1)


def test_an_opt_out_is_put_down_to_the_newest_advertisement_before_it() -> None:
    recent = Recent(entries=(an_entry(1, days=5), an_entry(2, days=1), an_entry(3, days=-1)))

    found = put_down_to(recent, at=NOON)

    assert found == MessageNumber(batch=BatchNumber(2), ordinal=3)


def test_what_was_sent_long_ago_is_not_blamed() -> None:
    assert put_down_to(Recent(entries=(an_entry(1, days=8),)), at=NOON) is None
    assert put_down_to(Recent(), at=NOON) is None


def test_of_two_advertisements_of_one_second_the_later_is_blamed() -> None:
    entries = (an_entry(1, days=1), an_entry(2, days=1))

    for recent in (Recent(entries=entries), Recent(entries=entries[::-1])):
        assert put_down_to(recent, at=NOON) == MessageNumber.unpack(entries[1].number)
