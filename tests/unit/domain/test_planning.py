from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from functions.domain.case import Numbering, PersonFacts, ZoneRule
from functions.domain.case_of_person import case_for
from functions.domain.channel import Purpose
from functions.domain.contact import Contact, Phone
from functions.domain.fatigue import Cap, Period, Recent, Same
from functions.domain.ids import BatchNumber, TemplateId
from functions.domain.local_time import LocalHour
from functions.domain.message import MessageStatus, Send
from functions.domain.numbering import number_batches
from functions.domain.planning import (
    Composed,
    Lane,
    Person,
    Ways,
    plan,
    plan_each,
)
from functions.domain.policy import ClassRules, Policy, WhenCapped
from functions.domain.preference_token import MARK
from functions.domain.reason import HoldReason, RefusalReason
from functions.domain.scheduling import scheduled
from functions.domain.text_size import MessageType
from tests.builders import (
    MORNING,
    NIGHT,
    NOON,
    SMS_ADS,
    SMS_NIGHT_ADS,
    a_consent,
    a_contact,
    a_meta,
    a_person,
    a_phone,
    a_route,
    a_sender,
    a_template,
    an_offer,
)


def composed(_: Person) -> Composed:
    return Composed(message_type=MessageType.SMS, text="text")


def by_type(person: Person) -> Composed | RefusalReason:
    """Odd people get an LMS; every fifth cannot be composed for."""
    number = int((person.contact_id or "c0")[1:])
    if number % 5 == 0:
        return RefusalReason.UNRENDERABLE
    kind = MessageType.LMS if number % 2 else MessageType.SMS
    return Composed(message_type=kind, text=f"text {number}")


@given(st.lists(st.integers(1, 2000), max_size=700), st.booleans())
def test_everyone_is_in_exactly_one_batch_or_refused(numbers, night) -> None:
    people = [a_person(n, consents={} if n % 3 == 0 else {SMS_ADS: a_consent()}) for n in numbers]

    planned = plan(people, a_route(), compose=by_type, now=NIGHT if night else NOON)

    messages = [message for batch in planned.batches for message in batch.messages]
    assert len(messages) + len(planned.refusals) == len(people)
    phones = [message.person.phone for message in messages]
    assert len(phones) == len(set(phones))
    assert all(1 <= len(batch.messages) <= 200 for batch in planned.batches)


def test_batches_are_of_one_type() -> None:
    planned = plan([a_person(n) for n in range(1, 5)], a_route(), compose=by_type, now=NOON)

    assert sorted(batch.message_type for batch in planned.batches) == ["lms", "sms"]


def test_people_with_night_consent_start_at_once_and_others_in_the_morning() -> None:
    night_owl = a_person(1, consents={SMS_ADS: a_consent(), SMS_NIGHT_ADS: a_consent()})

    planned = plan([night_owl, a_person(2)], a_route(), compose=composed, now=NIGHT)

    assert [batch.start_at for batch in planned.batches] == [None, MORNING]
    assert planned.batches[1].messages[0].send == Send.held(HoldReason.NIGHT)


def test_second_contact_at_the_same_number_is_refused() -> None:
    people = [a_person(1), a_person(2, phone=a_phone(1))]

    planned = plan(people, a_route(), compose=composed, now=NOON)

    assert planned.refused == {RefusalReason.DUPLICATE_ADDRESS: 1}


def test_somebody_unknown_is_refused_as_such() -> None:
    nobody = Person(contact=None, phone=None)

    planned = plan([nobody], a_route(), compose=composed, now=NOON)

    assert planned.refused == {RefusalReason.UNKNOWN_CONTACT: 1}


def test_a_wrong_label_is_refused() -> None:
    def mislabelled(_: Person) -> Composed:
        return Composed(message_type=MessageType.SMS, text="[광고] 할인", ad_label_correct=False)

    planned = plan([a_person(1)], a_route(), compose=mislabelled, now=NOON)

    assert planned.refused == {RefusalReason.AD_LABEL: 1}


def test_nothing_is_composed_for_who_may_not_be_written_to() -> None:
    def never(_: Person) -> Composed:
        raise AssertionError

    planned = plan([a_person(1, consents={})], a_route(), compose=never, now=NOON)

    assert planned.refused == {RefusalReason.NO_CONSENT: 1}


def test_scheduling_holds_what_would_start_at_once() -> None:
    night_owl = a_person(1, consents={SMS_ADS: a_consent(), SMS_NIGHT_ADS: a_consent()})
    planned = plan([night_owl, a_person(2)], a_route(), compose=composed, now=NIGHT)

    later = scheduled(planned, start_at=NIGHT)

    assert [batch.start_at for batch in later.batches] == [NIGHT, MORNING]
    assert later.batches[0].messages[0].send == Send.held(HoldReason.SCHEDULED)


def test_numbers_follow_each_other_and_codes_are_filled_in() -> None:
    route = a_route(template=a_template(links=("https://shop.example/",)), sender=a_sender())

    def linked(_: Person) -> Composed:
        return Composed(message_type=MessageType.SMS, text="보기 https://s/{~link0~~~}")

    drafts = plan([a_person(1), a_person(2)], route, compose=linked, now=NOON).batches
    (batch,) = number_batches(
        drafts,
        first=BatchNumber(41),
        source=a_meta().source,
        code_of=lambda number, ordinal, link: f"{number}.{ordinal}.{link}",
        token_of=lambda *_: "token",
        now=NOON,
    )

    assert batch.meta.number == 41
    assert [recipient.text for recipient in batch.recipients] == [
        "보기 https://s/41.0.0",
        "보기 https://s/41.1.0",
    ]
    assert batch.state.ordinals_of(MessageStatus.PENDING) == (0, 1)


def test_every_message_gets_a_token_of_its_own_from_when_it_may_leave() -> None:
    def with_page(_: Person) -> Composed:
        text, gap = f"거부 https://a/p/{MARK}", {"주소": MARK}
        return Composed(message_type=MessageType.LMS, text=text, subject=MARK, variables=gap)

    drafts = plan([a_person(1), a_person(2)], a_route(), compose=with_page, now=NOON).batches
    (batch,) = number_batches(
        drafts,
        first=BatchNumber(41),
        source=a_meta().source,
        code_of=lambda *_: "code",
        token_of=lambda number, ordinal, start: f"{number}.{ordinal}.{start:%H}",
        now=NOON,
    )

    first, second = batch.recipients
    began = f"{NOON:%H}"
    assert first.text == f"거부 https://a/p/41.0.{began}"
    assert (second.subject, second.variables) == (f"41.1.{began}", {"주소": f"41.1.{began}"})


def test_batch_of_long_texts_is_cut_before_its_row_would_be_too_large() -> None:
    def long(_: Person) -> Composed:
        return Composed(message_type=MessageType.LMS, text="가" * 1000)

    people = [a_person(n) for n in range(1, 401)]
    planned = plan(people, a_route(), compose=long, now=NOON)

    sizes = [len(batch.messages) for batch in planned.batches]
    assert sum(sizes) == 400
    assert max(sizes) * 3000 <= 500_000
    assert len(sizes) == 3


def a_capped_person(number: int = 1) -> Person:
    entry = an_offer().entry(99, now=NOON - timedelta(hours=1))
    return replace(a_person(number), recent=Recent(entries=(entry,), version=4))


ONE_SMS_A_DAY = Policy(
    caps=(Cap(name="c", most=1, period=Period.CALENDAR_DAYS, length=1, same=Same.TEMPLATE),)
)


def test_whom_a_cap_keeps_back_goes_the_other_way() -> None:
    route = a_route(policy=ONE_SMS_A_DAY, when_capped=WhenCapped.SWAP)
    other = a_route(template=a_template(template_id=TemplateId("tpl_2")), policy=ONE_SMS_A_DAY)

    drafted = plan(
        [a_capped_person(1), a_person(2)],
        route,
        compose=composed,
        now=NOON,
        swap=Lane(route=other, compose=composed),
    )

    assert drafted.refusals == ()
    assert {
        batch.route.template.template_id: [m.person.contact_id for m in batch.messages]
        for batch in drafted.batches
    } == {"tpl_1": ["c2"], "tpl_2": ["c1"]}


def test_who_may_not_go_the_other_way_either_is_capped() -> None:
    route = a_route(policy=ONE_SMS_A_DAY, when_capped=WhenCapped.SWAP)
    lane = Lane(route=route, compose=composed)

    drafted = plan([a_capped_person()], route, compose=composed, now=NOON, swap=lane)

    assert drafted.refused == {RefusalReason.CAPPED: 1}


def test_a_message_remembers_which_row_was_looked_at() -> None:
    drafts = plan([a_capped_person()], a_route(), compose=composed, now=NOON).batches

    (batch,) = number_batches(
        drafts,
        first=BatchNumber(1),
        source=a_meta().source,
        code_of=lambda *_: "",
        token_of=lambda *_: "",
        now=NOON,
    )

    assert batch.recipients[0].recent_version == 4
    assert (batch.meta.priority, batch.meta.when_capped) == (5, WhenCapped.SKIP)


def test_a_class_says_how_long_its_messages_are_worth_sending() -> None:
    rules = {Purpose.ADVERTISING: ClassRules(expires_after=timedelta(hours=5))}
    route = a_route(policy=Policy(rules_by_class=rules))
    drafts = plan([a_person(1)], route, compose=composed, now=NOON).batches
    start = NOON + timedelta(days=2)

    made = [
        number_batches(
            drafts,
            first=BatchNumber(1),
            source=a_meta().source,
            code_of=lambda *_: "",
            token_of=lambda *_: "",
            now=NOON,
            start=begin,
        )[0].meta.expires
        for begin in (None, start)
    ]

    assert made == [NOON + timedelta(hours=5), start + timedelta(hours=5)]


@pytest.mark.parametrize(
    ("contact", "phone", "zone", "rule"),
    [
        (a_contact(1, zone="Asia/Tokyo"), a_phone(1), "Asia/Tokyo", ZoneRule.PROFILE),
        (a_contact(1), a_phone(1), "Asia/Seoul", ZoneRule.PHONE),
        (None, Phone("+12125550100"), "America/New_York", ZoneRule.PHONE),
        (None, Phone("+870773820001"), "Europe/London", ZoneRule.TENANT),
        (None, None, "Europe/London", ZoneRule.TENANT),
    ],
)
def test_the_zone_is_the_persons_own_else_the_numbers_else_the_companys(
    contact: Contact | None, phone: Phone | None, zone: str, rule: ZoneRule
) -> None:
    new_york = (ZoneInfo("America/New_York"),)
    route = a_route(
        default_zone=ZoneInfo("Europe/London"),
        zones_of_phone=lambda each: new_york if each.is_north_american else (),
    )
    terms = route.terms(now=NOON, expires=None)

    facts = Person(contact=contact, phone=phone).facts

    case = case_for(facts, terms, route.zones(facts), ad_label_correct=True)

    assert ([each.key for each in case.zones], case.zone_rule) == ([zone], rule)


@pytest.mark.parametrize(
    ("phone", "numbering", "reachable"),
    [
        (a_phone(1), Numbering.KOREA, True),
        (Phone("+12125550100"), Numbering.NORTH_AMERICA, False),
        (Phone("+819012345678"), Numbering.OTHER, False),
        (None, Numbering.KOREA, False),
    ],
)
def test_the_numbering_plan_is_told(
    phone: Phone | None, numbering: Numbering, reachable: bool
) -> None:
    route = a_route()
    terms = route.terms(now=NOON, expires=None)

    facts = PersonFacts(phone)

    case = case_for(facts, terms, route.zones(facts), ad_label_correct=True)

    assert (case.numbering, case.has_address) == (numbering, reachable)


def test_everybody_starts_at_the_hour_of_their_own_zone() -> None:
    people = [a_person(1, zone="Asia/Seoul"), a_person(2, zone="Europe/London"), a_person(3)]
    route = a_route(
        template=a_template(purpose=Purpose.TRANSACTIONAL),
        at_local=LocalHour(after=NOON, clock=time(13)),
    )

    planned = plan(people, route, compose=composed, now=NOON)

    starts = {batch.start_at: len(batch.messages) for batch in planned.batches}
    hour = timedelta(hours=1)
    assert starts == {NOON + hour: 2, NOON + 10 * hour: 1}
    assert {batch.begins for batch in planned.batches} == set(starts)
    assert {m.send for batch in planned.batches for m in batch.messages} == {
        Send.held(HoldReason.SCHEDULED)
    }


def test_who_is_past_the_hour_already_starts_at_once() -> None:
    route = a_route(at_local=LocalHour(after=NOON, clock=time(13)))
    later = NOON + timedelta(hours=2)

    planned = plan([a_person(1)], route, compose=composed, now=later)

    assert [batch.start_at for batch in planned.batches] == [None]


def test_hour_in_the_night_gives_way_to_the_law() -> None:
    route = a_route(at_local=LocalHour(after=NOON, clock=time(23)))

    planned = plan([a_person(1)], route, compose=composed, now=NOON)

    assert [batch.start_at for batch in planned.batches] == [MORNING]
    assert planned.batches[0].messages[0].send == Send.held(HoldReason.NIGHT)


@given(st.lists(st.tuples(st.integers(1, 900), st.sampled_from("ab")), max_size=700))
def test_variants_never_share_a_batch_and_everyone_is_in_one_of_their_own(
    given_to: list[tuple[int, str]],
) -> None:
    ways = {
        name: Ways(lanes=(Lane(route=a_route(variant=name), compose=by_type),))
        for name in ("a", "b")
    }

    drafted = plan_each(((a_person(n), ways[name]) for n, name in given_to), now=NOON)

    wanted = {a_phone(n): name for n, name in reversed(given_to)}
    got = [
        (message.person.phone, batch.route.variant)
        for batch in drafted.batches
        for message in batch.messages
    ]
    assert len(got) + len(drafted.refusals) == len(given_to)
    assert len(dict(got)) == len(got)
    assert all(wanted[phone] == name for phone, name in got if phone is not None)


def test_whom_a_cap_sends_the_other_way_stays_of_the_variant() -> None:
    route = a_route(policy=ONE_SMS_A_DAY, when_capped=WhenCapped.SWAP, variant="b")
    other = replace(route, template=a_template(template_id=TemplateId("tpl_2")))
    lanes = tuple(Lane(route=each, compose=composed) for each in (route, other))
    ways = Ways(lanes=lanes, only_if=RefusalReason.CAPPED)

    drafted = plan_each([(a_capped_person(), ways)], now=NOON)
    (batch,) = number_batches(
        drafted.batches,
        first=BatchNumber(1),
        source=a_meta().source,
        code_of=lambda *_: "",
        token_of=lambda *_: "",
        now=NOON,
    )

    assert (batch.meta.template_id, batch.meta.variant) == ("tpl_2", "b")
