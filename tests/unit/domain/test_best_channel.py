from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, strategies as st

from functions.domain.best_channel import BestChannel, ChosenBy, habits_of, rates_of
from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import ConsentKey
from functions.domain.eligibility import Refuse, decide
from functions.domain.fatigue import Cap, Period, Recent
from functions.domain.ids import ContactId
from functions.domain.openings import Opening, Tally
from functions.domain.planning import Composed, Lane, Person, Plan, Ways, plan_each
from functions.domain.policy import Policy
from functions.domain.reason import RefusalReason
from functions.domain.route import Route
from functions.domain.sender import SenderStatus
from functions.domain.text_size import MessageType
from tests.builders import NOON, a_consent, a_contact, a_route, a_sender, a_template, an_offer

KIM, LEE = ContactId("kim"), ContactId("lee")
CHANNELS = (Channel.SMS, Channel.EMAIL, Channel.PUSH)
ADS = {each: ConsentKey(each, ConsentPurpose.ADVERTISING) for each in CHANNELS}
OTHERS = Tally(messages=199, opened=20)


def got(channel: Channel, count: int, *, opened: int = 0, others: Tally = OTHERS) -> list[Opening]:
    """So many messages, of which the person opened some."""
    return [Opening(channel, NOON if i < opened else None, others) for i in range(count)]


def best(**values: object) -> BestChannel:
    facts: dict[str, object] = {"channels": CHANNELS, "prices": (18, 1, 2), "explore": 0}
    return BestChannel(**(facts | values))  # type: ignore[arg-type]


def first(ranked: BestChannel, contact_id: ContactId | None = KIM) -> Channel:
    return ranked.channels[ranked.rank(contact_id).places[0]]


tallies = st.builds(
    lambda opened, more: Tally(messages=opened + more, opened=opened),
    st.integers(0, 300),
    st.integers(0, 3000),
)
all_tallies = st.dictionaries(st.sampled_from(CHANNELS), tallies)
an_opening = st.builds(
    Opening, st.sampled_from(CHANNELS), st.sampled_from((None, NOON)), others=tallies
)
openings = st.lists(an_opening, max_size=20).map(tuple)


def test_somebody_who_opens_by_mail_gets_it_by_mail() -> None:
    seen = (*got(Channel.EMAIL, 4, opened=3), *got(Channel.SMS, 4))

    ranking = best(openings={KIM: seen}).rank(KIM)

    assert ranking.by is ChosenBy.OWN_OPENINGS
    assert ranking.places[0] == CHANNELS.index(Channel.EMAIL)
    assert ranking.habits[Channel.EMAIL][:2] == (4, 3)


def test_somebody_of_whom_nothing_is_known_gets_it_where_most_people_open() -> None:
    known = {
        Channel.SMS: Tally(messages=900, opened=200),
        Channel.EMAIL: Tally(messages=900, opened=90),
    }

    ranking = best(tallies=known).rank(LEE)

    assert (ranking.by, ranking.places[0]) == (ChosenBy.OTHERS_OPENINGS, 0)


def test_of_equally_good_channels_the_cheapest_is_taken() -> None:
    ranking = best().rank(LEE)

    assert ranking.by is ChosenBy.PRICE
    assert [CHANNELS[place] for place in ranking.places] == [
        Channel.EMAIL,
        Channel.PUSH,
        Channel.SMS,
    ]


def test_equally_good_channels_of_the_same_price_are_taken_in_the_order_given() -> None:
    assert best(prices=(5, 5, 5)).rank(LEE).places == (0, 1, 2)


def test_message_without_a_link_says_nothing_against_its_channel() -> None:
    """Nobody opened it, of 199 others: so this person would not have, either."""
    unread = got(Channel.SMS, 5, others=Tally(messages=199, opened=0))
    ignored = got(Channel.SMS, 5, others=Tally(messages=199, opened=60))
    known = {
        each: Tally(messages=5000, opened=share)
        for each, share in zip(CHANNELS, (600, 500, 400), strict=True)
    }

    assert first(best(tallies=known, openings={KIM: tuple(unread)})) is Channel.SMS
    assert first(best(tallies=known, openings={KIM: tuple(ignored)})) is Channel.EMAIL


def test_one_opening_does_not_outweigh_what_thousands_did() -> None:
    known = {
        Channel.SMS: Tally(messages=9000, opened=1800),
        Channel.EMAIL: Tally(messages=9000, opened=90),
    }
    once = tuple(got(Channel.EMAIL, 10, opened=1, others=Tally(messages=199, opened=2)))

    assert first(best(tallies=known, openings={KIM: once})) is Channel.SMS


def test_channel_of_which_little_is_known_is_thought_to_be_like_the_others() -> None:
    rates = rates_of(CHANNELS, {Channel.SMS: Tally(messages=1000, opened=200)})

    assert rates[Channel.EMAIL] == rates[Channel.PUSH]
    assert rates[Channel.EMAIL] == pytest.approx(201 / 1010)


@given(all_tallies, openings)
def test_every_way_has_its_place_once(known: dict[Channel, Tally], seen: tuple[Opening]) -> None:
    ranking = best(tallies=known, openings={KIM: seen}).rank(KIM)

    assert sorted(ranking.places) == [0, 1, 2]


@given(all_tallies, openings, st.sampled_from(CHANNELS))
def test_opening_more_on_a_channel_never_lowers_its_rank(
    known: dict[Channel, Tally], seen: tuple[Opening, ...], channel: Channel
) -> None:
    def rank(of: tuple[Opening, ...]) -> int:
        places = best(tallies=known, openings={KIM: of}).rank(KIM).places
        return places.index(CHANNELS.index(channel))

    missed = [each for each in seen if each.channel is channel and each.opened is None]
    others = tuple(each for each in seen if each not in missed)
    before = rank((*others, *missed))

    for opened in range(1, len(missed) + 1):
        after = rank(
            (*others, *(e._replace(opened=NOON) for e in missed[:opened]), *missed[opened:])
        )
        assert after <= before
        before = after


@given(all_tallies, st.sampled_from(CHANNELS), st.integers(1, 500))
def test_what_others_open_more_on_a_channel_never_lowers_its_rank(
    known: dict[Channel, Tally], channel: Channel, more: int
) -> None:
    tally = known.get(channel, Tally())
    opened = min(tally.opened + more, tally.messages)
    place = CHANNELS.index(channel)

    before = best(tallies=known).rank(LEE).places.index(place)
    richer = known | {channel: Tally(messages=tally.messages, opened=opened)}

    assert best(tallies=richer).rank(LEE).places.index(place) <= before


@given(all_tallies, st.dictionaries(st.sampled_from("abcdefgh").map(ContactId), openings))
def test_who_else_is_asked_about_changes_nothing(
    known: dict[Channel, Tally], people: dict[ContactId, tuple[Opening, ...]]
) -> None:
    together = best(tallies=known, openings=people)

    for contact_id, seen in people.items():
        alone = best(tallies=known, openings={contact_id: seen})
        assert alone.rank(contact_id) == together.rank(contact_id)


@given(tallies, openings)
def test_equal_evidence_leads_to_the_cheapest(tally: Tally, seen: tuple[Opening, ...]) -> None:
    on_sms = [each._replace(channel=Channel.SMS) for each in seen]
    alike = tuple(each._replace(channel=channel) for channel in CHANNELS for each in on_sms)

    ranking = best(tallies=dict.fromkeys(CHANNELS, tally), openings={KIM: alike}).rank(KIM)

    assert (ranking.by, ranking.places) == (ChosenBy.PRICE, (1, 2, 0))


def test_explored_are_as_many_as_said_and_spread_over_all_ways() -> None:
    drawn = {ContactId(f"c{i}"): i / 1000 for i in range(1000)}
    exploring = best(explore=6, draw=drawn.__getitem__)

    found = [exploring.rank(each) for each in drawn]

    explored = [each for each in found if each.by is ChosenBy.EXPLORED]
    assert len(explored) == 60
    assert [sum(each.places[0] == place for each in explored) for place in range(3)] == [20] * 3
    assert all(sorted(each.places) == [0, 1, 2] for each in found)


def test_nobody_explores_where_nothing_is_to_be_explored() -> None:
    assert best(explore=0, draw=lambda _: 0.0).rank(KIM).by is ChosenBy.PRICE
    assert best(explore=20, draw=lambda _: 0.0).rank(None).by is ChosenBy.PRICE


def test_habits_leave_out_the_person_from_what_others_did() -> None:
    """In a batch of one there are no others: the rate of the channel stands for them."""
    alone = Opening(Channel.SMS, NOON, Tally(messages=0, opened=0))

    (habit,) = habits_of([alone], {Channel.SMS: 0.1}).values()

    assert (habit.messages, habit.openings) == (1, 1)
    assert habit.expected == pytest.approx(0.1)


def composed(_: Person) -> Composed:
    return Composed(message_type=MessageType.SMS, text="text")


ONCE_A_DAY_BY_MAIL = Policy(
    caps=(Cap(name="m", most=1, period=Period.CALENDAR_DAYS, length=1, channel=Channel.EMAIL),)
)


def a_lane(channel: Channel, **values: object) -> Lane:
    template = a_template(channel=channel)
    sender = a_sender(channel=channel, **values)
    route = a_route(template=template, sender=sender, policy=ONCE_A_DAY_BY_MAIL)
    return Lane(route=route, compose=composed)


def three_ways(**values: object) -> Ways:
    return Ways(lanes=tuple(map(a_lane, CHANNELS)), best=best(**values))


def somebody(*agreed: Channel, number: int = 1, mailed: bool = False) -> Person:
    """Who agreed to advertisements on these channels, and perhaps got one by mail today."""
    consents = {ADS[each]: a_consent() for each in agreed}
    offer = an_offer(channel=Channel.EMAIL)
    entries = (offer.entry(99, now=NOON - timedelta(hours=1)),) if mailed else ()
    person = Person.known(a_contact(number, consents=consents))
    return replace(person, recent=Recent(entries=entries, version=1))


def channels_of(plan: Plan) -> list[Channel]:
    return [batch.route.channel for batch in plan.batches for _ in batch.messages]


def test_way_that_the_door_refuses_gives_way_to_the_next_best() -> None:
    plan = plan_each([(somebody(Channel.SMS, Channel.PUSH), three_ways())], now=NOON)

    assert channels_of(plan) == [Channel.PUSH]
    (message,) = plan.batches[0].messages
    assert message.channel is not None
    assert message.channel.passed_over == ((Channel.EMAIL, RefusalReason.NO_CONSENT),)


def test_capped_way_gives_way_to_the_next_best() -> None:
    plan = plan_each([(somebody(*CHANNELS, mailed=True), three_ways())], now=NOON)

    assert channels_of(plan) == [Channel.PUSH]


def test_where_no_way_is_open_the_reason_of_the_best_is_kept() -> None:
    ways = replace(
        three_ways(),
        lanes=(*map(a_lane, CHANNELS[:2]), a_lane(Channel.PUSH, status=SenderStatus.SUSPENDED)),
    )

    plan = plan_each([(somebody(Channel.EMAIL, mailed=True), ways)], now=NOON)

    (refusal,) = plan.refusals
    assert refusal.reason is RefusalReason.CAPPED
    assert refusal.case is not None
    assert refusal.case.terms.channel is Channel.EMAIL
    assert refusal.channel is not None
    assert refusal.channel.channel is Channel.EMAIL
    assert dict(refusal.channel.passed_over) == {
        Channel.PUSH: RefusalReason.SENDER_NOT_APPROVED,
        Channel.SMS: RefusalReason.NO_CONSENT,
    }


def test_what_cannot_be_composed_goes_the_next_way() -> None:
    lanes = (
        a_lane(Channel.SMS),
        Lane(route=a_lane(Channel.EMAIL).route, compose=lambda _: RefusalReason.UNRENDERABLE),
        a_lane(Channel.PUSH),
    )
    ways = Ways(lanes=lanes, best=best())

    assert channels_of(plan_each([(somebody(*CHANNELS), ways)], now=NOON)) == [Channel.PUSH]


def allowed(route: Route, person: Person) -> bool:
    """Whether the door lets a message through that may go no other way."""
    alone = Ways(lanes=(Lane(route=route, compose=composed),))
    return not plan_each([(person, alone)], now=NOON).refusals


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from(CHANNELS)), st.booleans(), openings),
        max_size=30,
    ),
    st.integers(0, 20),
    st.randoms(),
)
def test_nobody_gets_a_refused_way_or_none_while_another_is_open(
    given_to: list[tuple[set[Channel], bool, tuple[Opening, ...]]],
    explore: int,
    random: Random,
) -> None:
    people = [
        somebody(*sorted(agreed), number=number, mailed=mailed)
        for number, (agreed, mailed, _) in enumerate(given_to)
    ]
    seen = {person.contact_id: given_to[at][2] for at, person in enumerate(people)}
    ways = three_ways(
        openings=seen, explore=explore, draw=lambda each: int(each[1:]) * 7 % 100 / 100
    )

    plan = plan_each([(person, ways) for person in people], now=NOON)

    shuffled = list(people)
    random.shuffle(shuffled)
    again = plan_each([(person, ways) for person in shuffled], now=NOON)
    assert taken(plan) == taken(again)
    for person in people:
        open_to = {lane.route.channel for lane in ways.lanes if allowed(lane.route, person)}
        chosen = taken(plan)[person.contact_id]
        assert chosen in open_to if open_to else chosen is None


def taken(plan: Plan) -> dict[ContactId | None, Channel | None]:
    found: dict[ContactId | None, Channel | None] = {
        message.person.contact_id: batch.route.channel
        for batch in plan.batches
        for message in batch.messages
    }
    for batch in plan.batches:
        for message in batch.messages:
            assert message.case is not None
            assert not isinstance(decide(message.case, now=NOON), Refuse)
    return found | {each.person.contact_id: None for each in plan.refusals}
