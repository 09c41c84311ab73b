from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.errors import Conflict, NotFound
from functions.domain.consent import Consent, ConsentAction, ConsentKey, chain_breaks
from functions.domain.contact import Contact
from functions.domain.ids import ContactId
from functions.domain.writing import ConsentChange
from functions.storage.consents import ConsentItem, ConsentStore
from functions.storage.contacts import ContactItem, ContactStore
from tests.builders import NOON, SMS_ADS, SMS_NIGHT_ADS
from tests.fakes.people import FakeConsents, FakeProfiles

C1, C2 = ContactId("c1"), ContactId("c2")
GRANT, WITHDRAW = ConsentAction.GRANT, ConsentAction.WITHDRAW
Consents = ConsentStore | FakeConsents


def a_change(
    action: ConsentAction = GRANT, *, key: ConsentKey = SMS_ADS, minutes: int = 0
) -> ConsentChange:
    return ConsentChange(
        key=key,
        action=action,
        at=NOON + timedelta(minutes=minutes),
        source="api",
        actor="key_1",
        text_version="2026-01",
    )


def fake_store() -> tuple[Any, Any]:
    profiles = FakeProfiles()
    return profiles, FakeConsents(profiles)


@pytest.fixture(params=[fake_store, lambda: (ContactStore(), ConsentStore())], ids=["fake", "real"])
def stores(request: pytest.FixtureRequest) -> tuple[Any, Consents]:
    """The contacts, among them one, and their evidence."""
    contacts, consents = request.param()
    contacts.save(Contact(contact_id=C1), replacing=None)
    return contacts, consents


def test_evidence_is_appended_and_put_in_force(stores: tuple[Any, Consents]) -> None:
    contacts, consents = stores

    (record,) = consents.append(C1, [a_change()], now=NOON)

    assert (record.seq, record.key, record.action, record.at) == (1, SMS_ADS, GRANT, NOON)
    assert (record.source, record.actor, record.text_version) == ("api", "key_1", "2026-01")
    assert record.previous == "0" * 64
    profile = contacts.get(C1)
    assert profile.contact.consents == {SMS_ADS: Consent(granted=True, at=NOON, seq=1)}
    assert (profile.consent_seq, profile.consent_head) == (1, record.digest)


def test_rows_hang_together(stores: tuple[Any, Consents]) -> None:
    _, consents = stores

    consents.append(C1, [a_change(), a_change(key=SMS_NIGHT_ADS)], now=NOON)
    consents.append(C1, [a_change(WITHDRAW, minutes=5)], now=NOON)

    history = consents.history(C1)
    assert [(each.seq, each.key, each.action) for each in history] == [
        (1, SMS_ADS, GRANT),
        (2, SMS_NIGHT_ADS, GRANT),
        (3, SMS_ADS, WITHDRAW),
    ]
    assert chain_breaks(history) == ()


def test_what_was_said_of_each_key_last_is_in_force(stores: tuple[Any, Consents]) -> None:
    contacts, consents = stores
    consents.append(C1, [a_change(), a_change(key=SMS_NIGHT_ADS)], now=NOON)

    consents.append(C1, [a_change(WITHDRAW, minutes=5)], now=NOON)

    assert contacts.get(C1).contact.consents == {
        SMS_ADS: Consent(granted=False, at=NOON + timedelta(minutes=5), seq=3),
        SMS_NIGHT_ADS: Consent(granted=True, at=NOON, seq=2),
    }


def test_profile_saved_later_keeps_its_consents(stores: tuple[Any, Consents]) -> None:
    contacts, consents = stores
    outdated = contacts.get(C1)
    consents.append(C1, [a_change()], now=NOON)

    assert contacts.save(Contact(contact_id=C1, locale="en"), replacing=outdated)

    assert contacts.get(C1).contact.consents[SMS_ADS].granted
    assert contacts.get(C1).consent_seq == 1


def test_nobody_has_no_evidence(stores: tuple[Any, Consents]) -> None:
    _, consents = stores

    with pytest.raises(NotFound):
        consents.append(C2, [a_change()], now=NOON)

    assert consents.history(C2) == ()


def test_decision_of_nothing_appends_nothing(stores: tuple[Any, Consents]) -> None:
    _, consents = stores

    assert consents.append_decided(C1, lambda _: [], now=NOON) == ()

    assert consents.history(C1) == ()


def test_decision_is_taken_on_the_newest_facts(stores: tuple[Any, Consents]) -> None:
    _, consents = stores
    consents.append(C1, [a_change()], now=NOON)

    def withdraw_what_is_granted(contact: Contact) -> Sequence[ConsentChange]:
        return [
            a_change(WITHDRAW, key=key) for key, each in contact.consents.items() if each.granted
        ]

    first = consents.append_decided(C1, withdraw_what_is_granted, now=NOON)
    again = consents.append_decided(C1, withdraw_what_is_granted, now=NOON)

    assert [each.action for each in first] == [WITHDRAW]
    assert again == ()


def a_contact_in_the_tables() -> ConsentStore:
    ContactStore().save(Contact(contact_id=C1), replacing=None)
    return ConsentStore()


@pytest.mark.parametrize("earlier", [0, 1, 2])
def test_of_two_that_append_at_once_the_later_follows_the_earlier(earlier: int) -> None:
    store = a_contact_in_the_tables()
    for _ in range(earlier):
        store.append(C1, [a_change()], now=NOON)
    asked: list[bool] = []

    def decide(contact: Contact) -> Sequence[ConsentChange]:
        asked.append(SMS_NIGHT_ADS in contact.consents)
        if len(asked) == 1:
            store.append(C1, [a_change(key=SMS_NIGHT_ADS)], now=NOON)
        return [a_change(WITHDRAW, minutes=1)]

    (record,) = store.append_decided(C1, decide, now=NOON)

    assert asked == [False, True]
    assert record.seq == earlier + 2
    history = store.history(C1)
    assert chain_breaks(history) == ()
    assert [each.key for each in history[earlier:]] == [SMS_NIGHT_ADS, SMS_ADS]


def test_many_threads_make_one_chain(one_request_at_a_time: None) -> None:
    store = a_contact_in_the_tables()

    def append(minutes: int) -> int:
        while True:
            try:
                (record,) = store.append(C1, [a_change(minutes=minutes)], now=NOON)
            except Conflict:
                continue
            return record.seq

    with ThreadPoolExecutor(3) as pool:
        seqs = list(pool.map(append, range(12)))

    assert sorted(seqs) == list(range(1, 13))
    assert chain_breaks(store.history(C1)) == ()
    profile = ContactStore().get(C1)
    assert profile is not None
    assert profile.consent_head == store.history(C1)[-1].digest


def test_rivals_who_keep_winning_are_a_conflict() -> None:
    store = a_contact_in_the_tables()

    def decide(_: Contact) -> Sequence[ConsentChange]:
        store.append(C1, [a_change(key=SMS_NIGHT_ADS)], now=NOON)
        return [a_change()]

    with pytest.raises(Conflict) as refused:
        store.append_decided(C1, decide, now=NOON)

    assert refused.value.code == "busy"
    assert all(each.key == SMS_NIGHT_ADS for each in store.history(C1))


def test_evidence_and_consent_are_written_together_or_not_at_all() -> None:
    store = a_contact_in_the_tables()
    ConsentItem(
        C1,
        1,
        key=str(SMS_ADS),
        action="grant",
        at=NOON,
        source="",
        actor="",
        text_version="",
        previous="",
        subject="",
        recorded=NOON,
        text_hash="",
        ip="",
        ip_hash="",
        basis="explicit",
        goods="",
    ).save()

    with pytest.raises(Conflict):
        store.append(C1, [a_change()], now=NOON)

    profile = ContactStore().get(C1)
    assert profile is not None
    assert profile.contact.consents == {}
    assert profile.consent_seq == 0


def test_contact_that_goes_meanwhile_is_not_brought_back() -> None:
    store = a_contact_in_the_tables()

    def decide(_: Contact) -> Sequence[ConsentChange]:
        ContactItem(C1, "PROFILE").delete()
        return [a_change()]

    with pytest.raises(NotFound):
        store.append_decided(C1, decide, now=NOON)

    assert store.history(C1) == ()


def test_row_that_was_changed_by_hand_shows() -> None:
    store = a_contact_in_the_tables()
    for minutes in range(3):
        store.append(C1, [a_change(minutes=minutes)], now=NOON)

    ConsentItem(C1, 2).update(actions=[ConsentItem.action.set("withdraw")])

    assert chain_breaks(store.history(C1)) == (3,)


def a_life(*actions: ConsentAction, day: int = 1) -> list[str]:
    """Somebody who comes, agrees and withdraws, and whose profile then goes; their evidence."""
    contacts, consents = ContactStore(), ConsentStore()
    if contacts.get(C1) is None:
        contacts.save(Contact(contact_id=C1), replacing=None)
    for minute, action in enumerate(actions):
        consents.append(C1, [a_change(action, minutes=minute)], now=NOON + timedelta(days=day))
    digests = [record.digest for record in consents.history(C1)]
    profile = contacts.get(C1)
    assert profile is not None
    contacts.erase_profile(profile)
    return digests


def test_who_was_erased_twice_keeps_the_evidence_of_both_times() -> None:
    store = ConsentStore()
    first = a_life(GRANT, WITHDRAW, GRANT)
    subject = store.history(C1)[0].subject
    assert store.pseudonymise(C1) == 3

    second = a_life(GRANT, WITHDRAW, day=2)
    assert store.pseudonymise(C1) == 2
    third = a_life(GRANT, day=3)
    assert store.pseudonymise(C1) == 1

    kept = store.history_of_erased(subject)
    assert [record.digest for record in kept] == [*first, *second, *third]
    assert store.history(C1) == ()
    for chain in (kept[:3], kept[3:5], kept[5:]):
        assert chain_breaks(chain) == ()


@pytest.mark.parametrize("dies_after", range(1, 7))
def test_pseudonymising_that_died_midway_is_made_good_in_the_same_chain(
    dies_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ConsentStore()
    first = a_life(GRANT, WITHDRAW)
    store.pseudonymise(C1)
    second = a_life(GRANT, WITHDRAW, GRANT, day=2)
    subject = store.history(C1)[0].subject
    with monkeypatch.context() as patched:
        DyingAfter(dies_after).patch(patched)
        with pytest.raises(TimeoutError):
            store.pseudonymise(C1)

    store.pseudonymise(C1)

    kept = [record.digest for record in store.history_of_erased(subject)]
    assert kept == [*first, *second]
    assert store.history(C1) == ()


class DyingAfter:
    """A table that answers some writes and then none."""

    def __init__(self, writes: int) -> None:
        self.left = writes

    def patch(self, patched: pytest.MonkeyPatch) -> None:
        for name in ("save", "delete"):
            patched.setattr(ConsentItem, name, self._counted(getattr(ConsentItem, name)))

    def _counted(self, write: Any) -> Any:
        def counted(item: ConsentItem) -> object:
            done = write(item)
            self.left -= 1
            if not self.left:
                raise TimeoutError
            return done

        return counted
