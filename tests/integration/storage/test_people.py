from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from functions.domain.best_channel import ChannelChoice, ChosenBy
from functions.domain.best_time import Because, Choice
from functions.domain.campaign import Outcome
from functions.domain.channel import Channel, Purpose
from functions.domain.consent import Consent
from functions.domain.contact import Contact, Email
from functions.domain.fatigue import Recent
from functions.domain.ids import AddressHash, ContactId
from functions.domain.planning import Person
from functions.domain.policy import ClassRules, Policy
from functions.domain.reason import HoldReason, RefusalReason, SuppressionReason
from functions.storage.people import PeopleStore
from tests.builders import (
    NOON,
    SMS_ADS,
    SMS_NIGHT_ADS,
    a_case,
    a_mark,
    a_person,
    a_phone,
    some_terms,
)
from tests.fakes.campaigns import FakePeople
from tests.integration.account import Account

KEY = "parts/cmp_1/000000-p_1"
People = PeopleStore | FakePeople


@pytest.fixture(params=[FakePeople, PeopleStore], ids=["fake", "real"])
def people(request: pytest.FixtureRequest) -> People:
    made: People = request.param()
    return made


EVERYTHING = Contact(
    contact_id=ContactId("c1"),
    phone=a_phone(1),
    phone_hash=AddressHash("hash1"),
    email=Email("c1@example.com"),
    attributes={"이름": "김하늘", "points": 7, "rate": 0.5, "vip": True, "text": "줄\n바꿈 🌸"},
    locale="en",
    zone="Asia/Tokyo",
    consents={
        SMS_ADS: Consent(granted=True, at=NOON, seq=3),
        SMS_NIGHT_ADS: Consent(granted=False, at=datetime(2026, 1, 1, tzinfo=UTC), seq=2),
    },
    suppressions={AddressHash("hash1"): (a_mark(SuppressionReason.OPT_OUT_CALL),)},
)


@pytest.mark.parametrize(
    "person",
    [
        Person.known(EVERYTHING),
        Person.known(Contact(contact_id=ContactId("c2"))),
        Person(contact=None, phone=a_phone(5)),
        Person(contact=None, phone=a_phone(6), marks=(a_mark(),)),
        Person(contact=None, phone=None),
    ],
    ids=["everything", "nothing", "stranger", "suppressed stranger", "nobody"],
)
def test_person_is_read_with_all_that_planning_looks_at(people: People, person: Person) -> None:
    people.save(KEY, [person])

    assert people.load(KEY) == (person,)


def test_people_stay_in_order(people: People) -> None:
    slice_ = tuple(a_person(number) for number in range(1, 51))

    people.save(KEY, iter(slice_))

    assert people.load(KEY) == slice_


def test_slice_of_nobody_is_kept(people: People) -> None:
    people.save(KEY, [])

    assert people.load(KEY) == ()


def test_slice_is_not_readable_by_eye(account: Account) -> None:
    PeopleStore().save(KEY, [Person.known(EVERYTHING)])

    stored = account.get_object(KEY)

    assert b"c1@example.com" not in stored


def test_slice_that_is_not_there_fails_loudly() -> None:
    with pytest.raises(ClientError):
        PeopleStore().load("parts/cmp_1/000000-p_9")


def test_people_given_directly_are_kept_as_given(people: People) -> None:
    given = ["id:c1", "tel:+821000000001", "id:고객 1"]

    people.save_direct("campaigns/cmp_1/direct", given)

    assert people.load_direct("campaigns/cmp_1/direct") == tuple(given)


def test_what_was_looked_at_is_kept_without_personal_data(people: People, account: Account) -> None:
    rules = dict.fromkeys(Purpose, ClassRules())
    terms = some_terms(policy=Policy(version=3, rules_by_class=rules))
    outcomes = [
        Outcome(
            contact_id=ContactId("c1"),
            reason=RefusalReason.NO_CONSENT,
            at=NOON,
            case=a_case(terms=terms, consents={}, marks=(a_mark(),)),
        ),
        Outcome(
            contact_id=ContactId("c2"),
            reason=HoldReason.NIGHT,
            at=NOON,
            case=a_case(terms=terms, recent=Recent(version=2)),
            choice=Choice(at=NOON, because=Because.OTHERS_OPENINGS, openings=2),
        ),
        Outcome(contact_id=None, reason=RefusalReason.UNKNOWN_CONTACT, at=NOON, case=None),
        Outcome(
            contact_id=ContactId("c3"),
            reason=None,
            at=NOON,
            case=None,
            channel=ChannelChoice(
                channel=Channel.KAKAO,
                by=ChosenBy.OWN_OPENINGS,
                messages=9,
                openings=3,
                passed_over=((Channel.SMS, RefusalReason.SUPPRESSED),),
            ),
        ),
    ]

    people.save_outcomes("campaigns/cmp_1/outcomes/x", outcomes, at=NOON)

    assert people.load_outcomes("campaigns/cmp_1/outcomes/x") == tuple(outcomes)


def test_a_slice_that_was_planned_is_deleted() -> None:
    PeopleStore().save(KEY, [a_person(1)])

    PeopleStore().delete(KEY)
    PeopleStore().delete(KEY)

    with pytest.raises(ClientError):
        PeopleStore().load(KEY)
