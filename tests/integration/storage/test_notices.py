"""The due list: written with the evidence, found by state and day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from functions.domain.consent import ConsentAction, ConsentKey
from functions.domain.contact import Contact
from functions.domain.ids import ContactId, SenderId, TemplateId
from functions.domain.notice import Notice, NoticeKind, NoticeState, Slot, shard_of
from functions.domain.notice_settings import NoticeRoute, NoticeSettings
from functions.domain.writing import ConsentChange
from functions.storage.base import connection
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
from functions.storage.notices import NoticeStore
from tests.builders import NOON, SMS_ADS, SMS_NIGHT_ADS
from tests.fakes.notices import FakeNotices, LedgerWithNotices
from tests.fakes.people import FakeProfiles

C1 = ContactId("c1")
GRANT, WITHDRAW = ConsentAction.GRANT, ConsentAction.WITHDRAW
DAY = date(2026, 12, 4)
CONFIRM_DAY = date(2028, 11, 20)


class Stores:
    """People, their evidence and their notices."""

    def __init__(self, contacts: Any, consents: Any, notices: Any) -> None:
        self.contacts, self.consents, self.notices = contacts, consents, notices

    def says(
        self,
        action: ConsentAction = GRANT,
        *,
        key: ConsentKey = SMS_ADS,
        contact_id: ContactId = C1,
        minutes: int = 0,
    ) -> None:
        at = NOON + timedelta(minutes=minutes)
        self.consents.append(contact_id, [a_change(action, key=key, at=at)], now=at)

    def one(self, kind: NoticeKind) -> Notice:
        (notice,) = [each for each in self.notices.of(C1) if each.kind is kind]
        return notice

    def listed(self, state: NoticeState, day: date = DAY) -> list[Notice]:
        slot = Slot(state=state, day=day, shard=shard_of(C1))
        return list(self.notices.in_slot(slot, limit=10, position=None).items)


def a_change(action: ConsentAction, *, key: ConsentKey, at: datetime) -> ConsentChange:
    return ConsentChange(
        key=key, action=action, at=at, source="api", actor="key_1", text_version=""
    )


def fakes() -> Stores:
    profiles, notices = FakeProfiles(), FakeNotices()
    return Stores(profiles, LedgerWithNotices(profiles=profiles, notices=notices), notices)


def real() -> Stores:
    return Stores(ContactStore(), ConsentStore(), NoticeStore())


@pytest.fixture(params=[fakes, real], ids=["fake", "real"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """The stores, and in them one contact."""
    made: Stores = request.param()
    made.contacts.save(Contact(contact_id=C1), replacing=None)
    return made


def test_a_consent_puts_its_notices_on_the_list(stores: Stores) -> None:
    stores.says()

    (result,) = stores.listed(NoticeState.DUE)
    (confirm,) = stores.listed(NoticeState.DUE, CONFIRM_DAY)
    assert (result.kind, result.contact_id, result.key) == (NoticeKind.RESULT, C1, SMS_ADS)
    assert (result.action, result.said, result.due, result.seq) == (GRANT, NOON, DAY, 1)
    assert (confirm.kind, confirm.due) == (NoticeKind.CONFIRM, CONFIRM_DAY)


def test_a_withdrawal_takes_the_confirmation_off(stores: Stores) -> None:
    stores.says()

    stores.says(WITHDRAW, minutes=5)

    assert stores.listed(NoticeState.DUE, CONFIRM_DAY) == []
    assert sorted(each.action for each in stores.listed(NoticeState.DUE)) == [GRANT, WITHDRAW]


def test_a_notice_is_asked_for_by_one(stores: Stores) -> None:
    stores.says()
    notice = stores.one(NoticeKind.RESULT)

    assert stores.notices.ask(notice, "ntc_1")
    assert not stores.notices.ask(notice, "ntc_2")

    asked = stores.one(NoticeKind.RESULT)
    assert asked.request_id == "ntc_1"
    assert stores.notices.release(asked)
    assert stores.one(NoticeKind.RESULT).request_id is None


def test_what_is_sent_leaves_the_due_list_with_its_proof(stores: Stores) -> None:
    stores.says()
    stores.notices.ask(stores.one(NoticeKind.RESULT), "ntc_1")

    assert stores.notices.mark_sent(stores.one(NoticeKind.RESULT), "m-1-00", at=NOON)

    assert stores.listed(NoticeState.DUE) == []
    (sent,) = stores.listed(NoticeState.SENT)
    assert (sent.message_id, sent.sent, sent.state) == ("m-1-00", NOON, NoticeState.SENT)


def test_marks_of_another_request_change_nothing(stores: Stores) -> None:
    stores.says()
    outdated = stores.one(NoticeKind.RESULT)
    stores.notices.ask(outdated, "ntc_1")

    assert not stores.notices.mark_sent(outdated, "m-1-00", at=NOON)
    assert not stores.notices.mark_undeliverable(outdated, "no_address")
    assert not stores.notices.release(outdated)

    assert stores.one(NoticeKind.RESULT).request_id == "ntc_1"


def test_who_cannot_be_told_is_on_a_list_with_the_reason(stores: Stores) -> None:
    stores.says()

    assert stores.notices.mark_undeliverable(stores.one(NoticeKind.RESULT), "no_address")

    (notice,) = stores.listed(NoticeState.UNDELIVERABLE)
    assert (notice.reason, notice.request_id) == ("no_address", None)
    assert stores.listed(NoticeState.DUE) == []


def test_the_proof_of_a_confirmation_outlives_the_next(stores: Stores) -> None:
    stores.says()
    stores.notices.ask(stores.one(NoticeKind.CONFIRM), "ntc_1")
    stores.notices.mark_sent(stores.one(NoticeKind.CONFIRM), "m-1-00", at=NOON)

    stores.says(ConsentAction.CONFIRM, minutes=5)

    (proof,) = stores.listed(NoticeState.SENT, CONFIRM_DAY)
    assert (proof.message_id, proof.due) == ("m-1-00", CONFIRM_DAY)


def test_a_list_is_read_page_by_page_and_counted(stores: Stores) -> None:
    for minutes, key in enumerate([SMS_ADS, SMS_NIGHT_ADS, SMS_ADS]):
        stores.says(key=key, minutes=minutes)
    slot = Slot(state=NoticeState.DUE, day=DAY, shard=shard_of(C1))

    first = stores.notices.in_slot(slot, limit=2, position=None)
    second = stores.notices.in_slot(slot, limit=2, position=first.after)

    assert [each.seq for each in (*first.items, *second.items)] == [1, 2, 3]
    assert stores.notices.count(slot, NoticeKind.RESULT) == 3
    assert stores.notices.count(slot, NoticeKind.CONFIRM) == 0
    assert stores.notices.waiting_in(slot)
    assert not stores.notices.waiting_in(Slot(state=NoticeState.SENT, day=DAY, shard=0))


def test_settings_are_kept(stores: Stores) -> None:
    route = NoticeRoute(
        template_id=TemplateId("tpl_1"), template_version=2, sender_id=SenderId("snd_1")
    )
    wanted = NoticeSettings(routes={NoticeKind.CONFIRM: route}, confirm_days_before=9, how="답장")
    assert stores.notices.settings() == NoticeSettings()

    stores.notices.save_settings(wanted)

    assert stores.notices.settings() == wanted


def test_a_person_is_erased_from_the_list(stores: Stores) -> None:
    stores.says()

    assert stores.notices.erase(C1) == 2
    assert stores.notices.of(C1) == ()
    assert stores.notices.erase(C1) == 0


def test_evidence_and_notices_are_written_together_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stores = real()
    stores.contacts.save(Contact(contact_id=C1), replacing=None)

    def dying(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(type(connection()), "transact_write_items", dying)
        with pytest.raises(RuntimeError):
            stores.says()

    assert stores.notices.of(C1) == ()
    assert stores.consents.history(C1) == ()


@pytest.mark.parametrize(
    ("said", "writes"), [((GRANT,), 4), ((GRANT, WITHDRAW), 4), ((WITHDRAW,), 3)]
)
def test_notices_cost_two_rows_a_consent(
    said: tuple[ConsentAction, ...],
    writes: int,
    monkeypatch: pytest.MonkeyPatch,
    requests_made: Callable[[], list[str]],
) -> None:
    """Profile, evidence, result, and the confirmation written or dropped; one request."""
    stores, sizes = real(), list[int]()
    stores.contacts.save(Contact(contact_id=C1), replacing=None)
    write = type(connection()).transact_write_items

    def counting(self: Any, **parts: Any) -> Any:
        sizes.append(sum(len(rows or ()) for rows in parts.values() if isinstance(rows, list)))
        return write(self, **parts)

    monkeypatch.setattr(type(connection()), "transact_write_items", counting)
    for minutes, action in enumerate(said):
        requests_made()
        stores.says(action, minutes=minutes)
        assert requests_made().count("TransactWriteItems") == 1

    assert sizes[-1] == writes
