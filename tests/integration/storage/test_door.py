"""What the door looks at of people, read past PynamoDB: the same as their profiles say."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from functions.contracts.errors import Unavailable
from functions.contracts.profile_values import consents_to_json
from functions.domain.case import PersonFacts
from functions.domain.consent import Basis, Consent
from functions.domain.contact import Contact
from functions.domain.ids import ContactId
from functions.domain.reason import SuppressionReason
from functions.runtime import quick_json
from functions.storage import wire
from functions.storage.contacts import ContactItem, ContactStore
from functions.storage.door import DoorStore
from tests.builders import NOON, SMS_ADS, SMS_NIGHT_ADS, a_consent, a_contact, a_mark

C1 = ContactId("c1")


def test_sees_what_the_profile_says() -> None:
    store = DoorStore()
    everything = replace(a_contact(1), zone="America/New_York", groups=frozenset({"vip"}))
    store.save(everything, replacing=None)
    store.save(Contact(contact_id=ContactId("c2")), replacing=None)
    known = store.get(C1)
    assert known is not None
    hashed = known.contact.phone_hash
    assert hashed is not None
    store.add_marks(C1, hashed, [a_mark(SuppressionReason.OPT_OUT_CALL), a_mark(until=NOON)])
    traded = Consent(
        granted=True, at=NOON, seq=3, basis=Basis.TRANSACTION, trades={"shoes": NOON}, imported=True
    )
    consents = {SMS_ADS: replace(a_consent(), confirmed=NOON), SMS_NIGHT_ADS: traded}
    ContactItem("c1", "PROFILE").update(
        actions=[ContactItem.consents.set(consents_to_json(consents))]
    )

    found = store.at_the_door([C1, ContactId("c2"), ContactId("nobody"), C1])

    assert found == {
        each: PersonFacts.of(contact)
        for each, contact in ContactStore().get_many(list(found)).items()
    }
    assert set(found) == {C1, ContactId("c2")}
    assert found[C1].consents == consents
    assert len(found[C1].marks) == 2


def test_many_people_take_more_than_one_request(requests_made: Callable[[], list[str]]) -> None:
    ids = [ContactId(f"c{number}") for number in range(1, 205)]
    with ContactItem.batch_write() as write:
        for each in ids:
            write.save(ContactItem(each, "PROFILE", v=1))
    requests_made()

    assert set(DoorStore().at_the_door(ids)) == set(ids)

    assert requests_made() == ["BatchGetItem"] * 3
    assert DoorStore().at_the_door([]) == {}


class Slow:
    """Answers one key of those asked for a time, or none."""

    def __init__(self, *, answers: int) -> None:
        self.answers = answers

    def ask(self, _: str, arguments: Any, read: Callable[[bytes], Any]) -> Any:
        ((table, asked),) = arguments["RequestItems"].items()
        now, later = asked["Keys"][: self.answers], asked["Keys"][self.answers :]
        left = {table: {**asked, "Keys": later}} if later else {}
        return read(quick_json.write({"Responses": {table: now}, "UnprocessedKeys": left}))


def test_asks_again_for_what_was_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "table_calls", lambda: Slow(answers=1))

    found = DoorStore().at_the_door([ContactId(f"c{number}") for number in range(5)])

    assert set(found) == {f"c{number}" for number in range(5)}


def test_gives_up_when_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "table_calls", lambda: Slow(answers=0))

    with pytest.raises(Unavailable):
        DoorStore().at_the_door([C1])
