"""Merging on the real stores: everything arrives once, whenever the caller dies."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pynamodb.connection.base import Connection

from functions.contacts import wiring
from functions.contacts.merging import Merged, merge
from functions.contacts.service import find
from functions.contracts.errors import NotFound
from functions.domain.activity import ActivityKey
from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import ConsentAction, ConsentKey, chain_breaks
from functions.domain.contact import Contact, Email
from functions.domain.erasure import Traces
from functions.domain.event import Event
from functions.domain.fatigue import Entry
from functions.domain.history import PageName
from functions.domain.ids import BatchNumber, CampaignId, ContactId, MessageNumber
from functions.domain.membership import Members
from functions.domain.person_activity import PersonActivity, record
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import ADVERTISING, Mark, Suppression
from functions.domain.writing import ConsentChange
from functions.runtime.pseudonym import subject_of
from functions.storage.activities import ActivityStore
from functions.storage.campaigns import CampaignStore
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactItem, ContactStore
from functions.storage.erasing import messages_of
from functions.storage.histories import HistoryStore
from functions.storage.merging import former_ids, merged_into
from functions.storage.recents import RecentStore
from functions.storage.suppressions import SuppressionStore, address_hash
from tests.builders import NOON, SEOUL, a_campaign, a_part, a_phone

A, B = ContactId("a"), ContactId("b")
SMS = ConsentKey(Channel.SMS, ConsentPurpose.ADVERTISING)
EMAIL = ConsentKey(Channel.EMAIL, ConsentPurpose.ADVERTISING)
BUY = ActivityKey("purchase")
OLD = NOON - timedelta(days=100)


class Killed(BaseException):
    """The caller dies here."""


def a_change(key: ConsentKey, action: ConsentAction) -> ConsentChange:
    return ConsentChange(key=key, action=action, at=NOON, source="api", actor="k", text_version="1")


def a_message(number: int) -> MessageNumber:
    return MessageNumber(batch=BatchNumber(number), ordinal=0)


def an_entry(number: int, at: datetime = NOON) -> Entry:
    return Entry(
        number=a_message(number).packed,
        at=int(at.timestamp()),
        channel=Channel.SMS,
        template=1,
        source=1,
    )


def bought(contact_id: ContactId, *moments: datetime, first_key: int) -> None:
    for number, at in enumerate(moments):
        activity = ActivityStore().look_up([contact_id], consistent=True)[contact_id].activity
        event = Event(key=first_key + number, name="purchase", at=at, minor=100, properties=())
        counted = record(activity, [event], known=True, now=at, zone=SEOUL).activity
        assert ActivityStore().save(contact_id, counted, today=at.date())


def two_people(*, survivor_phone: int | None = None) -> None:
    """B has the number, a refusal, a consent, advertisements, activity old and new."""
    phone = None if survivor_phone is None else a_phone(survivor_phone)
    ContactStore().save(Contact(contact_id=A, phone=phone, attributes={"x": 1}), replacing=None)
    other = Contact(
        contact_id=B,
        phone=a_phone(2),
        email=Email("b@example.com"),
        attributes={"x": 2, "y": 3},
        groups=frozenset({"vip"}),
    )
    ContactStore().save(other, replacing=None)
    consents = ConsentStore()
    consents.append(A, [a_change(SMS, ConsentAction.GRANT)], now=NOON)
    consents.append(B, [a_change(SMS, ConsentAction.WITHDRAW)], now=NOON)
    consents.append(B, [a_change(EMAIL, ConsentAction.GRANT)], now=NOON)
    mark = Mark(reason=SuppressionReason.OPT_OUT_CALL, scope=ADVERTISING, since=NOON)
    hashed = address_hash(a_phone(2).e164)
    SuppressionStore().put(Suppression(address_hash=hashed, mark=mark, source="080"))
    ContactStore().add_marks(B, hashed, [mark])
    RecentStore().take(A, an_entry(1), version=0)
    RecentStore().take(B, an_entry(2), version=0)
    RecentStore().take(B, an_entry(3, NOON - timedelta(days=1)), version=1)
    ContactStore().note_in_months(B, [an_entry(4, OLD)])
    name = PageName(month="202607", campaign_id=CampaignId("cmp_1"), part="000000")
    noted = [(B, 5), (ContactId("c"), 6)]
    HistoryStore().note(name, [(who, a_message(number)) for who, number in noted])
    bought(A, NOON, first_key=10)
    bought(B, OLD, OLD + timedelta(days=1), NOON, first_key=20)


def merged(*, now: datetime = NOON) -> Merged:
    return merge(A, B, deps=wiring.merge_deps(B, actor="key_1"), now=now)


def assert_all_is_there(*, phone: int) -> None:
    profile = ContactStore().get(A)
    assert profile is not None
    contact = profile.contact
    assert (contact.phone, contact.email) == (a_phone(phone), Email("b@example.com"))
    assert contact.attributes == {"x": 1, "y": 3}
    assert contact.groups == {"vip"}
    assert {key: each.granted for key, each in contact.consents.items()} == {
        SMS: False,
        EMAIL: True,
    }
    (mark,) = contact.suppressions[address_hash(a_phone(phone).e164)]
    assert mark.reason is SuppressionReason.OPT_OUT_CALL
    assert {each.number for each in RecentStore().of([A])[A].entries} == {
        an_entry(number).number for number in (1, 2, 3)
    }
    sent = list(HistoryStore().of(A))
    assert sorted(number.batch for _, number in sent) == [1, 2, 3, 4, 5]
    assert sent[-1] == ("202607", a_message(5))
    assert list(HistoryStore().of(B)) == []
    assert list(HistoryStore().of(ContactId("c"))) == [("202607", a_message(6))]
    totals = ActivityStore().of(A, first=date(2026, 1, 1), last=date(2027, 1, 1), zone=SEOUL)[BUY]
    assert [each.count for each in totals] == [1, 1, 2]
    evidence = ConsentStore().history(A)
    assert chain_breaks(evidence) == ()
    told = [each for each in evidence if each.source == f"merge:{subject_of(B)}"]
    assert {(each.key, each.action) for each in told} == {
        (SMS, ConsentAction.WITHDRAW),
        (EMAIL, ConsentAction.IMPORT),
    }
    assert len(told) == 2
    others = ConsentStore().history_of_erased(subject_of(B))
    assert [each.key for each in others] == [SMS, EMAIL]
    assert chain_breaks(others) == ()
    assert [row.kind for row in ContactItem.query(B)] == ["MERGED"]
    assert (merged_into(B), former_ids(A)) == (A, (B,))
    assert SuppressionStore().owner_of(address_hash(a_phone(phone).e164)) == A


def test_everything_becomes_the_survivors() -> None:
    two_people()

    done = merged()

    assert (done.groups_left_out, done.attributes_left_out) == ((), ())
    assert_all_is_there(phone=2)


def test_the_others_refusal_holds_for_the_survivors_own_number() -> None:
    two_people(survivor_phone=1)

    merged()

    assert_all_is_there(phone=1)
    assert SuppressionStore().owner_of(address_hash(a_phone(2).e164)) is None
    assert SuppressionStore().get(address_hash(a_phone(2).e164))


def test_merging_again_changes_nothing() -> None:
    two_people()
    merged()

    merged()

    assert_all_is_there(phone=2)


def test_the_former_id_says_what_it_became() -> None:
    two_people()
    merged()

    with pytest.raises(NotFound) as raised:
        find(B, deps=wiring.deps())

    assert (raised.value.code, raised.value.merged_into) == ("contact_merged", A)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("first", range(1, 58, 6))
def test_dying_at_any_request_is_made_good_by_calling_again(
    monkeypatch: pytest.MonkeyPatch, *, first: int, after: bool
) -> None:
    two_people()
    for at in range(first, first + 6):
        _die(monkeypatch, at=at, after=after, work=merged)

    merged()

    assert_all_is_there(phone=2)


def _die(
    monkeypatch: pytest.MonkeyPatch, *, at: int, after: bool, work: Callable[[], object]
) -> None:
    """Let the work die at its n-th request, before or after it took effect."""
    dispatch, made = Connection.dispatch, 0

    def dying(self: Connection, operation_name: str, *args: Any, **kwargs: Any) -> Any:
        nonlocal made
        made += 1
        if made == at and not after:
            raise Killed
        answer = dispatch(self, operation_name, *args, **kwargs)
        if made == at:
            raise Killed
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "dispatch", dying)
        try:
            work()
        except Killed:
            return


def test_who_withdraws_meanwhile_has_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    two_people()
    suppress, calls = SuppressionStore.put_decided, []

    def withdrawing(self: SuppressionStore, *args: Any, **kwargs: Any) -> Any:
        if not calls:
            ConsentStore().append(B, [a_change(EMAIL, ConsentAction.WITHDRAW)], now=NOON)
        calls.append(1)
        return suppress(self, *args, **kwargs)

    monkeypatch.setattr(SuppressionStore, "put_decided", withdrawing)
    merged()

    profile = ContactStore().get(A)
    assert profile is not None
    assert not profile.contact.consents[EMAIL].granted


def test_events_that_wait_are_counted_for_the_survivor() -> None:
    two_people()
    merged()
    late = Event(key=99, name="purchase", at=NOON, minor=100, properties=())
    waiting = record(PersonActivity(), [late], known=False, now=NOON, zone=SEOUL).activity
    assert ActivityStore().save(B, waiting, today=NOON.date())

    merged()

    totals = ActivityStore().of(A, first=NOON.date(), last=NOON.date(), zone=SEOUL)[BUY]
    assert [each.count for each in totals] == [3]


def test_a_chain_of_merges_knows_all_former_ids() -> None:
    two_people()
    merged()
    ContactStore().save(Contact(contact_id=ContactId("c")), replacing=None)

    merge(ContactId("c"), A, deps=wiring.merge_deps(A, actor="k"), now=NOON)

    assert set(former_ids(ContactId("c"))) == {A, B}


def test_messages_that_never_left_to_the_former_id_are_the_persons() -> None:
    two_people()
    merged()
    CampaignStore().create(a_campaign())
    batches = (BatchNumber(7),)
    part = a_part(planned=True, batches=batches, batch_sizes=(3,), members=Members.of([B]))
    CampaignStore().add_part(a_part())
    CampaignStore().mark_planned(part)

    assert (7, -1) in messages_of(Traces(contact_id=A))
